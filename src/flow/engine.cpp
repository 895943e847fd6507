#include "flow/engine.hpp"

#include <algorithm>

#include "core/job/decide.hpp"
#include "flow/engine_state.hpp"
#include "flow/intake/sweep.hpp"
#include "flow/queue/artifact.hpp"
#include "flow/queue/dispatch.hpp"
#include "flow/queue/fuller.hpp"
#include "flow/queue/recover.hpp"
#include "flow/queue/release.hpp"
#include "flow/queue/watch_progress.hpp"
#include "flow/stages/stage_kind.hpp"
#include "flow/queue/resume.hpp"
#include "flow/retention/sweeper.hpp"
#include "flow/views/relay.hpp"

namespace holdfast {
namespace {

constexpr milliseconds kRelayGrace{2'000};  ///< for the last events; what is left is delivered at the next start

}  // namespace

struct Engine::Impl {
  EngineState state;
};

Engine::Engine(asio::any_io_executor executor, Deps deps, EngineConfig config)
    : impl_{new Impl{{executor, deps, std::move(config)}}} {}
Engine::~Engine() = default;

Task<Result<void>> Engine::start(bool alone) {
  EngineState* state = &impl_->state;
  HF_CO_TRY(const std::size_t recovered, co_await queue::recover(state, alone));
  tell(state->deps.log, LogLevel::info, "jobs_recovered", {{"count", std::to_string(recovered)}});
  // Nobody else writes here, and we have not begun: every staged body is of a process that is gone. What cannot
  // be removed now, the sweep removes.
  if (alone) (void)co_await state->deps.blobs.sweep_staging(WallTime::max(), false);
  for (const auto& [bulkhead, slots] : state->config.slots)
    state->loops.spawn(queue::dispatch(state, bulkhead));
  state->loops.spawn(queue::watch_leases(state));
  state->loops.spawn(queue::watch_progress(state));
  state->loops.spawn(queue::watch_holds(state));
  state->loops.spawn(queue::watch_calendar(state));
  state->relays.spawn(views::relay(state));
  state->loops.spawn(intake::sweep(state));
  if (state->deps.retention != nullptr) state->loops.spawn(retention::sweep(state));
  co_return Result<void>{};
}

Task<void> Engine::stop(milliseconds grace) {
  EngineState& state = impl_->state;
  state.draining = true;
  state.ring_all();
  state.holds_bell->ring();
  co_await state.loops.stop(milliseconds{0});
  for (auto& [item_and_fence, attempt] : state.running) {
    if (attempt.stop != runner::Stop::cancel) attempt.stop = runner::Stop::drain;
    attempt.stop_bell->ring();
  }
  co_await state.attempts.stop(grace);
  state.told_all = true;
  state.ring_all();
  co_await state.relays.stop(kRelayGrace);
}

void Engine::set_pace(admission::Pace pace) {
  impl_->state.pace = pace;
  impl_->state.ring_all();
}

void Engine::set_slots(const std::string& bulkhead, unsigned slots) {
  impl_->state.config.slots.at(bulkhead) = slots;
  impl_->state.bells.at(bulkhead)->ring();
}

void Engine::set_parked(std::set<std::string> bulkheads) {
  impl_->state.parked = std::move(bulkheads);
  impl_->state.ring_all();
}

void Engine::wake() { impl_->state.ring_all(); }
void Engine::wake(const Job& job) { impl_->state.wake(job); }
void Engine::expect(const Job& job) { impl_->state.expect(job); }
void Engine::look_at_holds() { impl_->state.holds_bell->ring(); }

Task<Result<Job>> Engine::cancel(ItemId id) {
  EngineState& state = impl_->state;
  const Decide decision = [](const Job& job, WallTime now) { return decide::request_cancel(job, now); };
  HF_CO_TRY(Job job, co_await state.deps.store.update(id, decision));
  if (const auto running = state.running.find({id, job.fence}); running != state.running.end()) {
    running->second.stop = runner::Stop::cancel;
    running->second.stop_bell->ring();
  }
  state.ring_all();
  co_return job;
}

Task<Result<Job>> Engine::retry(ItemId id, std::string from_stage) {
  EngineState& state = impl_->state;
  const Decide decision = [from_stage](const Job& job, WallTime now) {
    return decide::retry(job, queue::retry_from(job, from_stage), now);
  };
  HF_CO_TRY(Job job, co_await state.deps.store.update(id, decision));
  state.ring_all();
  co_return job;
}

Task<Result<Job>> Engine::fill_gaps(ItemId id, std::int64_t start_ms) {
  EngineState& state = impl_->state;
  HF_CO_TRY(const auto record, co_await state.deps.store.record(id));
  if (!record) co_return fail(ErrorClass::not_found, "HF-ITM-06", "there is no such item");
  auto gaps = transcript::gaps_to_fill(record->gaps, start_ms);
  const Decide decision = [gaps = std::move(gaps), seen = record->job.version](const Job& job, WallTime now) {
    // Changed since: its gaps may be others.
    if (job.version != seen) return Result<Transition>{fail(ErrorClass::conflict, "HF-ITM-03", "it has gone on")};
    return decide::fill_gaps(job, gaps, now);
  };
  HF_CO_TRY(Job job, co_await state.deps.store.update(id, decision));
  state.ring_all();
  co_return job;
}

Task<Result<Job>> Engine::redo_in(ItemId id, std::string mode) {
  EngineState& state = impl_->state;
  const RecipeBook* const recipes = &state.deps.recipes;
  const Decide decision = [mode, recipes](const Job& job, WallTime now) -> Result<Transition> {
    const auto recipe = recipes->find(job.recipe);
    if (recipe == recipes->end()) return fail(ErrorClass::conflict, "HF-ITM-11", "its recipe is no longer there");
    HF_TRY(const decide::Fuller wanted, queue::fuller(job, recipe->second, mode));
    return decide::redo_in(job, wanted, now);
  };
  HF_CO_TRY(Job job, co_await state.deps.store.update(id, decision));
  state.ring_all();
  co_return job;
}

MonoTime Engine::last_look() const {
  const auto& looks = impl_->state.looked_at;
  if (looks.empty()) return impl_->state.deps.clock.mono_now();
  return std::ranges::min_element(looks, {}, [](const auto& look) { return look.second; })->second;
}

Task<Result<Job>> Engine::discard(ItemId id, std::string who, std::string reason) {
  EngineState& state = impl_->state;
  const Decide decision = [who = std::move(who), reason = std::move(reason)](const Job& job, WallTime now) {
    return decide::discard(job, who, reason, now);
  };
  HF_CO_TRY(Job job, co_await state.deps.store.update(id, decision));
  state.ring_all();
  co_return job;
}

Task<Result<Job>> Engine::complete_by_hand(ItemId id, decide::ByHand made) {
  EngineState& state = impl_->state;
  const Decide decision = [made = std::move(made)](const Job& job, WallTime now) {
    return decide::complete_by_hand(job, made, now);
  };
  HF_CO_TRY(Job job, co_await state.deps.store.update(id, decision));
  state.ring_all();
  co_await queue::drop_artifacts(&state, job);
  co_return job;
}

Task<Result<Recovered>> Engine::recover_now(std::string kind) {
  EngineState* state = &impl_->state;
  const stages::StageKind* known = stages::find_kind(kind);
  if (known == nullptr) co_return fail(ErrorClass::not_found, "HF-QUE-01", "there is no queue of that type");
  Recovered done;
  HF_CO_TRY(done.interrupted, co_await queue::recover(state, false, kind));
  done.stuck = queue::stop_stuck(state, kind);
  done.released = co_await queue::release_back(state, known->worker());
  state->ring_all();
  co_return done;
}

Task<Result<Swept>> Engine::sweep_now(bool dry_run) {
  EngineState* state = &impl_->state;
  auto taking = dry_run ? retention::count_due(state) : retention::take_due(state, {.most = kSweptNow});
  HF_CO_TRY(const retention::Taken taken, co_await std::move(taking));
  HF_CO_TRY(Swept swept, co_await intake::sweep_once(state, dry_run));
  swept.taken = taken;
  co_return swept;
}

const RecoveryFigures& Engine::figures() const { return impl_->state.figures; }

Task<Result<std::size_t>> Engine::resume_failed(std::string owner) {
  return queue::resume_failed(&impl_->state, std::move(owner));
}

double Engine::progress_of(const ItemId& id) const {
  const auto& running = impl_->state.running;
  auto newest = running.upper_bound({id, std::numeric_limits<Fence>::max()});
  return newest != running.begin() && (--newest)->first.first == id ? newest->second.fraction : 0;
}

}  // namespace holdfast
