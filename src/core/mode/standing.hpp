#pragma once

#include "core/base/time.hpp"

/// In which mode a recipe stands now, as a value: what is told of it everywhere. It goes down at once and up only after
/// a rest, so that services that flap do not make it flap.
namespace holdfast::modes {

struct Standing {
  std::size_t mode = 0;   ///< index into the recipe's modes; 0: the fullest
  MonoTime since{};       ///< when it came to this mode
  MonoTime better_since{};  ///< since when something fuller could be done without a break; meaningless while it cannot
  std::size_t better_mode = 0;  ///< the fullest that could be done all that time
  bool better = false;          ///< something fuller can be done
};

struct Dwell {
  milliseconds up_after{60'000};  ///< so long something fuller has to be possible, without a break, before it is taken
};

/// The standing after a look: `possible` is the mode that the health of the moment allows.
[[nodiscard]] Standing looked(Standing standing, std::size_t possible, const Dwell& dwell, MonoTime now);

/// When a look can change something though nothing else happens; MonoTime::max(): never.
[[nodiscard]] MonoTime next_change(const Standing& standing, const Dwell& dwell);

}  // namespace holdfast::modes
