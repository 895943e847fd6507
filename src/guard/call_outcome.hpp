#pragma once

#include <optional>

#include "core/base/result.hpp"
#include "core/breaker/breaker.hpp"

namespace holdfast::guard {

/// What the end of a call says of the service, whatever it says of the input.
struct CallOutcome {
  enum class Kind : std::uint8_t {
    worked,    ///< it answered; a refusal of the input is an answer
    failed,    ///< the service's own failure
    doubtful,  ///< perhaps the input's fault: a death, a hang, content that cannot be used
    dropped,   ///< says nothing of the service
  };
  Kind kind = Kind::worked;
  std::optional<milliseconds> wait;  ///< it asked to be left alone for so long
};

/// Errors of WorkerPool::start and WorkRun::next, and of a stage that could not use the answer.
[[nodiscard]] CallOutcome outcome_of(const Error& error);

}  // namespace holdfast::guard
