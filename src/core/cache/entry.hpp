#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "core/base/id.hpp"
#include "core/base/result.hpp"

namespace holdfast {

/// What an answer is found by (core/cache/key.hpp makes it): 1 to cache::kKeyMax printable ASCII characters, no space.
using CacheKey = Id<struct CacheKeyTag>;

/// An answer that was made before.
struct CacheEntry {
  std::string value{};  ///< JSON text, at most cache::kValueMax bytes
  WallTime made_at{};   ///< when the call that made it began: its age counts from there, and a later one is newer
  friend bool operator==(const CacheEntry&, const CacheEntry&) = default;
};

namespace cache {

inline constexpr std::size_t kKeyMax = 200;
inline constexpr std::size_t kValueMax = 1U << 20U;
/// Longest time that an entry is one, and that a `clear` keeps away what was begun before it.
inline constexpr milliseconds kTtlMax{86'400'000};

/// Errors: invalid HF-REQ-02 (key, value or time beyond the limits, in words that hold nothing of them).
[[nodiscard]] Result<void> check(const CacheKey& key, const CacheEntry& entry, milliseconds ttl);

/// May it be written over what is held, with the last clearing at that time? Of two that began at the same moment the
/// last to arrive stays.
[[nodiscard]] bool may_replace(const CacheEntry& offered, std::optional<WallTime> held_made_at,
                               std::optional<WallTime> cleared_at);

}  // namespace cache
}  // namespace holdfast
