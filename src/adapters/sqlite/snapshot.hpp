#pragma once

#include <cstdint>
#include <string>

#include "core/base/result.hpp"

namespace holdfast {

/// Which state of a store a copy is of.
struct SnapshotPoint {
  std::uint64_t last_event = 0;  ///< number of the newest line of the trail; 0: none
  std::uint64_t items = 0;
  unsigned schema = 0;
};

/// Copies the store at `from`, as it is at one moment, into a new file at `to`. Whoever serves the store goes on
/// writing meanwhile; nothing waits. The copy is not synced. Errors: as open_sqlite_stores; what lies at `to` then is
/// no store.
Result<SnapshotPoint> copy_sqlite_store(const std::string& from, const std::string& to);

}  // namespace holdfast
