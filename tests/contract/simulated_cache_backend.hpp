#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <optional>

#include "sim/sim_clock.hpp"

namespace holdfast::contract {

/// For caches whose time is that of a simulated clock: everything but `cache()`.
class SimulatedCacheBackend {
 public:
  static std::string missing() { return {}; }
  WallTime now() { return clock_.wall_now(); }

  template <class T>
  T run(Task<T> task) {
    std::optional<T> out;
    auto keeping = [](Task<T> what, std::optional<T>* where) -> Task<void> { where->emplace(co_await std::move(what)); };
    asio::co_spawn(io_, keeping(std::move(task), &out), [](const std::exception_ptr& bug) {
      if (bug) std::rethrow_exception(bug);
    });
    for (settle(); !out && timeline_.wake_one(timeline_.next()); settle()) continue;
    return std::move(out).value();
  }
  bool eventually(const std::function<bool()>& what) {
    constexpr milliseconds kStep{10};
    for (milliseconds passed{0}; passed < milliseconds{60'000}; passed += kStep) {
      if (what()) return true;
      const MonoTime end = timeline_.now() + kStep;
      for (settle(); timeline_.wake_one(end); settle()) continue;
    }
    return false;
  }

 protected:
  void settle() {
    io_.restart();
    io_.poll();
  }
  asio::io_context io_{1};
  sim::Timeline timeline_{1};
  sim::SimClock clock_{io_, timeline_, 0};
};

}  // namespace holdfast::contract
