#pragma once

#include <functional>
#include <memory>

#include "adapters/lru/lru_cache.hpp"
#include "adapters/redis/redis_cache.hpp"
#include "app/config/settings.hpp"
#include "app/wire_guard.hpp"
#include "guard/cache/fallback_cache.hpp"
#include "guard/cache/ttl_control.hpp"

namespace holdfast {

/// Answers that were made before, and how long new ones are kept.
struct CacheParts {
  std::unique_ptr<LruCache> memory;  ///< the cache, or what stands in for Redis
  std::unique_ptr<RedisCache> redis;               ///< none is configured
  std::unique_ptr<guard::FallbackCache> fallback;  ///< of both, where there is a Redis
  std::unique_ptr<guard::TtlControl> ttl;

  [[nodiscard]] Cache& cache() const;
  void begin(TaskGroup& group);
  void stop();
};

struct CacheWiring {
  JobStore& jobs;
  Clock& clock;
  Entropy& entropy;
  Log* log = nullptr;
  std::function<Task<void>()> ask_look{};  ///< looks at the service "redis"
};

/// Everything that is named outlives what is made. Errors: invalid HF-CFG-01, as RedisCache::open.
Result<CacheParts> wire_cache(const Settings& settings, CacheWiring parts);

/// Redis, where there is one, is a service like others from then on. It is down at the first miss, as nobody waits for
/// a second one before going elsewhere.
void watch_cache(const CacheParts& parts, Guard& guard);

}  // namespace holdfast
