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

/// Due now, and nothing else.
Transition hurry(const Job& job, WallTime now) {
  Transition change = begin(job, now);
  wait_at(change.after, job.stage, now);
  note(change, "job.retry_requested");
  return change;
}

/// Where the gaps are heard again: the sound was removed when the job was completed, so it is made once more.
std::size_t fill_start(const Job& job, std::size_t transcribes) {
  const auto end = job.stages.begin() + static_cast<std::ptrdiff_t>(transcribes);
  return static_cast<std::size_t>(std::ranges::find(job.stages.begin(), end, "convert", &StageRecord::kind) -
                                  job.stages.begin());
}

/// "2 gaps, 31.4 s"
std::string asked_for(const std::vector<speech::Region>& gaps) {
  const std::int64_t tenths = speech::total_ms(gaps) / 100;
  return std::to_string(gaps.size()) + (gaps.size() == 1 ? " gap, " : " gaps, ") + std::to_string(tenths / 10) + '.' +
         std::to_string(tenths % 10) + " s";
}

Result<void> check_fillable(const Job& job, std::size_t transcribes, bool has_gaps) {
  if (!job.discarded.empty()) return is_discarded();
  if (job.status != JobStatus::completed) return illegal(job, "filling gaps");
  if (job.file_expired_at || job.results_expired_at)
    return holdfast::fail(ErrorClass::conflict, "HF-ITM-10", "the recording or its transcript was deleted");
  if (transcribes == job.stages.size() || !has_gaps)
    return holdfast::fail(ErrorClass::conflict, "HF-GAP-01", "the transcript has no such gap");
  return {};
}

}  // namespace

Result<Transition> retry(const Job& job, const std::string& from_stage, WallTime now) {
  if (job.status == JobStatus::processing) return illegal(job, "retrying");
  if (!job.discarded.empty()) return is_discarded();
  if (filling_stage(job) != nullptr && from_stage.empty()) return hurry(job, now);
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
  rise_if_full(after);
  for (std::size_t i = start; i < after.stages.size(); ++i)
    change.drop_results_of.push_back(after.stages[i].name);
  change.drop_segments =
      std::ranges::any_of(after.stages.begin() + static_cast<std::ptrdiff_t>(start), after.stages.end(),
                          [](const auto& s) { return s.kind == "transcribe" && s.position_ms == 0; });
  wait_at(after, start, now);
  note(change, "job.retry_requested");
  return change;
}

Result<Transition> fill_gaps(const Job& job, std::vector<speech::Region> gaps, WallTime now) {
  const auto stage = std::ranges::find(job.stages, "transcribe", &StageRecord::kind);
  const auto transcribes = static_cast<std::size_t>(stage - job.stages.begin());
  HF_TRY_VOID(check_fillable(job, transcribes, !gaps.empty()));
  Transition change = begin(job, now);
  Job& after = change.after;
  const std::size_t start = fill_start(job, transcribes);
  for (std::size_t i = start; i <= transcribes; ++i) start_anew(after.stages[i], i == transcribes);
  const std::string detail = asked_for(gaps);
  after.stages[transcribes].fill = std::move(gaps);
  wait_at(after, start, now);
  note(change, "job.fill_requested", detail);
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
