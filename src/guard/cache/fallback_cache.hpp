#pragma once

#include <functional>
#include <map>
#include <memory>

#include "core/retry/backoff.hpp"
#include "ports/cache.hpp"
#include "ports/clock.hpp"
#include "ports/entropy.hpp"
#include "ports/log.hpp"

namespace holdfast::guard {

/// A shared cache in front, and one of our own that stands in while that is away (FG_7): no request fails because of
/// the cache, and none waits for it longer than one call of the shared one may take, as after the first that failed
/// nobody asks there until it is found again.
///
/// What is written goes into the stand-in as well, so that it is not empty when it is needed. What was written while
/// the shared one was away is told to it when it is found, each with what is left of its time, before it answers
/// again; it keeps what is newer. A clearing that it missed is made up for before that.
class FallbackCache final : public Cache {
 public:
  struct Deps {
    Cache& front;
    Cache& stand_in;
    Clock& clock;
    Entropy& entropy;
    Log* log = nullptr;
    /// Asks `look` through whoever keeps health, so that both know the same; none: directly.
    std::function<Task<void>()> ask_look{};
  };
  explicit FallbackCache(Deps deps);

  Task<Result<std::optional<CacheEntry>>> get(CacheKey key) override;
  Task<Result<bool>> put(CacheKey key, CacheEntry entry, milliseconds ttl) override;
  Task<Result<void>> clear() override;
  /// Never fails: one of the two is always there.
  Task<Result<void>> probe() override;
  [[nodiscard]] CacheStatus status() const override;

  /// Asks the shared one how it is, and goes to it or away from it. Errors: as Cache::probe.
  Task<Result<void>> look();
  /// Looks again and again while the shared one is away, after growing pauses, until it is stopped.
  Task<void> run();
  void stop();

  /// Of the stand-in, and of what is told to the shared one when it is back.
  static constexpr std::size_t kStandInEntries = 100;
  static constexpr BackoffPolicy kPauses{.base = milliseconds{500}, .ceiling = milliseconds{30'000}};

 private:
  Result<std::optional<CacheEntry>> counted(Result<std::optional<CacheEntry>> found);
  void lose(const Error& error);
  void owe(const CacheKey& key, milliseconds ttl);
  Task<Result<void>> make_up();
  Task<Result<void>> tell_one(CacheKey key, MonoTime until);
  void find();
  Task<void> ask();
  milliseconds pause();

  Deps deps_;
  bool away_ = false;
  WallTime since_;
  bool owes_clear_ = false;
  std::map<CacheKey, MonoTime> owed_;  ///< written while it was away, and until when each is an answer
  std::uint64_t hits_ = 0;
  std::uint64_t misses_ = 0;
  unsigned looks_ = 0;  ///< in vain, in a row
  bool stopping_ = false;
  std::unique_ptr<Wakeup> bell_;
};

}  // namespace holdfast::guard
