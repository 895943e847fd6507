#include "core/cache/ttl.hpp"

#include <algorithm>

namespace holdfast::cache {

double load_of(std::uint64_t queue_length, const TtlPolicy& policy) {
  return std::min(1.0, static_cast<double>(queue_length) / static_cast<double>(policy.full_queue));
}

Ttl first_ttl(const TtlPolicy& policy, MonoTime now) {
  return {.now = std::clamp(policy.base, policy.least, policy.most), .judged_at = now};
}

Ttl next_ttl(Ttl ttl, std::uint64_t queue_length, const TtlPolicy& policy, MonoTime now) {
  if (now - ttl.judged_at < policy.every) return ttl;
  const double load = load_of(queue_length, policy);
  if (load > policy.double_above) ttl.now *= 2;
  if (load < policy.halve_below) ttl.now /= 2;
  ttl.now = std::clamp(ttl.now, policy.least, policy.most);
  ttl.judged_at = now;
  return ttl;
}

}  // namespace holdfast::cache
