#pragma once

#include <functional>

#include "app/backup/manifest.hpp"
#include "core/base/time.hpp"

namespace holdfast::backup {

struct Order {
  path data;    ///< the data folder; a server may be at work on it
  path spool;   ///< where its spool lies
  path target;  ///< where backups lie, each in a folder of its own; made where it is missing
  bool incremental = false;  ///< files that an earlier backup there has get a second name instead of a copy
  std::function<WallTime()> now{};
};

struct Created {
  path folder;
  Manifest manifest;
  std::uint64_t bytes = 0;         ///< of all files
  std::uint64_t bytes_copied = 0;  ///< those that an earlier backup did not have
};

/// Makes a backup: what is in the spool, a copy of the store as it is at one moment, and every file that the items of
/// both need, each held against the SHA-256 that was recorded when it was taken. Durable when it returns. What is
/// missing or damaged in the data folder itself is said in the manifest, and the rest is backed up. Errors: not_found
/// HF-CLI-06 (no data folder), conflict HF-BAK-04 (another backup is made there), transient HF-BAK-05 (files went
/// faster than they were copied), those of the store and of files. Crash: what was begun has another name and is no
/// backup; the next one removes it.
Result<Created> create(const Order& order);

}  // namespace holdfast::backup
