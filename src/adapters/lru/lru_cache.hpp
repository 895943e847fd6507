#pragma once

#include <memory>

#include "ports/cache.hpp"
#include "ports/clock.hpp"

namespace holdfast {

struct LruLimits {
  std::size_t entries_max = 10'000;
  std::size_t bytes_max = 64U << 20U;  ///< of keys and values
};

/// A cache in the memory of this process. When it is full, what is over goes first, then what was longest not asked
/// for. Nothing in it waits.
class LruCache final : public Cache {
 public:
  LruCache(LruLimits limits, Clock& clock);
  ~LruCache() override;

  Task<Result<std::optional<CacheEntry>>> get(CacheKey key) override;
  Task<Result<bool>> put(CacheKey key, CacheEntry entry, milliseconds ttl) override;
  Task<Result<void>> clear() override;
  Task<Result<void>> probe() override;
  [[nodiscard]] CacheStatus status() const override;

 private:
  struct Shelf;
  [[nodiscard]] std::optional<WallTime> cleared_at() const;
  void make_room();

  LruLimits limits_;
  Clock& clock_;
  std::unique_ptr<Shelf> shelf_;
  WallTime since_;
  WallTime cleared_at_{};
  MonoTime clearing_holds_until_{};
  std::uint64_t hits_ = 0;
  std::uint64_t misses_ = 0;
};

}  // namespace holdfast
