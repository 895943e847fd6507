#pragma once

#include <boost/asio/steady_timer.hpp>
#include <map>
#include <optional>
#include <utility>

#include "core/base/rng.hpp"
#include "core/base/time.hpp"
#include "ports/task.hpp"

namespace holdfast::sim {

/// When something wakes. Ties are broken by the seed, so that seeds try different orders.
using WakeKey = std::pair<MonoTime, std::uint64_t>;

/// One sleeping coroutine. Lives in its frame; the timeline points at it while it sleeps.
struct Sleeper {
  explicit Sleeper(asio::io_context& io) : timer{io, asio::steady_timer::time_point::max()} {}
  asio::steady_timer timer;
  WakeKey key{};
  bool due = false;
};

/// Virtual time, shared by all nodes of a simulated world. Moves only when nothing can run, straight to the
/// next deadline.
class Timeline {
 public:
  explicit Timeline(std::uint64_t seed) : ties_{seed} {}
  [[nodiscard]] MonoTime now() const { return now_; }
  [[nodiscard]] std::size_t sleepers() const { return sleepers_.size(); }

  void add(MonoTime deadline, int node, Sleeper* sleeper) {
    sleeper->key = {std::max(deadline, now_), ties_.next()};
    sleepers_.emplace(sleeper->key, std::pair{node, sleeper});
  }
  void remove(const Sleeper& sleeper) { sleepers_.erase(sleeper.key); }
  /// Forgets everything a node waits for: it has crashed.
  void forget(int node) {
    std::erase_if(sleepers_, [node](const auto& entry) { return entry.second.first == node; });
  }
  /// A frozen node wakes late: nothing of it fires before `until`.
  void freeze(int node, MonoTime until) { frozen_[node] = until; }

  /// The moment of the next wake-up, or the end of time.
  [[nodiscard]] MonoTime next() const {
    return sleepers_.empty() ? MonoTime::max() : sleepers_.begin()->first.first;
  }

  /// Moves to `when` and wakes what is due by then first. Returns the node that was woken; nothing: none was.
  std::optional<int> wake_one(MonoTime when) {
    while (!sleepers_.empty() && sleepers_.begin()->first.first <= when) {
      const auto [node, sleeper] = sleepers_.begin()->second;
      now_ = std::max(now_, sleepers_.begin()->first.first);
      sleepers_.erase(sleepers_.begin());
      if (const auto frozen = frozen_.find(node); frozen != frozen_.end() && frozen->second > now_) {
        add(frozen->second, node, sleeper);
        continue;
      }
      sleeper->due = true;
      sleeper->timer.cancel();
      return node;
    }
    now_ = std::max(now_, when);
    return std::nullopt;
  }

 private:
  MonoTime now_{};
  Rng ties_;
  std::map<WakeKey, std::pair<int, Sleeper*>> sleepers_;
  std::map<int, MonoTime> frozen_;
};

}  // namespace holdfast::sim
