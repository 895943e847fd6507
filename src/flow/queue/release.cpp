#include "flow/queue/release.hpp"

#include <array>
#include <map>
#include <tuple>

#include "core/job/decide.hpp"
#include "flow/stages/stage_kind.hpp"

namespace holdfast::queue {
namespace {

/// The codes that hold jobs, and the worker whose probe tells that what they name is back.
constexpr std::array<std::pair<std::string_view, WorkerKind>, 14> kHolds{
    {{"HF-FFM-01", WorkerKind::media},
     {"HF-ENG-02", WorkerKind::speech},
     {"HF-ENG-09", WorkerKind::speech},
     {"HF-ENG-10", WorkerKind::speech},
     {"HF-LLM-01", WorkerKind::language},
     {"HF-LLM-02", WorkerKind::language},
     {"HF-LLM-05", WorkerKind::language},
     {"HF-LLM-06", WorkerKind::language},
     {"HF-LLM-07", WorkerKind::language},
     {"HF-EMB-01", WorkerKind::embedding},
     {"HF-EMB-02", WorkerKind::embedding},
     {"HF-EMB-05", WorkerKind::embedding},
     {"HF-EMB-06", WorkerKind::embedding},
     {"HF-EMB-07", WorkerKind::embedding}}};
/// Held because the service of its next stage rests, whichever that is.
constexpr std::string_view kResting = "HF-SVC-01";
/// So many completed jobs are begun again at one look: others that wait for the first time come before them.
constexpr std::size_t kRedosAtOnce = 4;

/// What the next stage of a job will ask for: worker, role, and whether it repeats.
using Wanted = std::tuple<WorkerKind, std::string, bool>;

std::optional<Wanted> wanted_by(const RecipeBook& recipes, const Job& job) {
  const StageRecord* stage = current_stage(job);
  const auto* kind = stage != nullptr ? stages::find_kind(stage->kind) : nullptr;
  if (kind == nullptr) return std::nullopt;
  const auto recipe = recipes.find(job.recipe);
  const auto* config = recipe != recipes.end() ? find_stage(recipe->second, stage->name) : nullptr;
  return Wanted{kind->worker(), config != nullptr ? kind->role(job, *config) : std::string{}, stage->attempts > 0};
}

Task<bool> release_one(EngineState* engine, ItemId item, std::string code) {
  const Decide decision = [code](const Job& job, WallTime now) { return decide::release(job, code, now); };
  // Cancelled or released meanwhile: nothing to do. What failed is tried at the next look.
  const auto released = co_await engine->deps.store.update(item, decision);
  co_return released.has_value();
}

/// The same, of the job as it was seen: one that was let go, begun and held again meanwhile may want something else.
Task<bool> release_from(EngineState* engine, Job seen, std::string code) {
  const Decide decision = [code, fence = seen.fence](const Job& job, WallTime now) -> Result<Transition> {
    if (job.fence != fence) return fail(ErrorClass::conflict, "HF-ITM-03", "it was held anew meanwhile");
    return decide::release(job, code, now);
  };
  const auto released = co_await engine->deps.store.update(seen.id, decision);
  co_return released.has_value();
}

void tell_released(EngineState* engine, std::string_view code, std::size_t count) {
  if (count == 0) return;
  engine->figures.released += count;
  tell(engine->deps.log, LogLevel::info, "jobs_released",
       {{"held_for", std::string{code}}, {"count", std::to_string(count)}});
  engine->ring_all();
}

Task<std::size_t> release_if_back(EngineState* engine, std::string code, WorkerKind kind) {
  const auto items = co_await engine->deps.store.held(code);
  if (!items || items->empty()) co_return std::size_t{0};
  const auto probed = co_await engine->deps.workers.probe(kind);
  if (!probed) co_return std::size_t{0};
  std::size_t count = 0;
  for (const ItemId& item : *items) {
    auto releasing = release_one(engine, item, code);
    if (co_await std::move(releasing)) ++count;
  }
  tell_released(engine, code, count);
  co_return count;
}

/// How many pieces of such work the service would take now; none if its probe says that it is away.
Task<unsigned> room_for(EngineState* engine, Wanted wanted) {
  const auto& [kind, role, repeats] = wanted;
  const unsigned room = engine->deps.workers.room(kind, role, repeats);
  if (room == 0) co_return 0;
  const auto probed = co_await engine->deps.workers.probe(kind);
  co_return probed ? room : 0;
}

Task<std::size_t> release_rested(EngineState* engine) {
  const auto items = co_await engine->deps.store.held(std::string{kResting});
  if (!items) co_return std::size_t{0};
  std::map<Wanted, unsigned> room;
  std::size_t count = 0;
  for (const ItemId& item : *items) {
    if (engine->draining) break;
    const auto job = co_await engine->deps.store.find(item);
    if (!job || !*job) continue;
    const auto wanted = wanted_by(engine->deps.recipes, **job);
    if (!wanted) continue;
    if (!room.contains(*wanted)) {
      auto asking = room_for(engine, *wanted);
      const unsigned found = co_await std::move(asking);
      room.emplace(*wanted, found);
    }
    unsigned& left = room.at(*wanted);
    if (left == 0) continue;
    auto releasing = release_from(engine, **job, std::string{kResting});
    if (!co_await std::move(releasing)) continue;
    --left;
    ++count;
  }
  tell_released(engine, kResting, count);
  co_return count;
}

/// What the stage will ask for that a completed job is to be done again from.
std::optional<Wanted> wanted_by_redo(const RecipeBook& recipes, Job job) {
  job.stage = redo_start(job);
  return wanted_by(recipes, job);
}

Task<bool> redo_one(EngineState* engine, ItemId item) {
  const Decide decision = [](const Job& job, WallTime now) { return decide::redo(job, now); };
  const auto begun = co_await engine->deps.store.update(item, decision);
  co_return begun.has_value();
}

/// Whether what was made by a smaller model would be made by it again.
bool would_be_the_same(WorkerPool& workers, const Job& job, const Wanted& wanted) {
  const StageRecord& stage = job.stages[redo_start(job)];
  return stage.fallback->strategy == kSmallerModel && workers.has_less(std::get<0>(wanted), std::get<1>(wanted));
}

/// Completed jobs that were done in a lesser way, one for each place that their services have.
Task<std::size_t> redo_lesser(EngineState* engine) {
  const auto items = co_await engine->deps.store.held(std::string{kHeldForRedo});
  if (!items || items->empty()) co_return std::size_t{0};
  std::map<Wanted, unsigned> room;
  std::size_t count = 0;
  for (const ItemId& item : *items) {
    if (engine->draining || count == kRedosAtOnce) break;
    const auto job = co_await engine->deps.store.find(item);
    if (!job || !*job) continue;
    const auto wanted = wanted_by_redo(engine->deps.recipes, **job);
    if (!wanted) continue;
    if (!room.contains(*wanted)) {
      auto asking = room_for(engine, *wanted);
      const unsigned found = co_await std::move(asking);
      const bool away = engine->deps.workers.is_away(std::get<0>(*wanted), std::get<1>(*wanted));
      room.emplace(*wanted, away ? 0 : found);
    }
    unsigned& left = room.at(*wanted);
    if (left == 0 || would_be_the_same(engine->deps.workers, **job, *wanted)) continue;
    auto redoing = redo_one(engine, item);
    if (!co_await std::move(redoing)) continue;
    --left;
    ++count;
  }
  tell_released(engine, kHeldForRedo, count);
  co_return count;
}

}  // namespace

Task<void> watch_holds(EngineState* engine) {
  Clock& clock = engine->deps.clock;
  while (!engine->draining) {
    const auto woken = co_await engine->holds_bell->wait_until(clock.mono_now() + engine->config.probe_every);
    if (!woken) co_return;
    for (const auto& [code, kind] : kHolds) {
      if (engine->draining) co_return;
      auto releasing = release_if_back(engine, std::string{code}, kind);
      (void)co_await std::move(releasing);
    }
    if (engine->draining) co_return;
    (void)co_await release_rested(engine);
    (void)co_await redo_lesser(engine);
  }
}

Task<std::size_t> release_back(EngineState* engine, WorkerKind worker) {
  std::size_t released = 0;
  for (const auto& [code, kind] : kHolds) {
    if (kind != worker) continue;
    auto releasing = release_if_back(engine, std::string{code}, kind);
    released += co_await std::move(releasing);
  }
  released += co_await release_rested(engine);
  co_return released + co_await redo_lesser(engine);
}

}  // namespace holdfast::queue
