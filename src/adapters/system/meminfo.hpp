#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ports/memory_gauge.hpp"

namespace holdfast::memory {

/// What a text like /proc/meminfo says (MemTotal, MemAvailable). Nothing: it does not say both.
/// Source: proc_meminfo(5).
std::optional<MemoryReading> parse_meminfo(std::string_view text);

/// Files of one memory control group, as texts; empty: not there.
struct GroupFiles {
  std::string limit;  ///< v2 memory.max, v1 memory.limit_in_bytes
  std::string usage;  ///< v2 memory.current, v1 memory.usage_in_bytes
  std::string stat;   ///< memory.stat
};
/// What a group leaves to its members: its limit less what cannot be reclaimed. Nothing: it has no limit below
/// `machine_bytes`. Source: Linux, admin-guide/cgroup-v2, "Memory Interface Files".
std::optional<MemoryReading> parse_group(const GroupFiles& files, std::uint64_t machine_bytes);

/// The group of a process in a text like /proc/self/cgroup: of v1's memory controller, else of v2.
struct GroupPath {
  bool v1 = false;
  std::string path;  ///< "/system.slice/holdfast.service"
};
std::optional<GroupPath> parse_group_path(std::string_view text);

}  // namespace holdfast::memory
