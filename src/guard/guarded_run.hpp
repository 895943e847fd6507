#pragma once

#include <memory>
#include <string>

#include "guard/services.hpp"
#include "ports/worker_pool.hpp"

namespace holdfast::guard {

/// Begins work behind the circuit breaker of `service`: how it ends is told to the breaker, once. `inner` and
/// `services` outlive the run. Errors: dependency HF-SVC-01 (the service rests); those of the pool inside.
Task<Result<std::unique_ptr<WorkRun>>> start_guarded(WorkerPool* inner, Services* services, std::string service,
                                                    WorkRequest request);

}  // namespace holdfast::guard
