#pragma once

#include "app/backup/manifest.hpp"

namespace holdfast::backup {

/// What of a backup is not as it was written; none: all of it is.
struct Finding {
  std::string name;  ///< of the file
  std::string what;
};

/// Reads every file of a backup and holds it against its manifest. Errors: as read_manifest.
Result<std::vector<Finding>> verify(const path& backup);

}  // namespace holdfast::backup
