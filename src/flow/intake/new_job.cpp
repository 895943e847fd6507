#include "flow/intake/new_job.hpp"

#include <algorithm>

#include "core/base/rfc3339.hpp"
#include "flow/stages/generate/shape.hpp"
#include "flow/stages/stage_kind.hpp"

namespace holdfast::intake {
namespace {

/// As of a new job, nothing of it done.
StageRecord record_of(const StageConfig& config) {
  const auto* kind = stages::find_kind(config.kind);
  return {.name = config.name,
          .kind = config.kind,
          .title = config.title,
          .bulkhead = kind != nullptr ? std::string{kind->bulkhead()} : std::string{}};
}

/// What was asked under a job key. The same key may be repeated for exactly this and nothing else.
std::string fingerprint_of(const Form& form, const Input& input) {
  const std::string recorded = form.recorded_at ? '\n' + to_rfc3339(*form.recorded_at) : std::string{};
  return form.recipe + '\n' + form.mode + '\n' + input.sha256 + input.payload + recorded;
}

/// Whether something is taken out of what was said: such a recording is a memory session.
bool remembers(const Recipe& recipe) {
  return std::ranges::any_of(recipe.stages, [](const StageConfig& stage) {
    const auto* shape = stages::find_shape(stage.shape);
    return shape != nullptr && shape->extracts();
  });
}

}  // namespace

std::vector<StageRecord> plan_of(const Recipe& recipe, std::string_view mode) {
  std::vector<StageRecord> plan;
  for (const StageConfig& config : recipe.stages) {
    if (modes::has_stage(recipe.modes, mode, config.name)) plan.push_back(record_of(config));
  }
  return plan;
}

Transition new_job(const Form& form, const Recipe& recipe, Input input, WallTime now, Dice dice) {
  Transition created;
  Job& job = created.after;
  job.id = make_item_id(now, dice);
  job.job_key = form.job_key.empty() ? job.id.text() : form.job_key;
  job.fingerprint = fingerprint_of(form, input);
  job.owner = form.owner;
  job.recipe = recipe.name;
  job.priority = form.priority;
  job.requested_mode = form.mode.empty() && !recipe.modes.empty() ? recipe.modes.front().name : form.mode;
  job.mode = job.requested_mode;
  job.ready_at = job.created_at = job.updated_at = now;
  job.input = std::move(input);
  job.version = 1;
  job.stages = plan_of(recipe, job.requested_mode);

  StageRecord& upload = job.stages.front();
  upload.state = StageState::completed;
  upload.attempts = 1;
  upload.started_at = upload.finished_at = now;
  job.stage = 1;
  if (remembers(recipe)) {
    created.session_at = form.recorded_at.value_or(now);
    created.session_offset = form.recorded_offset;
  }
  created.audit.push_back({.type = "job.created", .stage = upload.name});
  return created;
}

}  // namespace holdfast::intake
