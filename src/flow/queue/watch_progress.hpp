#pragma once

#include <string>

#include "flow/engine_state.hpp"

namespace holdfast::queue {

/// How long an attempt at the job's current stage may get no further where no recovery rule says: twice the recipe's
/// `silence_max`, so that a worker that says nothing is found by its supervisor first. A stage whose worker need not
/// say how far it is: 0, for ever.
milliseconds own_patience(const Recipe& recipe, const Job& job);

/// Ends the attempts here that have got no further for longer than they may: workers that give signs of life and do
/// nothing, and those that hang before they begin. Each counts as a death of its worker at that place. `kind`: only of
/// stages of this kind; empty: of all. Returns how many.
std::size_t stop_stuck(EngineState* engine, const std::string& kind);

/// Does that for as long as the engine runs.
Task<void> watch_progress(EngineState* engine);

}  // namespace holdfast::queue
