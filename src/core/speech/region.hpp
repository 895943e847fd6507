#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace holdfast::speech {

/// A stretch [start_ms, end_ms) of the recording.
struct Region {
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;
  bool operator==(const Region&) const = default;
};

inline std::int64_t length_ms(const Region& region) { return region.end_ms - region.start_ms; }

/// Milliseconds that two stretches share.
inline std::int64_t overlap_ms(const Region& one, const Region& other) {
  return std::max<std::int64_t>(0,
                                std::min(one.end_ms, other.end_ms) - std::max(one.start_ms, other.start_ms));
}

inline std::int64_t total_ms(const std::vector<Region>& regions) {
  std::int64_t sum = 0;
  for (const Region& region : regions) sum += length_ms(region);
  return sum;
}

}  // namespace holdfast::speech
