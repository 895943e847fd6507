#pragma once

#include "app/backup/manifest.hpp"

namespace holdfast::backup {

/// Makes a data folder of a backup, at a place where nothing is: each file is held against the manifest as it is
/// copied, and the folder gets its name when all of it is there and durable. Returns the manifest. Errors: conflict
/// HF-BAK-03 (something is there), corrupt HF-BAK-02 (a file is missing or damaged: it is named), conflict HF-BAK-04
/// (another restoration goes on there), as read_manifest and of files. Crash: what was begun is called
/// "NAME.restoring" and is begun anew the next time.
Result<Manifest> restore(const path& backup, const path& into);

}  // namespace holdfast::backup
