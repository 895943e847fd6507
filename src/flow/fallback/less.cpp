#include "flow/fallback/strategies.hpp"

namespace holdfast::fallback {

Result<void> Less::check(const StageConfig& stage, const FallbackStep& step) const {
  if (stage.kind != "generate")
    return fail(ErrorClass::permanent, "HF-CFG-02", "\"less\" is for stages of kind \"generate\"");
  if (step.tokens_max >= stage.tokens_max)
    return fail(ErrorClass::permanent, "HF-CFG-02", "\"less\" must have fewer \"tokens_max\" than its stage");
  return {};
}

Task<Result<std::optional<Found>>> Less::find(Situation situation) const {
  StageConfig config = situation.input->config;
  config.tokens_max = situation.step->tokens_max;
  config.time_max = situation.step->time_max;
  config.temperature = situation.step->temperature.value_or(config.temperature);
  auto trying = (*situation.own_way)(std::move(config));
  HF_CO_TRY(auto outcome, co_await std::move(trying));
  Found found;
  if (outcome.fallback) found.mark.made_at = outcome.fallback->made_at;  // that was asked before, too
  found.outcome = std::move(outcome);
  co_return std::optional{std::move(found)};
}

}  // namespace holdfast::fallback
