#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "core/base/rng.hpp"
#include "core/base/time.hpp"

namespace holdfast::sim {

inline constexpr std::uint64_t kMegabyte = 1'000'000;

/// How much memory the speech worker of a machine can get, in bytes: drawn in advance, so a function of time.
class WorkerRoom {
 public:
  WorkerRoom() = default;  ///< as much as it wants
  /// It changes now and then.
  WorkerRoom(std::uint64_t seed, milliseconds length) {
    constexpr std::uint64_t kLevels[] = {0, 80, 160, 300, 550};
    Rng dice{seed};
    for (MonoTime at{}; at < MonoTime{length};
         at += milliseconds{static_cast<std::int64_t>(10'000 + dice.below(900'000))})
      levels_[at] = (kLevels[dice.below(5)] + dice.below(80)) * kMegabyte;
  }
  /// There is none before that.
  explicit WorkerRoom(MonoTime none_until) : levels_{{MonoTime{}, 0}, {none_until, kPlenty}} {}

  [[nodiscard]] std::uint64_t at(MonoTime now) const { return std::prev(levels_.upper_bound(now))->second; }
  /// Since when there is at least so much; nothing: there is not.
  [[nodiscard]] std::optional<MonoTime> since(std::uint64_t least, MonoTime now) const {
    std::optional<MonoTime> since;
    for (auto level = levels_.upper_bound(now); level != levels_.begin() && std::prev(level)->second >= least;)
      since = (--level)->first;
    return since;
  }

 private:
  static constexpr std::uint64_t kPlenty = 10'000 * kMegabyte;
  std::map<MonoTime, std::uint64_t> levels_{{MonoTime{}, kPlenty}};  ///< each holds until the next one begins
};

}  // namespace holdfast::sim
