#pragma once

#include "flow/engine_state.hpp"

namespace holdfast::queue {

/// While jobs are held for something, asks whether it is back, and releases them when it is: at every tick, and
/// at once when somebody says that it may be. Of those that wait for a service that rests only as many as it
/// would take now.
/// Crash: a job that was not yet released is held, and found by the next look.
Task<void> watch_holds(EngineState* engine);

/// Does that at once for what this kind of worker needs, and for everything that rested. Returns how many jobs were
/// released.
Task<std::size_t> release_back(EngineState* engine, WorkerKind worker);

}  // namespace holdfast::queue
