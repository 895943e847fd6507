#pragma once

#include <set>

#include "flow/engine_state.hpp"

namespace holdfast::intake {

/// Clears away what crashes leave behind, for as long as the engine runs: half uploads, and blobs that no job
/// refers to. A blob goes only when two passes an hour apart found no job for it: a calendar that jumps must
/// not make a file that is just being recorded look old.
Task<void> sweep(EngineState* engine);

/// One pass: removes those of `suspects` that still belong to no job, and returns the blobs that do not now:
/// the suspects of the next pass. Errors: as the ports.
Task<Result<std::set<BlobId>>> sweep_once(EngineState* engine, std::set<BlobId> suspects);

}  // namespace holdfast::intake
