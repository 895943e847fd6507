#pragma once

#include "flow/fallback/strategy.hpp"
#include "ports/clock.hpp"
#include "ports/worker_pool.hpp"

namespace holdfast::fallback {

struct Deps {
  WorkerPool& workers;
  Clock& clock;
  similar::Neighbours* neighbours = nullptr;  ///< none: no requests are compared
};

/// A failure that another way round may help: not one of the input, of the recipe, or of our own store.
[[nodiscard]] bool may_help(const Error& error);

/// Whether that stage's own way is known to lead nowhere now.
[[nodiscard]] bool is_away(WorkerPool& workers, const StageConfig& stage);

/// Whether that stage would be done with a smaller model than configured now.
[[nodiscard]] bool has_less(WorkerPool& workers, const StageConfig& stage);

/// Marks the outcome of a stage of which a worker with less has made at least a part, and gives the mode that is left
/// by it, where the recipe tells what that is.
void mark_less(const Job& job, const Recipe& recipe, const StageConfig& stage, decide::StageOutcome& outcome);

/// The mode that a job is in, now that this stage's own way has failed: what its earlier fallbacks and this one leave,
/// or the last resort where no stage of the recipe could be done now. Empty: the recipe has no modes.
[[nodiscard]] std::string mode_without(const Job& job, const Recipe& recipe, const std::string& stage,
                                       WorkerPool& workers);

/// The mode that a job is in, now that an earlier answer was given once more: the last resort where no stage of the
/// recipe could be done now, else as before. Empty: the recipe has no modes.
[[nodiscard]] std::string mode_with_earlier(const Job& job, const Recipe& recipe, WorkerPool& workers);

/// Tries the stage's fallbacks in their order until one has a result, within the stage's deadline that counts from
/// `began`. What the stage's own way failed of (`cause`) is marked on the result.
/// Errors: `cause`, if no step has a result; conflict, canceled: the attempt is over, whatever else could be tried.
/// Crash: nothing was written; the attempt is repeated from the stage's own way.
Task<Result<decide::StageOutcome>> run_chain(const stages::StageInput* input, const Recipe* recipe, Error cause,
                                             OwnWay own_way, MonoTime began, Deps deps);

}  // namespace holdfast::fallback
