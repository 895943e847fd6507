#pragma once

#include <cstdint>

#include "core/base/time.hpp"

namespace holdfast::cache {

/// How long answers are kept: longer while there is much to do, so that less is done twice (FG_8).
struct TtlPolicy {
  milliseconds base{3'600'000};
  milliseconds least{600'000};
  milliseconds most{86'400'000};
  double double_above = 0.8;  ///< load
  double halve_below = 0.3;   ///< load
  milliseconds every{60'000};
  std::uint64_t full_queue = 100;  ///< so many items that wait are a load of 1
};

struct Ttl {
  milliseconds now{};
  MonoTime judged_at{};
};

/// 0 to 1.
[[nodiscard]] double load_of(std::uint64_t queue_length, const TtlPolicy& policy);

/// What a server begins with.
[[nodiscard]] Ttl first_ttl(const TtlPolicy& policy, MonoTime now);

/// One step, at most, once `every` has gone by since the last: of the time in between nothing is known.
[[nodiscard]] Ttl next_ttl(Ttl ttl, std::uint64_t queue_length, const TtlPolicy& policy, MonoTime now);

}  // namespace holdfast::cache
