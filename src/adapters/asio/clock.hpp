#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "ports/clock.hpp"

namespace holdfast {

/// The system's time. Single-threaded like the flow that waits on it: sleep, wait and ring from `executor`
/// only.
class SystemClock final : public Clock {
 public:
  explicit SystemClock(asio::any_io_executor executor) : executor_{std::move(executor)} {}

  WallTime wall_now() override;
  MonoTime mono_now() override;
  Task<Result<void>> sleep_until(MonoTime deadline) override;
  std::unique_ptr<Wakeup> make_wakeup() override;

 private:
  asio::any_io_executor executor_;
};

}  // namespace holdfast
