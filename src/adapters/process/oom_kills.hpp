#pragma once

#include <cstdint>
#include <string_view>

namespace holdfast::process {

/// The number after `oom_kill` in a text like a control group's memory.events or memory.oom_control, or /proc/vmstat;
/// 0: it does not say. Source: Linux, admin-guide/cgroup-v2, "memory.events".
[[nodiscard]] std::uint64_t parse_oom_kills(std::string_view text);

/// How many processes the kernel has ended for memory, in our own control group and on the machine together: a number
/// that has grown says that there was one. Reads two small files of the kernel.
[[nodiscard]] std::uint64_t oom_kills();

}  // namespace holdfast::process
