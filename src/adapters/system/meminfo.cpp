#include "adapters/system/meminfo.hpp"

#include <algorithm>
#include <charconv>

namespace holdfast::memory {
namespace {

/// Calls `fn` with each line.
template <class Fn>
void each_line(std::string_view text, Fn fn) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    fn(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

std::optional<std::uint64_t> number(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  std::uint64_t value = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), value);
  return bad == std::errc{} ? std::optional{value} : std::nullopt;
}

/// The number behind a label at the beginning of a line.
std::optional<std::uint64_t> labelled(std::string_view text, std::string_view label) {
  std::optional<std::uint64_t> found;
  each_line(text, [&](std::string_view line) {
    if (!found && line.starts_with(label)) found = number(line.substr(label.size()));
  });
  return found;
}

}  // namespace

std::optional<MemoryReading> parse_meminfo(std::string_view text) {
  constexpr std::uint64_t kKib = 1024;
  const auto total = labelled(text, "MemTotal:");
  const auto available = labelled(text, "MemAvailable:");
  if (!total || *total == 0 || !available) return std::nullopt;
  return MemoryReading{.source = "system",
                       .total_bytes = *total * kKib,
                       .available_bytes = std::min(*available, *total) * kKib};
}

std::optional<MemoryReading> parse_group(const GroupFiles& files, std::uint64_t machine_bytes) {
  const auto limit = number(files.limit);  // "max" is no number: no limit
  const auto usage = number(files.usage);
  if (!limit || *limit == 0 || *limit >= machine_bytes || !usage) return std::nullopt;
  const bool v1 = labelled(files.stat, "total_inactive_file ").has_value();
  std::uint64_t reclaimable = 0;
  for (const char* list : {"inactive_file ", "active_file ", "slab_reclaimable "})
    reclaimable += labelled(files.stat, v1 ? "total_" + std::string{list} : std::string{list}).value_or(0);
  const std::uint64_t held = *usage - std::min(*usage, reclaimable);
  return MemoryReading{
      .source = "cgroup", .total_bytes = *limit, .available_bytes = *limit - std::min(*limit, held)};
}

std::optional<GroupPath> parse_group_path(std::string_view text) {
  std::optional<GroupPath> found;
  each_line(text, [&](std::string_view line) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) return;
    const auto controllers = "," + std::string{line.substr(first + 1, second - first - 1)} + ",";
    const bool v1 = controllers.find(",memory,") != std::string::npos;
    const bool v2 = line.starts_with("0::");
    if (v1 || (v2 && !found)) found = GroupPath{.v1 = v1, .path = std::string{line.substr(second + 1)}};
  });
  return found;
}

}  // namespace holdfast::memory
