#pragma once

#include <cstddef>
#include <vector>

#include "core/base/time.hpp"

namespace holdfast {

/// How long the last answers took: a window of kKept of them, from which percentiles are read.
class Latencies {
 public:
  static constexpr std::size_t kKept = 256;

  void add(milliseconds took);
  [[nodiscard]] std::size_t count() const noexcept { return kept_.size(); }
  /// The time that `percent` (1..100) of the kept answers did not exceed (nearest rank); 0 if there is none.
  [[nodiscard]] milliseconds percentile(unsigned percent) const;

 private:
  std::vector<milliseconds> kept_;
  std::size_t next_ = 0;  ///< the oldest, once the window is full
};

}  // namespace holdfast
