#pragma once

#include <optional>
#include <string_view>

#include "core/base/time.hpp"

namespace holdfast {

/// Port: whoever started this process, watches it, and starts it again. Telling it something never waits and never
/// fails: with nobody there nothing happens.
class ServiceManager {
 public:
  virtual ~ServiceManager() = default;
  /// Uploads are taken from now on.
  virtual void ready() = 0;
  /// Work goes on: another sign must come within `watchdog_time`, or the process is ended and started anew.
  virtual void alive() = 0;
  virtual void stopping() = 0;
  /// A sentence for the operator.
  virtual void status(std::string_view sentence) = 0;
  /// Nothing: nobody waits for signs of life.
  [[nodiscard]] virtual std::optional<milliseconds> watchdog_time() const = 0;
};

}  // namespace holdfast
