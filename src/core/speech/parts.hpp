#pragma once

#include <vector>

#include "core/speech/windows.hpp"

namespace holdfast::speech {

/// The window in parts that are each heard for at most `part_ms_max`, cut at the quietest places. Parts follow each
/// other; those without speech are left out. `part_ms_max` 0: the window itself.
std::vector<Window> parts_of(const Window& window, std::int64_t part_ms_max, const QuietestIn& quietest);

/// What lies inside `span`, cut off at its ends.
std::vector<Region> within(const std::vector<Region>& regions, const Region& span);

}  // namespace holdfast::speech
