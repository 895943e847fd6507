#pragma once

#include <algorithm>

#include "core/recipe/recipe.hpp"

namespace holdfast::stages {

/// How long an attempt may take: the recipe's time, or more for a long recording if the recipe says so.
/// `duration_ms` below 0: not known.
inline milliseconds time_budget(const StageConfig& config, std::int64_t duration_ms) {
  if (config.time_budget_rtf <= 0 || duration_ms <= 0) return config.time_max;
  const double grown = config.time_budget_rtf * static_cast<double>(duration_ms);
  constexpr double kMax =
      30.0 * 86'400'000;  // no attempt runs for a month, whatever a file says of its length
  return std::max(config.time_max, milliseconds{static_cast<std::int64_t>(std::min(grown, kMax))});
}

}  // namespace holdfast::stages
