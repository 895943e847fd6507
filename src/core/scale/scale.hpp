#pragma once

#include <cstdint>
#include <optional>

#include "core/base/time.hpp"

/// How many workers of a pool are at work now that much may be waiting, as a value. One more at a time, as long as many
/// wait and there is memory for it; one fewer at a time, after few have waited for a while without a break; the least
/// at once where memory is short. So a queue that swings around a mark does not start and end a worker at each swing.
namespace holdfast::scale {

struct Policy {
  unsigned least = 1;
  unsigned most = 1;
  std::uint64_t more_above = 100;   ///< items that wait (FG_10)
  std::uint64_t less_below = 50;    ///< of them
  milliseconds more_every{10'000};  ///< between two steps up: the one before has to show what it brings
  milliseconds less_after{60'000};  ///< so long few have to wait before each step down
};

struct Scale {
  unsigned workers = 1;
  MonoTime changed_at{};                 ///< meaningless while `workers` was never changed
  std::optional<MonoTime> few_since{};   ///< nothing: many wait, or nobody knows
};

/// What is to be known of the moment.
struct Moment {
  std::optional<std::uint64_t> waiting{};  ///< nothing: the store did not say
  bool has_room = true;                    ///< memory for one more is there
  bool memory_short = false;               ///< new work is held back for want of memory
};

[[nodiscard]] Scale looked(Scale scale, const Moment& moment, const Policy& policy, MonoTime now);

}  // namespace holdfast::scale
