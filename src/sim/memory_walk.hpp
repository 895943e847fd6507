#pragma once

#include <algorithm>
#include <optional>

#include "core/base/rng.hpp"
#include "core/base/time.hpp"

namespace holdfast::sim {

/// How much memory of a machine is available, in percent: it comes and goes, is short for a while, and now and then
/// nobody can say.
class MemoryWalk {
 public:
  MemoryWalk(std::uint64_t seed, bool troubled) : dice_{seed}, troubled_{troubled} {}

  /// Nothing: it cannot be read now.
  std::optional<unsigned> look(MonoTime now) {
    if (!troubled_) return level_;
    if (now >= turns_at_) turn(now);
    step();
    if (now < blind_until_) return std::nullopt;
    return level_;
  }
  /// From now on it is this much.
  void settle(unsigned level) {
    troubled_ = false;
    level_ = level;
  }

 private:
  static constexpr unsigned kStep = 7;

  void turn(MonoTime now) {
    constexpr std::uint64_t kFirst[] = {2, 12, 25, 60};
    target_ = static_cast<unsigned>(kFirst[dice_.below(4)] + dice_.below(30));
    turns_at_ = now + milliseconds{static_cast<std::int64_t>(20'000 + dice_.below(1'200'000))};
    if (dice_.below(4) == 0) blind_until_ = now + milliseconds{static_cast<std::int64_t>(dice_.below(90'000))};
  }
  void step() {
    const unsigned by = static_cast<unsigned>(dice_.below(kStep));
    level_ = level_ < target_ ? std::min(level_ + by, target_) : level_ - std::min(by, level_ - target_);
  }

  Rng dice_;
  bool troubled_;
  unsigned level_ = 80;
  unsigned target_ = 80;
  MonoTime turns_at_{};
  MonoTime blind_until_{};
};

}  // namespace holdfast::sim
