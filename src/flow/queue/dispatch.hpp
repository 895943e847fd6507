#pragma once

#include "flow/engine_state.hpp"

/// Step 2, queue: who runs next, on which pool.
namespace holdfast::queue {

/// Claims due jobs of one bulkhead while it has a free slot, and runs each. Ends when the engine drains.
/// Crash: a claim that was not committed never happened; one that was is found by recovery.
Task<void> dispatch(EngineState* engine, std::string bulkhead);

}  // namespace holdfast::queue
