#pragma once

#include <algorithm>
#include <deque>
#include <utility>

#include "core/base/time.hpp"

namespace holdfast::sim {

/// What a count was during the last minute.
class Recent {
 public:
  void set(unsigned count, MonoTime now) {
    if (!past_.empty() && past_.back().second == count) return;
    past_.emplace_back(now, count);
    while (past_.size() > 1 && past_[1].first < now - kKept) past_.pop_front();
  }
  [[nodiscard]] unsigned now() const { return past_.empty() ? 0 : past_.back().second; }
  /// The least and the most that it was since then.
  [[nodiscard]] std::pair<unsigned, unsigned> range(MonoTime since) const {
    unsigned least = now();
    unsigned most = now();
    for (std::size_t i = past_.size(); i-- > 0;) {
      least = std::min(least, past_[i].second);
      most = std::max(most, past_[i].second);
      if (past_[i].first <= since) return {least, most};
    }
    return {0, most};  // before the first change there was nothing
  }

 private:
  static constexpr milliseconds kKept{60'000};
  std::deque<std::pair<MonoTime, unsigned>> past_;
};

}  // namespace holdfast::sim
