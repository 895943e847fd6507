#pragma once

#include <functional>

#include "core/recipe/recipe.hpp"
#include "ports/clock.hpp"
#include "ports/entropy.hpp"
#include "ports/job_store.hpp"
#include "ports/worker_pool.hpp"

/// Step 3, runner: one attempt at one stage: heartbeat beside work, checkpoints as they come, settled with
/// the fence.
namespace holdfast::runner {

/// Why a running attempt is to end before its work does.
enum class Stop : std::uint8_t { none, cancel, drain };

/// The outside's handle on a running attempt.
struct Attempt {
  std::unique_ptr<Wakeup> stop_bell;
  Stop stop = Stop::none;
  double fraction = 0;  ///< of the stage, as last heard
};

struct Deps {
  JobStore& store;
  WorkerPool& workers;
  Clock& clock;
  Entropy& entropy;
  milliseconds lease_for{30'000};
  milliseconds heartbeat_every{10'000};
  std::function<void(const Job&, double)> on_progress;
};

/// Runs the current stage of a claimed job to its end and settles it. Returns the job as it was settled.
/// Errors: conflict (the lease was lost: somebody else owns the job now, nothing was settled), canceled.
/// Crash: until the settlement commits, recovery finds the lease and the stage goes on from its checkpoint;
///        after it, there is nothing left to do.
Task<Result<Job>> run_attempt(Job job, Recipe recipe, Attempt* attempt, Deps deps);

}  // namespace holdfast::runner
