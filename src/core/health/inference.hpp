#pragma once

#include <algorithm>
#include <optional>

#include "core/base/time.hpp"

/// When a model is really asked something to know that it works, as opposed to a look at its files. Work that ends
/// well tells as much, so a model that is used is not asked; one that rests is asked seldom, since it is loaded for it.
namespace holdfast::inference {

struct Policy {
  milliseconds every{1'800'000};   ///< at most so often while all is well; 0: never, whatever happens
  milliseconds again{20'000};        ///< after the second failure in a row; doubles with each further one
  milliseconds again_max{120'000};  ///< whoever mended it does not wait longer to see it
  milliseconds answer_max{60'000};  ///< until the answer has to be there
  bool unused_too = true;  ///< false: one that nobody has used yet is left alone, so that it is not loaded for nothing
};

/// What is known of whether a model works.
struct Standing {
  std::optional<MonoTime> worked_at{};  ///< nothing: never seen to
  unsigned failures = 0;                ///< in a row since then
  MonoTime failed_at{};
};

[[nodiscard]] inline Standing worked(MonoTime now) { return {.worked_at = now}; }
[[nodiscard]] inline Standing failed(Standing standing, MonoTime now) {
  standing.failures += 1;
  standing.failed_at = now;
  return standing;
}

/// How long it is left alone after its last failure.
[[nodiscard]] inline milliseconds pause(const Standing& standing, const Policy& policy) {
  if (standing.failures < 2) return milliseconds{0};
  const unsigned doublings = std::min(standing.failures - 2, 20U);
  return std::min(policy.again_max, policy.again * (std::int64_t{1} << doublings));
}

/// At the start (`unused_too`), at the next look after a failure, after pauses that grow while it goes on failing, and
/// every so often.
[[nodiscard]] inline bool is_due(const Standing& standing, const Policy& policy, MonoTime now) {
  if (policy.every <= milliseconds{0}) return false;
  if (standing.failures > 0) return now >= standing.failed_at + pause(standing, policy);
  if (!standing.worked_at) return policy.unused_too;
  return now >= *standing.worked_at + policy.every;
}

}  // namespace holdfast::inference
