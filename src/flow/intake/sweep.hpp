#pragma once

#include "flow/engine_state.hpp"

namespace holdfast::intake {

/// Clears away what crashes leave behind, for as long as the engine runs: half uploads, and blobs that no job
/// refers to. A blob goes only when passes an hour apart found no job for it, by the clock that does not jump: a file
/// that is just being recorded must not look old. One whose job says that it gave it up goes at once.
Task<void> sweep(EngineState* engine);

/// One pass, whenever it is called: removes the blobs that belong to no job and did not an hour ago either, and
/// remembers the others. `dry_run`: removes nothing. Errors: as the ports.
Task<Result<Swept>> sweep_once(EngineState* engine, bool dry_run);

}  // namespace holdfast::intake
