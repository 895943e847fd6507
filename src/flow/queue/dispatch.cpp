#include "flow/queue/dispatch.hpp"

#include <algorithm>

#include "core/retry/backoff.hpp"
#include "flow/queue/artifact.hpp"
#include "flow/queue/measure.hpp"
#include "flow/queue/tell_settled.hpp"
#include "flow/queue/watch_progress.hpp"

namespace holdfast::queue {
namespace {

constexpr BackoffPolicy kStoreBackoff{.base = milliseconds{200}, .ceiling = milliseconds{5'000}};

runner::Deps runner_deps(EngineState* engine) {
  return {.store = engine->deps.store,
          .workers = engine->deps.workers,
          .clock = engine->deps.clock,
          .entropy = engine->deps.entropy,
          .rules = engine->deps.rules,
          .lease_for = engine->config.lease_for,
          .heartbeat_every = engine->config.heartbeat_every,
          .on_progress = [engine](const Job& job, double fraction) {
            engine->deps.hub.publish({.item = job.id,
                                      .owner = job.owner,
                                      .type = "progress",
                                      .stage = job.stages[job.stage].name,
                                      .status = std::string{to_word(job.status)},
                                      .at = engine->deps.clock.wall_now(),
                                      .fraction = fraction});
          },
          .answers = engine->deps.answers,
          .neighbours = engine->deps.neighbours};
}

Recipe recipe_of(EngineState* engine, const Job& job) {
  const auto found = engine->deps.recipes.find(job.recipe);
  return found != engine->deps.recipes.end() ? found->second : Recipe{.name = job.recipe};
}

/// So long the answer that somebody waits for goes before the vector that somebody may ask for.
constexpr milliseconds kAnswerFirst{20};

/// What was asked is kept as a vector once it has its answer, for requests that mean nearly the same. Where that does
/// not work it is only not found later.
Task<void> remember_request(EngineState* engine, std::size_t stage, Job settled) {
  const StageRecord& done = settled.stages[stage];
  const auto recipe = engine->deps.recipes.find(settled.recipe);
  const auto* config = recipe != engine->deps.recipes.end() ? find_stage(recipe->second, done.name) : nullptr;
  const bool own = done.state == StageState::completed && !done.fallback;
  if (engine->deps.neighbours == nullptr || config == nullptr || !own || !similar::compares(*config)) co_return;
  Clock& clock = engine->deps.clock;
  if (const auto slept = co_await clock.sleep_until(clock.mono_now() + kAnswerFirst); !slept) co_return;
  auto remembering = engine->deps.neighbours->remember(settled, done.name);
  const auto remembered = co_await std::move(remembering);
  if (!remembered)
    tell(engine->deps.log, LogLevel::info, "request_not_remembered",
         {{"item", settled.id.text()}, {"code", remembered.error().code()}});
}

/// A place is free, and the job may wait for another pool now.
void ring_after(EngineState* engine, const std::string& bulkhead, const Result<Job>& settled) {
  if (!settled || engine->pace != admission::Pace::full) return engine->ring_all();  // each pool may have waited for it
  if (engine->full.contains(bulkhead)) engine->ring(bulkhead);
  engine->ring_for(*settled);
}

/// One claimed job: runs it, settles it, frees its slot.
Task<void> run_one(EngineState* engine, Job job, std::string bulkhead) {
  runner::Attempt& attempt = engine->running[{job.id, job.fence}];
  attempt.stop_bell = engine->deps.clock.make_wakeup();
  if (engine->draining) attempt.stop = runner::Stop::drain;
  auto recipe = recipe_of(engine, job);
  attempt.kind = job.stages[job.stage].kind;
  attempt.patience = own_patience(recipe, job);
  attempt.progressed_at = engine->deps.clock.mono_now();
  auto deps = runner_deps(engine);
  const MonoTime began = engine->deps.clock.mono_now();
  auto running = runner::run_attempt(job, std::move(recipe), &attempt, std::move(deps));
  const auto settled = co_await std::move(running);
  engine->running.erase({job.id, job.fence});
  engine->busy[bulkhead] -= 1;
  ring_after(engine, bulkhead, settled);
  if (settled) tell_settled(engine->deps.log, job, *settled);
  if (settled) measure(engine->deps.meter, job, *settled, engine->deps.clock.mono_now() - began);
  if (settled) co_await drop_artifacts(engine, *settled);
  if (settled) co_await remember_request(engine, job.stage, *settled);
}

/// How many jobs of a bulkhead may be begun now.
unsigned free_slots(EngineState* engine, const std::string& bulkhead) {
  if (engine->parked.contains(bulkhead)) return 0;
  const unsigned slots = engine->config.slots.at(bulkhead);
  const unsigned busy = engine->busy[bulkhead];
  const unsigned free = slots - std::min(slots, busy);
  if (engine->pace == admission::Pace::full) return free;
  if (engine->pace == admission::Pace::none || engine->claims > 0) return 0;
  const bool at_work = std::ranges::any_of(engine->busy, [](const auto& pool) { return pool.second > 0; });
  return at_work ? 0 : std::min(free, 1U);
}

/// What a look for work came to.
struct Look {
  bool found = false;
  bool more = false;  ///< there may be more: as much was found as was asked for, or somebody came too late for it
};

/// Claims what may be begun.
Task<Result<Look>> claim_and_spawn(EngineState* engine, std::string bulkhead) {
  const unsigned free = free_slots(engine, bulkhead);
  engine->full.insert(bulkhead);
  if (free == 0) co_return Look{};
  ClaimRequest request{.bulkhead = bulkhead,
                       .count_max = free,
                       .node = engine->config.node,
                       .lease_for = engine->config.lease_for,
                       .local_holder = true};
  engine->claims += 1;
  engine->looking[bulkhead].clear();
  auto claimed = co_await engine->deps.store.claim(std::move(request));
  engine->claims -= 1;
  auto told = std::move(engine->looking.extract(bulkhead).mapped());
  if (!claimed || !claimed->empty() || !told.empty()) engine->relay_bell->ring();
  HF_CO_TRY(auto jobs, std::move(claimed));
  engine->busy[bulkhead] += static_cast<unsigned>(jobs.size());
  for (Job& job : jobs) {
    told.erase(job.id);
    engine->attempts.spawn(run_one(engine, std::move(job), bulkhead));
  }
  const Look look{.found = !jobs.empty(), .more = jobs.size() == free || !told.empty()};
  if (!look.more) engine->full.erase(bulkhead);
  co_return look;
}

/// How long nothing can become due. Never longer than look_every: that much a lost ring or a jump of the
/// calendar costs.
Task<milliseconds> idle_time(EngineState* engine, std::string bulkhead) {
  const milliseconds longest = engine->config.look_every;
  if (free_slots(engine, bulkhead) == 0) co_return longest;  // a finished attempt rings, and so does another pace
  const auto due = co_await engine->deps.store.next_due(bulkhead);
  if (!due || !*due) co_return longest;
  co_return std::clamp(**due, milliseconds{1}, longest);
}

/// So long what was found goes before the question when there will be more.
constexpr milliseconds kFoundFirst{5};

}  // namespace

Task<void> dispatch(EngineState* engine, std::string bulkhead) {
  Clock& clock = engine->deps.clock;
  Wakeup& bell = *engine->bells.at(bulkhead);
  for (unsigned failures = 0; !engine->draining;) {
    engine->looked_at[bulkhead] = clock.mono_now();
    const auto look = co_await claim_and_spawn(engine, bulkhead);
    if (look && look->more) continue;
    if (look && look->found) {
      const auto rung = co_await bell.wait_until(clock.mono_now() + kFoundFirst);
      if (!rung) co_return;
      if (*rung) continue;
    }
    failures = look ? 0 : failures + 1;
    milliseconds pause{};
    if (look) {
      pause = co_await idle_time(engine, bulkhead);
    } else {
      pause = kStoreBackoff.base + backoff(kStoreBackoff, failures, engine->deps.entropy.next());
    }
    if (engine->draining) co_return;
    const auto woken = co_await bell.wait_until(clock.mono_now() + pause);
    if (!woken) co_return;
  }
}

}  // namespace holdfast::queue
