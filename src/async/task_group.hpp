#pragma once

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <list>
#include <memory>

#include "ports/clock.hpp"

namespace holdfast {

/// Owns running coroutines so that none is ever detached. Single-threaded: use from its own executor only.
class TaskGroup {
 public:
  TaskGroup(asio::any_io_executor executor, Clock& clock)
      : executor_{executor}, clock_{clock}, empty_{clock.make_wakeup()} {}
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  void spawn(Task<void> task) {
    const auto here = running_.emplace(running_.end());
    asio::co_spawn(executor_, guarded(std::move(task)),
                   asio::bind_cancellation_slot(here->slot(), [this, here](std::exception_ptr bug) {
                     if (bug && !is_cancellation(bug)) std::terminate();  // no other exception gets here
                     running_.erase(here);
                     if (running_.empty()) empty_->ring();
                   }));
  }
  [[nodiscard]] bool stopping() const noexcept { return stopping_; }
  [[nodiscard]] std::size_t size() const noexcept { return running_.size(); }

  /// Asks loops to end by themselves (`stopping()`), then cancels whatever is left after `grace`.
  Task<void> stop(milliseconds grace) {
    stopping_ = true;
    asio::co_spawn(executor_, cancel_after(grace),
                   asio::bind_cancellation_slot(grace_->slot(), [kept = grace_](std::exception_ptr) {}));
    while (!running_.empty()) {
      (void)co_await empty_->wait_until(MonoTime::max());  // canceled or rung: looks again
    }
    grace_->emit(asio::cancellation_type::terminal);
  }

 private:
  /// A cancelled task sees `canceled` results where it waits, never an exception: it is to end in its own
  /// words.
  static Task<void> guarded(Task<void> task) {
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await std::move(task);
  }

  /// Asio's operators throw when everything that they wait for was cancelled: that, too, is an end.
  static bool is_cancellation(const std::exception_ptr& bug) {
    try {
      std::rethrow_exception(bug);
    } catch (const boost::system::system_error& error) {
      return error.code() == asio::error::operation_aborted;
    } catch (...) {
      return false;
    }
  }

  Task<void> cancel_after(milliseconds grace) {
    const auto slept = co_await clock_.sleep_until(clock_.mono_now() + grace);
    if (!slept) co_return;
    for (auto& signal : running_) signal.emit(asio::cancellation_type::terminal);
  }
  asio::any_io_executor executor_;
  std::list<asio::cancellation_signal> running_;
  /// Shared with the coroutine that waits for the grace, which may end after the group has gone.
  std::shared_ptr<asio::cancellation_signal> grace_ = std::make_shared<asio::cancellation_signal>();
  Clock& clock_;
  std::unique_ptr<Wakeup> empty_;
  bool stopping_ = false;
};

}  // namespace holdfast
