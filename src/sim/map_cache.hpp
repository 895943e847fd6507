#pragma once

#include <map>
#include <utility>

#include "ports/cache.hpp"
#include "ports/clock.hpp"

namespace holdfast::sim {

/// What Cache promises on a plain map, without limits of its own. It can be away, or hang until somebody loses
/// patience. For the simulator and for every test that wants a Cache.
class MapCache final : public Cache {
 public:
  explicit MapCache(Clock& clock, std::string backend = "memory") : clock_{clock}, backend_{std::move(backend)} {}

  Task<Result<std::optional<CacheEntry>>> get(CacheKey key) override {
    HF_CO_TRY_VOID(co_await arrive());
    const Held* held = find(key);
    ++(held != nullptr ? hits : misses);
    co_return held != nullptr ? std::optional{held->entry} : std::nullopt;
  }
  Task<Result<bool>> put(CacheKey key, CacheEntry entry, milliseconds ttl) override {
    HF_CO_TRY_VOID(cache::check(key, entry, ttl));
    HF_CO_TRY_VOID(co_await arrive());
    const Held* held = find(key);
    const auto made_at = held != nullptr ? std::optional{held->entry.made_at} : std::nullopt;
    if (!cache::may_replace(entry, made_at, cleared_at)) co_return false;
    entries.insert_or_assign(key, Held{.entry = std::move(entry), .until = clock_.mono_now() + ttl});
    co_return true;
  }
  Task<Result<void>> clear() override {
    HF_CO_TRY_VOID(co_await arrive());
    entries.clear();
    cleared_at = clock_.wall_now();
    co_return Result<void>{};
  }
  Task<Result<void>> probe() override {
    probes += 1;
    return arrive();
  }
  [[nodiscard]] CacheStatus status() const override {
    return {.backend = backend_, .entries = entries.size(), .bytes = std::nullopt, .hits = hits, .misses = misses};
  }

  struct Held {
    CacheEntry entry;
    MonoTime until{};
  };
  std::map<CacheKey, Held> entries;
  std::optional<WallTime> cleared_at;
  std::optional<Error> error{};     ///< of every call
  milliseconds takes{0};            ///< each call, before it works or fails
  int calls = 0;
  int probes = 0;
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;

 private:
  Task<Result<void>> arrive() {
    calls += 1;
    if (takes > milliseconds{0}) HF_CO_TRY_VOID(co_await clock_.sleep_until(clock_.mono_now() + takes));
    if (error) co_return std::unexpected{*error};
    co_return Result<void>{};
  }
  [[nodiscard]] const Held* find(const CacheKey& key) const {
    const auto found = entries.find(key);
    return found != entries.end() && found->second.until > clock_.mono_now() ? &found->second : nullptr;
  }

  Clock& clock_;
  std::string backend_;
};

}  // namespace holdfast::sim
