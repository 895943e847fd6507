#include <algorithm>

#include "core/job/attach.hpp"
#include "core/job/change.hpp"
#include "core/job/decide.hpp"

namespace holdfast::decide {
namespace {

/// Where a retry starts: the named stage, or the first one that is not completed, or the first that is not
/// the upload.
std::size_t retry_start(const Job& job, const std::string& from_stage) {
  const auto& stages = job.stages;
  if (!from_stage.empty()) {
    const auto named = std::ranges::find(stages, from_stage, &StageRecord::name);
    return static_cast<std::size_t>(named - stages.begin());
  }
  const auto unfinished =
      std::ranges::find_if(stages, [](const auto& s) { return s.state != StageState::completed; });
  return unfinished != stages.end() ? static_cast<std::size_t>(unfinished - stages.begin()) : 1;
}

/// What a retry from there needs must not have been taken by retention.
Result<void> check_kept(const Job& job, std::size_t start) {
  if (job.file_expired_at && needs_file_from(job, start))
    return holdfast::fail(ErrorClass::conflict, "HF-ITM-10", "the file was deleted when its time was over");
  if (job.results_expired_at && needs_results_from(job, start))
    return holdfast::fail(ErrorClass::conflict, "HF-ITM-10", "the transcript was deleted when its time was over");
  return {};
}

void start_anew(StageRecord& stage, bool keep_checkpoint) {
  stage.state = StageState::pending;
  stage.attempts = stage.interruptions = stage.crashes = 0;
  stage.crash_position_ms = -1;
  stage.started_at.reset();
  stage.finished_at.reset();
  stage.fallback.reset();
  if (keep_checkpoint) return;  // with what it goes on from, and what is to be said of what is kept
  stage.output.clear();
  stage.warnings.clear();
  stage.position_ms = 0;
}

}  // namespace

Result<Transition> retry(const Job& job, const std::string& from_stage, WallTime now) {
  if (job.status == JobStatus::processing) return illegal(job, "retrying");
  if (!job.discarded.empty()) return is_discarded();
  const std::size_t start = retry_start(job, from_stage);
  if (start == 0 || start >= job.stages.size()) {
    return holdfast::fail(ErrorClass::invalid, "HF-ITM-04", "there is no stage of that name to retry from");
  }
  HF_TRY_VOID(check_kept(job, start));
  const bool goes_on = from_stage.empty() && job.stages[start].state != StageState::completed;
  if (job.status == JobStatus::pending && start > job.stage)
    return illegal(job, "retrying from a later stage");

  Transition change = begin(job, now);
  Job& after = change.after;
  for (std::size_t i = start; i < after.stages.size(); ++i)
    start_anew(after.stages[i], goes_on && i == start);
  const bool lesser = std::ranges::any_of(after.stages, [](const auto& s) { return s.fallback.has_value(); });
  if (!lesser) after.mode = after.requested_mode;
  for (std::size_t i = start; i < after.stages.size(); ++i)
    change.drop_results_of.push_back(after.stages[i].name);
  change.drop_segments =
      std::ranges::any_of(after.stages.begin() + static_cast<std::ptrdiff_t>(start), after.stages.end(),
                          [](const auto& s) { return s.kind == "transcribe" && s.position_ms == 0; });
  after.stage = start;
  after.status = JobStatus::pending;
  after.ready_at = now;
  after.held_for.clear();
  after.cancel_requested = false;
  after.error.reset();
  after.over_at.reset();
  after.results_expired_at.reset();
  note(change, "job.retry_requested");
  return change;
}

Result<Transition> answered(const Job& job, const std::string& detail, WallTime now) {
  if (!job.discarded.empty()) return is_discarded();
  if (!is_terminal(job.status) || !attach::is_own_key(job.job_key)) return illegal(job, "giving up its key");
  Transition change = begin(job, now);
  change.after.job_key.clear();
  note(change, "job.answered", detail);
  return change;
}

Result<Transition> redo(const Job& job, WallTime now) {
  const std::size_t start = redo_start(job);
  if (job.status != JobStatus::completed || job.held_for != kHeldForRedo || start >= job.stages.size())
    return illegal(job, "doing it again");
  HF_TRY(Transition change, retry(job, job.stages[start].name, now));
  change.after.stages[start].redos += 1;
  change.audit.back().type = "job.redo";
  return change;
}

}  // namespace holdfast::decide
