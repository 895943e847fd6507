#pragma once

#include "flow/engine_state.hpp"

namespace holdfast::queue {

/// Takes up what a dead process left: every job that is still leased goes back to the queue at its
/// checkpoint. `alone`: no other node shares the store, so every lease is a dead one; otherwise only leases
/// that have run out. Idempotent: run twice it changes nothing the second time. Returns how many jobs it took
/// up. Crash: what was not yet taken up is found by the next run.
/// `kind`: only of jobs in a stage of this kind; empty: of all.
Task<Result<std::size_t>> recover(EngineState* engine, bool alone, std::string kind = {});

/// Runs `recover` for leases that ran out, for as long as the engine runs: those of other nodes, and claims
/// of our own whose answer was lost. Work that is alive here is never touched, whatever the calendar says.
Task<void> watch_leases(EngineState* engine);

/// Jobs that were told to wait before the calendar was set back would wait too long: their wait begins anew.
/// Looks at the start and whenever wall time falls behind monotonic time.
Task<void> watch_calendar(EngineState* engine);

}  // namespace holdfast::queue
