#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "ports/worker_pool.hpp"

namespace holdfast {

/// Ends the worker processes of a kind ("speech"), or the one with this process number, at once: the pool starts a new
/// one for the next work, and work under way is tried again. `workers` are those of the pool at this moment, on its own
/// executor, so that each number is still that of its child. Returns how many. Errors: not_found HF-WRK-01.
Result<unsigned> end_workers(const std::vector<WorkerStatus>& workers, const std::string& which);

}  // namespace holdfast
