#pragma once

#include <vector>

#include "app/backup/manifest.hpp"
#include "ports/blob_store.hpp"

namespace holdfast::backup {

/// The files that the items of a store and of a spool need, by name. Both are copies that nobody else has open: what
/// SQLite puts beside the store for reading is gone afterwards, and a record that was cut short is cut off. Errors: as
/// open_sqlite_stores and Spool::load.
Result<std::vector<BlobInfo>> needed_files(const path& store, const path& spool);

}  // namespace holdfast::backup
