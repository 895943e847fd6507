#pragma once

#include "flow/engine_state.hpp"

namespace holdfast::queue {

/// At an owner's log-in: their failed items that may succeed and have retries left go on where they stopped, the newest
/// first, at most kResumedMax. Returns how many. Crash: each is one transaction; the next log-in sees to the rest.
Task<Result<std::size_t>> resume_failed(EngineState* engine, std::string owner);

inline constexpr unsigned kResumedMax = 100;

}  // namespace holdfast::queue
