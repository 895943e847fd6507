#include "async/task_group.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <exception>

// Not in the header: what co_spawn makes is a tenth of what compiling a file takes that includes it.
namespace holdfast {
namespace {

/// A cancelled task sees `canceled` results where it waits, never an exception: it is to end in its own words.
Task<void> guarded(Task<void> task) {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await std::move(task);
}

/// Asio's operators throw when everything that they wait for was cancelled: that, too, is an end.
bool is_cancellation(const std::exception_ptr& bug) {
  try {
    std::rethrow_exception(bug);
  } catch (const boost::system::system_error& error) {
    return error.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

}  // namespace

void TaskGroup::spawn(Task<void> task) {
  const auto here = running_.emplace(running_.end());
  asio::co_spawn(executor_, guarded(std::move(task)),
                 asio::bind_cancellation_slot(here->slot(), [this, here](std::exception_ptr bug) {
                   if (bug && !is_cancellation(bug)) std::terminate();  // no other exception gets here
                   running_.erase(here);
                   if (running_.empty()) empty_->ring();
                 }));
}

Task<void> TaskGroup::stop(milliseconds grace) {
  stopping_ = true;
  asio::co_spawn(executor_, cancel_after(grace),
                 asio::bind_cancellation_slot(grace_->slot(), [kept = grace_](std::exception_ptr) {}));
  while (!running_.empty()) {
    (void)co_await empty_->wait_until(MonoTime::max());  // canceled or rung: looks again
  }
  grace_->emit(asio::cancellation_type::terminal);
}

Task<void> TaskGroup::cancel_after(milliseconds grace) {
  const auto slept = co_await clock_.sleep_until(clock_.mono_now() + grace);
  if (!slept) co_return;
  for (auto& signal : running_) signal.emit(asio::cancellation_type::terminal);
}

}  // namespace holdfast
