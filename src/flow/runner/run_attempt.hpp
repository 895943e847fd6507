#pragma once

#include <functional>

#include "core/recipe/recipe.hpp"
#include "core/recovery/rules.hpp"
#include "flow/fallback/answers.hpp"
#include "flow/similar/neighbours.hpp"
#include "ports/clock.hpp"
#include "ports/entropy.hpp"
#include "ports/job_store.hpp"
#include "ports/worker_pool.hpp"

/// Step 3, runner: one attempt at one stage: heartbeat beside work, checkpoints as they come, settled with
/// the fence.
namespace holdfast::runner {

/// Why a running attempt is to end before its work does.
enum class Stop : std::uint8_t {
  none,
  cancel,
  drain,
  stuck,  ///< it gets no further, though its worker gives signs of life
};

/// The outside's handle on a running attempt.
struct Attempt {
  std::unique_ptr<Wakeup> stop_bell;
  Stop stop = Stop::none;
  double fraction = 0;  ///< of the stage, as last heard
  std::string kind;     ///< of the stage
  milliseconds patience{};  ///< how long it may get no further where no recovery rule says; 0: for ever
  MonoTime progressed_at{};  ///< when it began, or last got further
  bool settling = false;     ///< the work is over, only its record is missing
};

struct Deps {
  JobStore& store;
  WorkerPool& workers;
  Clock& clock;
  Entropy& entropy;
  const RecoveryRules& rules = kNoRules;
  milliseconds lease_for{30'000};
  milliseconds heartbeat_every{10'000};
  std::function<void(const Job&, double)> on_progress;
  fallback::Answers* answers = nullptr;       ///< none: every model is asked each time
  similar::Neighbours* neighbours = nullptr;  ///< none: no requests are compared
};

/// Runs the current stage of a claimed job to its end and settles it. Returns the job as it was settled.
/// Errors: conflict (the lease was lost: somebody else owns the job now, nothing was settled), canceled.
/// Crash: until the settlement commits, recovery finds the lease and the stage goes on from its checkpoint;
///        after it, there is nothing left to do.
Task<Result<Job>> run_attempt(Job job, Recipe recipe, Attempt* attempt, Deps deps);

}  // namespace holdfast::runner
