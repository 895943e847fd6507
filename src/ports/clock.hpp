#pragma once

#include <memory>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "ports/task.hpp"

namespace holdfast {

/// Something one coroutine waits for and others ring. A ring that comes before the wait is remembered, once.
class Wakeup {
 public:
  virtual ~Wakeup() = default;
  virtual void ring() = 0;
  /// Returns true when rung, false when `deadline` came first. Errors: canceled.
  virtual Task<Result<bool>> wait_until(MonoTime deadline) = 0;
};

/// Port: the passing of time.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall_now() = 0;
  virtual MonoTime mono_now() = 0;

  /// Errors: canceled, when the waiting coroutine was told to stop.
  virtual Task<Result<void>> sleep_until(MonoTime deadline) = 0;

  virtual std::unique_ptr<Wakeup> make_wakeup() = 0;
};

}  // namespace holdfast
