#include "adapters/asio/clock.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace holdfast {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

/// MonoTime counts in milliseconds and reaches further than the timer's nanoseconds do.
SteadyTime to_steady(MonoTime time) {
  constexpr auto kLast = std::chrono::floor<milliseconds>(SteadyTime::max().time_since_epoch());
  return SteadyTime{std::min(time.time_since_epoch(), kLast)};
}

class TimerWakeup final : public Wakeup {
 public:
  explicit TimerWakeup(const asio::any_io_executor& executor) : timer_{executor} {}

  void ring() override {
    rung_ = true;
    timer_.cancel();
  }

  Task<Result<bool>> wait_until(MonoTime deadline) override {
    if (std::exchange(rung_, false)) co_return true;
    timer_.expires_at(to_steady(deadline));
    const auto [ended] = co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    if (std::exchange(rung_, false)) co_return true;
    if (ended) co_return fail(ErrorClass::canceled, "HF-SRV-02", "wait cancelled");
    co_return false;
  }

 private:
  asio::steady_timer timer_;
  bool rung_ = false;
};

}  // namespace

WallTime SystemClock::wall_now() {
  return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

MonoTime SystemClock::mono_now() {
  return MonoTime{std::chrono::floor<milliseconds>(std::chrono::steady_clock::now().time_since_epoch())};
}

Task<Result<void>> SystemClock::sleep_until(MonoTime deadline) {
  asio::steady_timer timer{executor_, to_steady(deadline)};
  const auto [ended] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (ended) co_return fail(ErrorClass::canceled, "HF-SRV-02", "sleep cancelled");
  co_return Result<void>{};
}

std::unique_ptr<Wakeup> SystemClock::make_wakeup() { return std::make_unique<TimerWakeup>(executor_); }

}  // namespace holdfast
