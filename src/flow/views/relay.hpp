#pragma once

#include "flow/engine_state.hpp"

/// Step 5, views: what others see of the store. Everything here can be rebuilt from it.
namespace holdfast::views {

/// Delivers the outbox to whoever watches, in order, at least once: an event leaves the outbox only after it
/// was delivered. Crash: what was delivered but not yet taken out is delivered again, with the same seq.
Task<void> relay(EngineState* engine);

}  // namespace holdfast::views
