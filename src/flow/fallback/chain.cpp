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

modes::Stages away_now(const Recipe& recipe, WorkerPool& workers) {
  modes::Stages out;
  for (const StageConfig& config : recipe.stages) {
    if (is_away(workers, config)) out.insert(config.name);
  }
  return out;
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

std::string mode_with_earlier(const Job& job, const Recipe& recipe, WorkerPool& workers) {
  if (recipe.modes.empty()) return {};
  const auto& possible = recipe.modes[modes::choose(recipe.modes, job.requested_mode, away_now(recipe, workers))];
  return possible.last_resort ? possible.name : job.mode;
}

std::string mode_without(const Job& job, const Recipe& recipe, const std::string& stage, WorkerPool& workers) {
  if (recipe.modes.empty()) return {};
  modes::Stages fell{stage};
  for (const StageRecord& record : job.stages) {
    if (record.fallback && record.fallback->strategy != "exact") fell.insert(record.name);
  }
  modes::Stages out = away_now(recipe, workers);
  out.insert(fell.begin(), fell.end());
  const auto& now_possible = recipe.modes[modes::choose(recipe.modes, job.requested_mode, out)];
  if (now_possible.last_resort) return now_possible.name;
  const auto& left = recipe.modes[modes::choose(recipe.modes, job.requested_mode, fell)];
  return modes::lower_of(recipe.modes, job.mode, left.name);
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
