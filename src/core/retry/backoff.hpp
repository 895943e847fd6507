#pragma once

#include <algorithm>
#include <cstdint>

#include "core/base/time.hpp"

namespace holdfast {

struct BackoffPolicy {
  milliseconds base{15'000};
  milliseconds ceiling{3'600'000};
};

/// How long to wait before the retry that follows failure number `failures_count` (1 is the first failure).
/// Full jitter: uniform in [0, min(ceiling, base * 2^(failures_count - 1))]; `dice` is one draw of 64 bits.
/// Source: AWS Architecture Blog, "Exponential Backoff And Jitter".
inline milliseconds backoff(BackoffPolicy policy, unsigned failures_count, std::uint64_t dice) {
  const unsigned doublings = std::min(failures_count > 0 ? failures_count - 1 : 0U, 20U);
  const auto cap = std::min(policy.ceiling, policy.base * (std::int64_t{1} << doublings));
  return milliseconds{static_cast<std::int64_t>(dice % (static_cast<std::uint64_t>(cap.count()) + 1))};
}

}  // namespace holdfast
