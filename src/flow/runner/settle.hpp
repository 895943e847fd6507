#pragma once

#include <optional>

#include "core/job/decide.hpp"
#include "flow/runner/run_attempt.hpp"

namespace holdfast::runner {

/// How an attempt ended: with an outcome, with an error, or because it was told to stop.
struct Ending {
  std::optional<decide::StageOutcome> outcome;
  std::optional<Error> error;
  Stop stop = Stop::none;
};

/// Writes the ending with the attempt's fence, and asks again until the store has answered: the work is done,
/// only its record is missing. A store that had committed and lost its answer refuses the repetition by the
/// fence. A server that is to stop does not wait for its store for ever: then the lease stays, as in a crash.
/// Errors: conflict (the lease was lost, or an earlier try had been committed), what the store last said.
/// Crash: before the commit recovery repeats from the checkpoint; after it nothing is left to do.
Task<Result<Job>> settle(Job job, Ending ending, RetryPolicy policy, Attempt* attempt, Deps deps);

}  // namespace holdfast::runner
