#include "core/account/attempts.hpp"

#include <algorithm>

namespace holdfast::account {
namespace {

milliseconds wait_after(unsigned failures, const AttemptPolicy& policy) {
  if (failures <= policy.free) return milliseconds{0};
  const unsigned doublings = std::min(failures - policy.free - 1, 20U);
  return std::min(policy.first_wait * (1U << doublings), policy.wait_max);
}

/// Also when the calendar was set back: a block never lasts longer than the longest wait.
milliseconds rest_of(const Attempts& before, const AttemptPolicy& policy, WallTime now) {
  return std::clamp(before.blocked_until - now, milliseconds{0}, policy.wait_max);
}

}  // namespace

Admission admit(const Attempts& before, const AttemptPolicy& policy, WallTime now) {
  if (const milliseconds rest = rest_of(before, policy, now); rest > milliseconds{0}) {
    Attempts same = before;
    same.blocked_until = now + rest;
    return {.after = same, .wait = rest};
  }
  const bool forgotten = now - before.last_at >= policy.forget_after;
  const unsigned failures = (forgotten ? 0 : before.failures) + 1;
  return {.after = {.failures = failures, .last_at = now, .blocked_until = now + wait_after(failures, policy)}};
}

Attempts succeeded() { return {}; }

Attempts refunded(Attempts before) {
  if (before.failures > 0) --before.failures;
  before.blocked_until = {};
  return before;
}

}  // namespace holdfast::account
