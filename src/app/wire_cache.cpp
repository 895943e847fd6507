#include "app/wire_cache.hpp"

namespace holdfast {
namespace {

constexpr const char* kService = "redis";

Result<RedisConfig> redis_config(const Settings::Cache& settings) {
  RedisConfig config{.password_file = settings.password_file,
                     .ca_file = settings.ca_file,
                     .prefix = settings.prefix,
                     .time_max = settings.timeout};
  HF_TRY(config.address, redis::read_address(settings.url));
  return config;
}

LruLimits lru_limits(const Settings::Cache& settings) {
  const bool stands_in = settings.backend == "redis";
  return {.entries_max = stands_in ? guard::FallbackCache::kStandInEntries : settings.entries_max,
          .bytes_max = settings.bytes_max};
}

}  // namespace

Cache& CacheParts::cache() const {
  if (fallback) return *fallback;
  return *memory;
}

void CacheParts::begin(TaskGroup& group) {
  group.spawn(ttl->run());
  if (fallback) group.spawn(fallback->run());
}

void CacheParts::stop() {
  ttl->stop();
  if (fallback) fallback->stop();
}

Result<CacheParts> wire_cache(const Settings& settings, CacheWiring parts) {
  CacheParts made;
  const cache::TtlPolicy policy{.base = settings.cache.base_ttl};
  made.memory = std::make_unique<LruCache>(lru_limits(settings.cache), parts.clock);
  made.ttl = std::make_unique<guard::TtlControl>(parts.jobs, parts.clock, policy);
  if (settings.cache.backend != "redis") return made;
  HF_TRY(RedisConfig config, redis_config(settings.cache));
  HF_TRY(made.redis, RedisCache::open(std::move(config), parts.clock));
  guard::FallbackCache::Deps deps{*made.redis, *made.memory, parts.clock, parts.entropy, parts.log,
                                  std::move(parts.ask_look)};
  made.fallback = std::make_unique<guard::FallbackCache>(std::move(deps));
  return made;
}

void watch_cache(const CacheParts& parts, Guard& guard) {
  if (!parts.fallback) return;
  guard.services().add({.name = kService, .misses_max = 1});
  guard.monitor().watch(kService, guard::Monitor::kEvery, [cache = parts.fallback.get()] { return cache->look(); });
}

}  // namespace holdfast
