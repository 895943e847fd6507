#pragma once

#include <span>
#include <string_view>

/// What the program says by its exit code. Stable: scripts depend on it.
namespace holdfast::cli {

enum class Exit : int {
  done = 0,
  failed = 1,
  usage = 2,
  items_failed = 3,
  waited = 4,
  no_data = 10,
  in_use = 11,
  not_allowed = 12,
  unreachable = 13,
  refused_for_now = 14,
  damage = 15,
  configuration = 16,
  migration = 17,
  interrupted = 130,
  terminated = 143,
};

struct ExitMeaning {
  Exit code = Exit::done;
  std::string_view sentence;
};

[[nodiscard]] std::span<const ExitMeaning> exit_meanings();
[[nodiscard]] constexpr int to_int(Exit code) { return static_cast<int>(code); }

}  // namespace holdfast::cli
