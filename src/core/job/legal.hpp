#pragma once

#include "core/job/job.hpp"

namespace holdfast {

/// Which status may follow which, whatever the reason. A decision (decide.hpp) outside this table is a bug of
/// ours, and every store refuses it: conflict HF-ITM-03, nothing changed.
[[nodiscard]] constexpr bool may_follow(JobStatus before, JobStatus after) {
  using enum JobStatus;
  switch (before) {
    case pending:
      return after != failed;  // completed: only again, when no gap is to be filled any more (is_legal_step)
    case processing:
      return true;
    case failed:
      return after == pending || after == failed || after == completed;  // a retry, a discard, a result by hand
    case completed:
    case cancelled:
      return after == pending;  // only by a retry, a redo, or to fill gaps
  }
  return false;
}

/// A pending job waits for what it needs; a completed one for what it is to be done again with.
[[nodiscard]] inline bool can_be_held(const Job& job) {
  return job.held_for == kHeldForRedo ? job.status == JobStatus::completed : job.status == JobStatus::pending;
}

/// Whether a job is sound in itself: it has a lease exactly while it is processing, the newest one; a current stage
/// exactly until it is completed; only a pending one can be held, and a completed one for being done again; none waits
/// for work that is to be cancelled; none that is over fills gaps, nor a stage that is; only a failed one can be
/// discarded; it has an end exactly when it is over; and what retention took is neither there nor needed.
[[nodiscard]] inline bool is_sound(const Job& job) {
  const bool working = job.status == JobStatus::processing;
  if (job.id.empty() || job.lease.has_value() != working) return false;
  if (working && job.lease->fence != job.fence) return false;
  if (!job.held_for.empty() && !can_be_held(job)) return false;
  if (job.cancel_requested && job.status == JobStatus::pending) return false;
  if (!job.discarded.empty() && job.status != JobStatus::failed) return false;
  if (job.over_at.has_value() != is_terminal(job.status)) return false;
  const StageRecord* filling = filling_stage(job);
  if (filling != nullptr && (is_terminal(job.status) || filling->state == StageState::completed)) return false;
  if (job.results_expired_at && !job.over_at) return false;
  if (job.file_expired_at && (!job.input.payload.empty() || (!job.over_at && needs_file_from(job, job.stage))))
    return false;
  return job.status == JobStatus::completed ? job.stage == job.stages.size() : job.stage < job.stages.size();
}

/// Whether retention took something between both.
[[nodiscard]] inline bool expires(const Job& before, const Job& after) {
  return (after.file_expired_at && !before.file_expired_at) || (after.results_expired_at && !before.results_expired_at);
}

/// Whether the key was given up between both: from then on an equal request is new work.
[[nodiscard]] inline bool gives_up_key(const Job& before, const Job& after) {
  return !before.job_key.empty() && after.job_key.empty();
}

/// Whether after may follow before, or is the same but for its key or for what retention took: only of what was over
/// and stays so. A file that retention took does not come back.
[[nodiscard]] inline bool is_legal_step(const Job& before, const Job& after) {
  if (before.file_expired_at && after.file_expired_at != before.file_expired_at) return false;
  const bool completes_unworked = before.status == JobStatus::pending && after.status == JobStatus::completed;
  if (completes_unworked && filling_stage(before) == nullptr) return false;
  if (!expires(before, after) && !gives_up_key(before, after)) return may_follow(before.status, after.status);
  return before.over_at && after.over_at == before.over_at && after.status == before.status;
}

/// Whether a store may take the whole record out: it is over, and nothing that was handed in or made is kept.
[[nodiscard]] inline bool may_be_removed(const Job& job) {
  return is_terminal(job.status) && !keeps_file(job) && !keeps_results(job);
}

/// Whether a store may take this job as a new one: pending, and never leased before.
[[nodiscard]] inline bool is_legal_start(const Job& created) {
  return is_sound(created) && created.status == JobStatus::pending && created.fence == 0;
}

/// Whether both are the same piece of work: what was asked, by whom and when never changes. Its key can be given up.
[[nodiscard]] inline bool is_same_item(const Job& before, const Job& after) {
  return after.id == before.id && (after.job_key == before.job_key || gives_up_key(before, after)) &&
         after.fingerprint == before.fingerprint && after.owner == before.owner &&
         after.recipe == before.recipe && after.created_at == before.created_at;
}

/// Whether a store may replace `before` by `after`: the same item, one version on, a status that may follow,
/// the fence grown by one with a new lease and never otherwise, and retention within its limits. What was discarded
/// never changes again, but that it can be removed.
[[nodiscard]] inline bool is_legal(const Job& before, const Job& after) {
  if (!is_same_item(before, after) || !is_sound(after)) return false;
  if (after.version != before.version + 1 || !is_legal_step(before, after)) return false;
  if (!before.discarded.empty()) return false;  // its file may be gone
  const bool newly_leased = before.status == JobStatus::pending && after.status == JobStatus::processing;
  if (after.fence != before.fence + (newly_leased ? 1 : 0)) return false;
  const bool kept_lease = before.lease && after.lease;
  return !kept_lease || after.lease->node == before.lease->node;
}

}  // namespace holdfast
