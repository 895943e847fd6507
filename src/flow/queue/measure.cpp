#include "flow/queue/measure.hpp"

namespace holdfast::queue {

std::string_view outcome_of(const Job& before, const Job& after) {
  const StageRecord& stage = after.stages[before.stage];
  if (stage.state == StageState::completed) return "completed";
  if (after.status == JobStatus::failed) return "dead";
  if (after.status == JobStatus::cancelled) return "cancelled";
  if (!after.held_for.empty()) return "held";
  return after.retry_count > before.retry_count ? "retried" : "interrupted";
}

void measure(Meter* meter, const Job& before, const Job& after, milliseconds took) {
  if (meter == nullptr || before.stage >= after.stages.size()) return;
  const StageRecord& stage = after.stages[before.stage];
  const std::string_view outcome = outcome_of(before, after);
  meter->attempt_ended(stage.kind, outcome, took);
  if (stage.kind == "transcribe" && outcome == "completed" && after.duration_ms > 0)
    meter->sound_transcribed(milliseconds{after.duration_ms});
  if (outcome == "completed" && after.mode != before.mode) meter->downshifted(after.recipe, before.mode, after.mode);
  if (is_terminal(after.status)) meter->item_ended(after.recipe, after.status, after.updated_at - after.created_at);
}

}  // namespace holdfast::queue
