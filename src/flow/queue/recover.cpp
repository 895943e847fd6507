#include "flow/queue/recover.hpp"

#include <set>

#include "core/job/decide.hpp"
#include "flow/queue/release.hpp"

namespace holdfast::queue {
namespace {

RetryPolicy policy_of(const Engine::Deps& deps, const Job& job) {
  const auto recipe = deps.recipes.find(job.recipe);
  if (recipe == deps.recipes.end() || current_stage(job) == nullptr) return {};
  const StageConfig* config = find_stage(recipe->second, current_stage(job)->name);
  return config != nullptr ? policy_under(deps.rules, *config) : RetryPolicy{};
}

std::unexpected<Error> still_held() {
  return fail(ErrorClass::conflict, "HF-ITM-05", "the lease is still valid");
}

bool is_in(const Job& job, const std::string& kind) {
  const StageRecord* stage = current_stage(job);
  return kind.empty() || (stage != nullptr && stage->kind == kind);
}

/// The store did not take it; anything else says that the item was changed meanwhile.
bool may_be_tried_again(const Error& error) {
  return error.error_class() == ErrorClass::transient || error.error_class() == ErrorClass::resource ||
         error.error_class() == ErrorClass::dependency || error.error_class() == ErrorClass::corrupt;
}

std::set<Fence> fences_running(EngineState* engine, const ItemId& item) {
  std::set<Fence> fences;
  for (auto at = engine->running.lower_bound({item, 0});
       at != engine->running.end() && at->first.first == item; ++at) {
    fences.insert(at->first.second);
  }
  return fences;
}

}  // namespace

Task<Result<std::size_t>> recover(EngineState* engine, bool alone, std::string kind) {
  HF_CO_TRY(const auto items, co_await engine->deps.store.leased());
  std::size_t taken = 0;
  for (const ItemId& item : items) {
    const auto alive = fences_running(engine, item);
    const Decide decision = [&deps = engine->deps, alone, alive, kind](
                                const Job& job, WallTime now) -> Result<Transition> {
      if (!is_in(job, kind)) return still_held();
      if (alive.contains(job.fence)) return still_held();  // ours, and at work
      if (!alone && job.lease && job.lease->until > now) return still_held();
      return decide::interrupt(job, policy_of(deps, job), now);
    };
    const auto updated = co_await engine->deps.store.update(item, decision);
    if (updated) taken += 1;
    const bool over = updated || updated.error().error_class() == ErrorClass::conflict ||
                      updated.error().error_class() == ErrorClass::not_found;
    if (!over) co_return std::unexpected(updated.error());
  }
  engine->figures.interrupted += taken;
  co_return taken;
}

Task<Result<void>> mend_calendar(EngineState* engine) {
  HF_CO_TRY(const auto items, co_await engine->deps.store.from_the_future());
  const Decide decision = [](const Job& job, WallTime now) { return decide::wait_anew(job, now); };
  Result<void> mended;
  for (const ItemId& item : items) {
    const auto updated = co_await engine->deps.store.update(item, decision);
    if (!updated && may_be_tried_again(updated.error())) mended = std::unexpected(updated.error());
  }
  if (!items.empty()) engine->ring_all();
  co_return mended;
}

Task<void> watch_calendar(EngineState* engine) {
  Clock& clock = engine->deps.clock;
  constexpr milliseconds kLookEvery{60'000};
  constexpr milliseconds kJump{2'000};
  auto lead = clock.wall_now().time_since_epoch() - clock.mono_now().time_since_epoch();
  for (bool mended = false; !engine->draining;) {
    const auto lead_now = clock.wall_now().time_since_epoch() - clock.mono_now().time_since_epoch();
    if (!mended || lead_now + kJump < lead) mended = (co_await mend_calendar(engine)).has_value();
    lead = lead_now;
    if (engine->draining) co_return;
    const auto slept = co_await clock.sleep_until(clock.mono_now() + kLookEvery);
    if (!slept) co_return;
  }
}

Task<void> watch_leases(EngineState* engine) {
  while (!engine->draining) {
    const auto slept =
        co_await engine->deps.clock.sleep_until(engine->deps.clock.mono_now() + engine->config.lease_for / 3);
    if (!slept || engine->draining) co_return;
    const auto taken = co_await recover(engine, false);  // a store that is away is asked again next time
    if (!taken || *taken == 0) continue;
    tell(engine->deps.log, LogLevel::warn, "leases_expired", {{"count", std::to_string(*taken)}});
    engine->ring_all();
  }
}

}  // namespace holdfast::queue
