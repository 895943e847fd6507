#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/job/policy.hpp"
#include "core/recipe/recipe.hpp"

namespace holdfast {

/// What an operator says about every stage of a kind. What is not said is as the recipe says.
struct RecoveryRule {
  std::optional<unsigned> attempts_max;         ///< the first attempt and the retries
  std::optional<unsigned> crashes_max;          ///< worker deaths at the same place
  std::optional<milliseconds> backoff_base;     ///< before the first retry, at most
  std::optional<milliseconds> backoff_ceiling;  ///< before any retry, at most
  std::optional<milliseconds> no_progress;      ///< an attempt that gets no further for so long is ended
};

/// By kind of stage.
using RecoveryRules = std::map<std::string, RecoveryRule>;

/// Every stage as its recipe says.
inline const RecoveryRules kNoRules{};

/// Both, where `over` wins.
[[nodiscard]] RecoveryRules merged(const RecoveryRules& under, const RecoveryRules& over);

/// The recipe's policy of a stage, with what the rules say instead.
[[nodiscard]] RetryPolicy policy_under(const RecoveryRules& rules, const StageConfig& stage);

/// How long an attempt may get no further. `otherwise`: where no rule says.
[[nodiscard]] milliseconds patience_under(const RecoveryRules& rules, const std::string& kind, milliseconds otherwise);

/// Errors: invalid HF-QUE-03 (a kind that is not one of `kinds`, a value out of its limits, a ceiling below its base).
Result<void> check_rules(const RecoveryRules& rules, const std::vector<std::string>& kinds);

}  // namespace holdfast
