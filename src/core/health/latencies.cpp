#include "core/health/latencies.hpp"

#include <algorithm>

namespace holdfast {

void Latencies::add(milliseconds took) {
  if (kept_.size() < kKept) return kept_.push_back(took);
  kept_[next_] = took;
  next_ = (next_ + 1) % kKept;
}

milliseconds Latencies::percentile(unsigned percent) const {
  if (kept_.empty()) return milliseconds{0};
  std::vector<milliseconds> sorted = kept_;
  const std::size_t rank = std::max<std::size_t>((sorted.size() * std::clamp(percent, 1U, 100U) + 99) / 100, 1);
  const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(rank - 1);
  std::ranges::nth_element(sorted, at);
  return *at;
}

}  // namespace holdfast
