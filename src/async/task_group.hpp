#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
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

  void spawn(Task<void> task);
  [[nodiscard]] bool stopping() const noexcept { return stopping_; }
  [[nodiscard]] std::size_t size() const noexcept { return running_.size(); }

  /// Asks loops to end by themselves (`stopping()`), then cancels whatever is left after `grace`.
  Task<void> stop(milliseconds grace);

 private:
  Task<void> cancel_after(milliseconds grace);

  asio::any_io_executor executor_;
  std::list<asio::cancellation_signal> running_;
  /// Shared with the coroutine that waits for the grace, which may end after the group has gone.
  std::shared_ptr<asio::cancellation_signal> grace_ = std::make_shared<asio::cancellation_signal>();
  Clock& clock_;
  std::unique_ptr<Wakeup> empty_;
  bool stopping_ = false;
};

}  // namespace holdfast
