#include "flow/queue/fuller.hpp"

#include "flow/intake/new_job.hpp"

namespace holdfast::queue {
namespace {

/// Whether a stage is the same work in both modes.
bool is_same_work(const StageConfig& one, const StageConfig& other) {
  return one.beam_size == other.beam_size && one.tokens_max == other.tokens_max && one.temperature == other.temperature;
}

}  // namespace

Result<decide::Fuller> fuller(const Job& job, const Recipe& recipe, const std::string& mode) {
  if (mode.empty()) return fail(ErrorClass::invalid, "HF-UPL-11", "no mode is named");
  HF_TRY_VOID(intake::check_mode(recipe, mode));
  if (modes::is_fuller(recipe.modes, job.requested_mode, mode))
    return fail(ErrorClass::conflict, "HF-ITM-11", "it was asked for in the fuller mode '" + job.requested_mode + "'");
  decide::Fuller wanted{.mode = mode, .plan = intake::plan_of(recipe, mode), .anew = {}};
  for (const StageConfig& stage : recipe.stages) {
    if (!is_same_work(in_mode(recipe, stage, job.requested_mode), in_mode(recipe, stage, mode)))
      wanted.anew.push_back(stage.name);
  }
  return wanted;
}

}  // namespace holdfast::queue
