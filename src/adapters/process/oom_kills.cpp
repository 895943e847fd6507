#include "adapters/process/oom_kills.hpp"

#include <charconv>
#include <filesystem>

#include "adapters/system/meminfo.hpp"
#include "adapters/system/small_file.hpp"

namespace holdfast::process {
namespace {

namespace fs = std::filesystem;

using system::text_of;

fs::path group_file() {
  const auto group = memory::parse_group_path(text_of("/proc/self/cgroup"));
  if (!group) return {};
  const fs::path below = fs::path{group->path}.relative_path();
  const fs::path root = "/sys/fs/cgroup";
  return group->v1 ? root / "memory" / below / "memory.oom_control" : root / below / "memory.events";
}

}  // namespace

std::uint64_t parse_oom_kills(std::string_view text) {
  constexpr std::string_view kWord = "oom_kill ";
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (!line.starts_with(kWord)) continue;
    std::uint64_t count = 0;
    std::from_chars(line.data() + kWord.size(), line.data() + line.size(), count);
    return count;
  }
  return 0;
}

std::uint64_t oom_kills() {
  static const fs::path group = group_file();
  return parse_oom_kills(text_of(group)) + parse_oom_kills(text_of("/proc/vmstat"));
}

}  // namespace holdfast::process
