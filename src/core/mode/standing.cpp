#include "core/mode/standing.hpp"

#include <algorithm>

namespace holdfast::modes {

Standing looked(Standing standing, std::size_t possible, const Dwell& dwell, MonoTime now) {
  if (possible > standing.mode) return {.mode = possible, .since = now};
  if (possible == standing.mode) {
    standing.better = false;
    return standing;
  }
  if (!standing.better) {
    standing.better = true;
    standing.better_since = now;
    standing.better_mode = possible;
  }
  standing.better_mode = std::max(standing.better_mode, possible);
  if (now - standing.better_since < dwell.up_after) return standing;
  return {.mode = standing.better_mode, .since = now};
}

MonoTime next_change(const Standing& standing, const Dwell& dwell) {
  return standing.better ? standing.better_since + dwell.up_after : MonoTime::max();
}

}  // namespace holdfast::modes
