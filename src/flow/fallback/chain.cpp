#include "flow/fallback/chain.hpp"

#include <algorithm>

namespace holdfast::fallback {
namespace {

bool ends_the_attempt(const Error& error) {
  return error.error_class() == ErrorClass::conflict || error.error_class() == ErrorClass::canceled ||
         error.error_class() == ErrorClass::interrupted;
}

bool is_of(const FallbackStep& step, std::string_view mode) {
  return (step.only_in.empty() || step.only_in == mode) && (step.not_in.empty() || step.not_in != mode);
}

/// Also what has no fallbacks: where nothing at all answers, it is the last resort.
modes::Health away_now(const Recipe& recipe, WorkerPool& workers) {
  modes::Health health;
  for (const StageConfig& config : recipe.stages) {
    if (is_away(workers, config)) health.out.insert(config.name);
  }
  return health;
}

/// What a job's finished stages were not done in: their own way, or with the configured model.
modes::Health left_by(const Job& job) {
  modes::Health health;
  for (const StageRecord& record : job.stages) {
    if (is_lesser(record)) (record.fallback->strategy == kSmallerModel ? health.less : health.out).insert(record.name);
  }
  return health;
}

/// What is left of the stage's deadline, at most `wanted`; none: it has passed.
milliseconds time_left(const StageConfig& stage, milliseconds wanted, MonoTime began, MonoTime now) {
  if (stage.deadline.count() <= 0) return wanted;
  return std::min(wanted, std::max(began + stage.deadline - now, milliseconds{0}));
}

}  // namespace

bool may_help(const Error& error) {
  switch (error.error_class()) {
    case ErrorClass::transient:
    case ErrorClass::dependency:
    case ErrorClass::resource:
    case ErrorClass::overloaded:
    case ErrorClass::unknown:
      return true;
    default:
      return false;
  }
}

bool is_away(WorkerPool& workers, const StageConfig& stage) {
  const auto* kind = stages::find_kind(stage.kind);
  return kind != nullptr && workers.is_away(kind->worker(), stage.role);
}

bool has_less(WorkerPool& workers, const StageConfig& stage) {
  const auto* kind = stages::find_kind(stage.kind);
  return kind != nullptr && workers.has_less(kind->worker(), stage.role);
}

std::string mode_with_earlier(const Job& job, const Recipe& recipe, WorkerPool& workers) {
  if (recipe.modes.empty()) return {};
  const auto& possible = recipe.modes[modes::choose(recipe.modes, job.requested_mode, away_now(recipe, workers))];
  return possible.last_resort ? possible.name : job.mode;
}

std::string mode_without(const Job& job, const Recipe& recipe, const std::string& stage, WorkerPool& workers) {
  if (recipe.modes.empty()) return {};
  modes::Health fell = left_by(job);
  fell.out.insert(stage);
  modes::Health now = away_now(recipe, workers);
  now.out.insert(fell.out.begin(), fell.out.end());
  const auto& now_possible = recipe.modes[modes::choose(recipe.modes, job.requested_mode, now)];
  if (now_possible.last_resort) return now_possible.name;
  const auto& left = recipe.modes[modes::choose(recipe.modes, job.requested_mode, fell)];
  return modes::lower_of(recipe.modes, job.mode, left.name);
}

void mark_less(const Job& job, const Recipe& recipe, const StageConfig& stage, decide::StageOutcome& outcome) {
  if (outcome.fallback || !modes::tells_of_less(recipe.modes, stage.name)) return;
  outcome.fallback = Fallback{.strategy = std::string{kSmallerModel},
                              .cause = std::string{kOutOfMemory},
                              .reliability = "medium",
                              .redo = stage.redo};
  modes::Health health = left_by(job);
  health.less.insert(stage.name);
  const auto& left = recipe.modes[modes::choose(recipe.modes, job.requested_mode, health)];
  outcome.mode = modes::lower_of(recipe.modes, job.mode, left.name);
}

Task<Result<decide::StageOutcome>> run_chain(const stages::StageInput* input, const Recipe* recipe, Error cause,
                                             OwnWay own_way, MonoTime began, Deps deps) {
  const StageConfig& stage = input->config;
  const std::string mode = mode_without(input->job, *recipe, stage.name, deps.workers);
  for (FallbackStep step : stage.fallbacks) {
    const Strategy* strategy = find_strategy(step.strategy);
    if (strategy == nullptr || !is_of(step, mode)) continue;
    step.time_max = time_left(stage, step.time_max, began, deps.clock.mono_now());
    if (strategy->takes_time() && step.time_max.count() == 0) continue;
    if (strategy->asks_again() && is_away(deps.workers, stage)) continue;
    Situation situation{.input = input,
                        .step = &step,
                        .own_way = &own_way,
                        .clock = &deps.clock,
                        .neighbours = deps.neighbours,
                        .mode = input->job.requested_mode};
    auto finding = strategy->find(std::move(situation));
    auto found = co_await std::move(finding);
    if (!found && ends_the_attempt(found.error())) co_return std::unexpected{std::move(found).error()};
    if (!found || !*found) continue;
    decide::StageOutcome outcome = std::move((*found)->outcome);
    outcome.fallback = std::move((*found)->mark);
    outcome.fallback->strategy = step.strategy;
    outcome.fallback->reliability = step.reliability;
    outcome.fallback->cause = cause.code();
    outcome.fallback->redo = stage.redo;
    outcome.mode = mode;
    co_return outcome;
  }
  co_return std::unexpected{std::move(cause)};
}

}  // namespace holdfast::fallback
