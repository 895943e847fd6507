#pragma once

#include "flow/engine_state.hpp"

namespace holdfast::retention {

/// Takes what is over, in small steps with pauses between them, for as long as the engine runs. Stops for a while when
/// the store does not answer, and when the calendar jumped ahead: then it is not certain that anything is over.
Task<void> sweep(EngineState* engine);

struct Portion {
  std::size_t most = 0;   ///< items, trails and lines in one pass
  milliseconds pause{0};  ///< after each step
};

/// One pass. Crash: each item is one transaction; what was not taken is due at the next pass. Errors: as the ports.
Task<Result<Taken>> take_due(EngineState* engine, Portion portion);

/// How much a pass without a limit would take now; records that become due only by it are not among them. Errors: as
/// the ports.
Task<Result<Taken>> count_due(EngineState* engine);

}  // namespace holdfast::retention
