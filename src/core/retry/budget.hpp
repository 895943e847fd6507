#pragma once

#include <algorithm>
#include <cstdint>

namespace holdfast {

/// How much of a service's work may be repetition, so that one that is sick is not stormed by everything that
/// failed there. Source: Envoy, `retry_budget` of a cluster's circuit breakers (20 % of active requests, at
/// least 3).
struct RetryBudget {
  unsigned percent = 20;
  unsigned least = 3;
};

/// How many repetitions may be under way while `calls` calls are, repetitions included.
[[nodiscard]] constexpr unsigned retries_max(RetryBudget budget, unsigned calls) {
  return std::max(budget.least, static_cast<unsigned>(std::uint64_t{calls} * budget.percent / 100));
}

/// May one more repetition begin?
[[nodiscard]] constexpr bool may_retry(RetryBudget budget, unsigned calls, unsigned retries) {
  return retries < retries_max(budget, calls);
}

}  // namespace holdfast
