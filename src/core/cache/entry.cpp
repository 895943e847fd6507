#include "core/cache/entry.hpp"

#include <algorithm>

namespace holdfast::cache {
namespace {

std::unexpected<Error> refused(const char* what) {
  return fail(ErrorClass::invalid, "HF-REQ-02", std::string{"not to be cached: "} + what);
}

}  // namespace

Result<void> check(const CacheKey& key, const CacheEntry& entry, milliseconds ttl) {
  const std::string& name = key.text();
  const bool plain = std::ranges::all_of(name, [](char c) { return c > 0x20 && c < 0x7f; });
  if (name.empty() || name.size() > kKeyMax || !plain) return refused("the key is none");
  if (entry.value.size() > kValueMax) return refused("the value is too large");
  if (ttl <= milliseconds{0} || ttl > kTtlMax) return refused("the time is none");
  return {};
}

bool may_replace(const CacheEntry& offered, std::optional<WallTime> held_made_at, std::optional<WallTime> cleared_at) {
  if (held_made_at && offered.made_at < *held_made_at) return false;
  return !cleared_at || offered.made_at >= *cleared_at;
}

}  // namespace holdfast::cache
