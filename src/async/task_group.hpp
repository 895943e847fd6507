#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <list>

#include "ports/clock.hpp"

namespace holdfast {

/// Owns running coroutines so that none is ever detached. Single-threaded: use from its own executor only.
class TaskGroup {
 public:
  explicit TaskGroup(asio::any_io_executor executor)
      : executor_{executor}, empty_{executor, asio::steady_timer::time_point::max()} {}
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  void spawn(Task<void> task) {
    const auto here = running_.emplace(running_.end());
    asio::co_spawn(executor_, guarded(std::move(task)),
                   asio::bind_cancellation_slot(here->slot(), [this, here](std::exception_ptr bug) {
                     if (bug) std::terminate();  // exceptions do not cross a coroutine boundary here
                     running_.erase(here);
                     if (running_.empty()) empty_.cancel();
                   }));
  }
  [[nodiscard]] bool stopping() const noexcept { return stopping_; }
  [[nodiscard]] std::size_t size() const noexcept { return running_.size(); }

  /// Asks loops to end by themselves (`stopping()`), then cancels whatever is left after `grace`.
  Task<void> stop(Clock& clock, milliseconds grace) {
    stopping_ = true;
    asio::co_spawn(executor_, cancel_after(clock, grace),
                   asio::bind_cancellation_slot(grace_.slot(), [](std::exception_ptr) {}));
    while (!running_.empty()) {
      const auto [woken] = co_await empty_.async_wait(asio::as_tuple(asio::use_awaitable));
      (void)woken;
    }
    grace_.emit(asio::cancellation_type::terminal);
  }

 private:
  /// A cancelled task sees `canceled` results where it waits, never an exception: it is to end in its own words.
  static Task<void> guarded(Task<void> task) {
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await std::move(task);
  }

  Task<void> cancel_after(Clock& clock, milliseconds grace) {
    const auto slept = co_await clock.sleep_until(clock.mono_now() + grace);
    if (!slept) co_return;
    for (auto& signal : running_) signal.emit(asio::cancellation_type::terminal);
  }
  asio::any_io_executor executor_;
  std::list<asio::cancellation_signal> running_;
  asio::cancellation_signal grace_;
  asio::steady_timer empty_;
  bool stopping_ = false;
};

}  // namespace holdfast
