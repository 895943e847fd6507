#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "ports/clock.hpp"
#include "sim/timeline.hpp"

namespace holdfast::sim {

/// When simulated calendars start: 2026-01-01. Monotonic time starts at 0.
inline constexpr WallTime kEpoch{std::chrono::seconds{1'767'225'600}};

/// One node's view of the timeline. Its calendar may be skewed and may jump; its monotonic time does not.
class SimClock final : public Clock {
 public:
  SimClock(asio::io_context& io, Timeline& timeline, int node) : io_{io}, timeline_{timeline}, node_{node} {}

  WallTime wall_now() override { return kEpoch + timeline_.now().time_since_epoch() + wall_skew; }
  MonoTime mono_now() override { return timeline_.now(); }

  Task<Result<void>> sleep_until(MonoTime deadline) override {
    Sleeper sleeper{io_};
    const bool due = co_await park(&sleeper, deadline);
    if (!due) co_return fail(ErrorClass::canceled, "HF-SRV-02", "sleep cancelled");
    co_return Result<void>{};
  }

  /// Waits as a call to a disk or a database does: it ends when it ends, whoever has lost interest.
  Task<void> nap(milliseconds duration) {
    Sleeper sleeper{io_};
    timeline_.add(timeline_.now() + duration, node_, &sleeper);
    const auto [ec] = co_await sleeper.timer.async_wait(
        asio::bind_cancellation_slot(asio::cancellation_slot{}, asio::as_tuple(asio::use_awaitable)));
    (void)ec;
  }

  std::unique_ptr<Wakeup> make_wakeup() override { return std::make_unique<SimWakeup>(*this); }

  milliseconds wall_skew{0};

 private:
  class SimWakeup final : public Wakeup {
   public:
    explicit SimWakeup(SimClock& clock) : clock_{clock} {}
    void ring() override {
      rung_ = true;
      if (waiting_ != nullptr) waiting_->timer.cancel();
    }
    Task<Result<bool>> wait_until(MonoTime deadline) override {
      if (std::exchange(rung_, false)) co_return true;
      Sleeper sleeper{clock_.io_};
      waiting_ = &sleeper;
      const bool due = co_await clock_.park(&sleeper, deadline);
      waiting_ = nullptr;
      if (std::exchange(rung_, false)) co_return true;
      if (!due) co_return fail(ErrorClass::canceled, "HF-SRV-02", "wait cancelled");
      co_return false;
    }

   private:
    SimClock& clock_;
    Sleeper* waiting_ = nullptr;
    bool rung_ = false;
  };

  /// True when the deadline came, false when woken before it by a ring or a cancellation.
  Task<bool> park(Sleeper* sleeper, MonoTime deadline) {
    timeline_.add(deadline, node_, sleeper);
    const auto [ec] = co_await sleeper->timer.async_wait(asio::as_tuple(asio::use_awaitable));
    (void)ec;  // always operation_aborted: the timer itself never expires
    if (!sleeper->due) timeline_.remove(*sleeper);
    co_return sleeper->due;
  }

  asio::io_context& io_;
  Timeline& timeline_;
  int node_;
};

}  // namespace holdfast::sim
