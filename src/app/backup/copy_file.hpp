#pragma once

#include "adapters/localfs/file_io.hpp"

/// Files on their way into a backup or out of it. Blocking. Errors: as localfs/file_io.hpp.
namespace holdfast::backup {

using std::filesystem::path;

/// Copies a file to a new name, and says what was copied. Not synced.
Result<localfs::Measured> copy_file(const path& from, const path& to);

Result<localfs::Measured> measure(const path& file);

/// Makes everything that was written on the file system of this folder durable.
Result<void> sync_all(const path& folder);

}  // namespace holdfast::backup
