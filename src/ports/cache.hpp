#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/cache/entry.hpp"
#include "ports/task.hpp"

namespace holdfast {

/// Who answers now, and what is in it.
struct CacheStatus {
  std::string backend{};  ///< memory or redis
  bool stands_in = false;  ///< the configured one is away, and this one answers meanwhile
  WallTime since{};        ///< since when it answers
  /// Nothing: it does not say. Of Redis: of the whole database and process, as last looked at.
  std::optional<std::uint64_t> entries{};
  std::optional<std::uint64_t> bytes{};
  std::uint64_t hits = 0;  ///< since the server started
  std::uint64_t misses = 0;
};

/// Port: answers that were made before. It is never the truth about anything: what is in it may be gone at any moment,
/// and nobody may fail because of that. What failed, or was not validated, is not put into it: that is the caller's
/// duty, as nothing here looks into a value.
///
/// No stale write wins: of two writes under a key the one that was begun later stays, whichever arrives last, and what
/// was begun before a `clear` does not come back after it. Calendars decide; where they differ by seconds between
/// nodes, that many seconds are in doubt.
///
/// Errors of all methods: dependency HF-CCH-01 (it is away or refuses us; whether a write took place is not known),
/// overloaded HF-CCH-01 (as many calls as there may be are under way), canceled.
class Cache {
 public:
  virtual ~Cache() = default;
  /// Nothing: there is none, or its time is over. What stands there in a form that is not ours is none.
  virtual Task<Result<std::optional<CacheEntry>>> get(CacheKey key) = 0;
  /// False: it was not kept, because one that was begun later is there, it was begun before the last `clear`, or it is
  /// larger than the cache. `ttl`: how long it is an answer, from now on.
  /// Errors also: invalid HF-REQ-02 (beyond the limits of core/cache/entry.hpp).
  virtual Task<Result<bool>> put(CacheKey key, CacheEntry entry, milliseconds ttl) = 0;
  /// Nothing that was begun until now is answered any more: another model, another prompt, "rebuild the cache".
  virtual Task<Result<void>> clear() = 0;
  /// Is it there, and does it take writes?
  virtual Task<Result<void>> probe() = 0;
  [[nodiscard]] virtual CacheStatus status() const = 0;
};

}  // namespace holdfast
