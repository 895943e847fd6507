#include "core/recovery/rules.hpp"

#include <algorithm>

namespace holdfast {
namespace {

constexpr unsigned kTriesMost = 100;
constexpr milliseconds kBackoffMost = std::chrono::days{7};
constexpr milliseconds kPatienceLeast = std::chrono::seconds{1};
constexpr milliseconds kPatienceMost = std::chrono::days{30};

template <class T>
void put(std::optional<T>& under, const std::optional<T>& over) {
  if (over) under = over;
}

std::unexpected<Error> refuse(const std::string& kind, const std::string& why) {
  return fail(ErrorClass::invalid, "HF-QUE-03", kind + ": " + why);
}

bool is_within(const std::optional<unsigned>& count) { return !count || (*count >= 1 && *count <= kTriesMost); }

bool is_within(const std::optional<milliseconds>& time, milliseconds least, milliseconds most) {
  return !time || (*time >= least && *time <= most);
}

Result<void> check_rule(const std::string& kind, const RecoveryRule& rule) {
  if (!is_within(rule.attempts_max)) return refuse(kind, "attempts_max is a number from 1 to 100");
  if (!is_within(rule.crashes_max)) return refuse(kind, "crashes_max is a number from 1 to 100");
  if (!is_within(rule.backoff_base, milliseconds{1}, kBackoffMost)) return refuse(kind, "backoff_base is 1 ms to 7 d");
  if (!is_within(rule.backoff_ceiling, milliseconds{1}, kBackoffMost))
    return refuse(kind, "backoff_ceiling is 1 ms to 7 d");
  if (!is_within(rule.no_progress, kPatienceLeast, kPatienceMost)) return refuse(kind, "no_progress is 1 s to 30 d");
  const bool crossed = rule.backoff_base && rule.backoff_ceiling && *rule.backoff_ceiling < *rule.backoff_base;
  if (crossed) return refuse(kind, "backoff_ceiling is shorter than backoff_base");
  return {};
}

}  // namespace

RecoveryRules merged(const RecoveryRules& under, const RecoveryRules& over) {
  RecoveryRules out = under;
  for (const auto& [kind, rule] : over) {
    RecoveryRule& into = out[kind];
    put(into.attempts_max, rule.attempts_max);
    put(into.crashes_max, rule.crashes_max);
    put(into.backoff_base, rule.backoff_base);
    put(into.backoff_ceiling, rule.backoff_ceiling);
    put(into.no_progress, rule.no_progress);
  }
  return out;
}

RetryPolicy policy_under(const RecoveryRules& rules, const StageConfig& stage) {
  RetryPolicy policy = stage.retry;
  const auto found = rules.find(stage.kind);
  if (found == rules.end()) return policy;
  const RecoveryRule& rule = found->second;
  policy.attempts_max = rule.attempts_max.value_or(policy.attempts_max);
  policy.crashes_max = rule.crashes_max.value_or(policy.crashes_max);
  policy.backoff.base = rule.backoff_base.value_or(policy.backoff.base);
  policy.backoff.ceiling = rule.backoff_ceiling.value_or(policy.backoff.ceiling);
  // Only one of both may have been said: the wait that was asked for by name is kept.
  if (rule.backoff_ceiling) policy.backoff.base = std::min(policy.backoff.base, policy.backoff.ceiling);
  policy.backoff.ceiling = std::max(policy.backoff.base, policy.backoff.ceiling);
  return policy;
}

milliseconds patience_under(const RecoveryRules& rules, const std::string& kind, milliseconds otherwise) {
  const auto found = rules.find(kind);
  return found == rules.end() ? otherwise : found->second.no_progress.value_or(otherwise);
}

Result<void> check_rules(const RecoveryRules& rules, const std::vector<std::string>& kinds) {
  for (const auto& [kind, rule] : rules) {
    if (std::ranges::find(kinds, kind) == kinds.end()) return refuse(kind, "there is no stage of that kind");
    HF_TRY_VOID(check_rule(kind, rule));
  }
  return {};
}

}  // namespace holdfast
