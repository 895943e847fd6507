#pragma once

#include "core/job/job.hpp"

namespace holdfast {

/// Which status may follow which, whatever the reason. A decision (decide.hpp) outside this table is a bug of
/// ours, and every store refuses it: conflict HF-ITM-03, nothing changed.
[[nodiscard]] constexpr bool may_follow(JobStatus before, JobStatus after) {
  using enum JobStatus;
  switch (before) {
    case pending:
      return after == pending || after == processing || after == cancelled;
    case processing:
      return true;
    case failed:
      return after == pending || after == failed || after == completed;  // a retry, a discard, a result by hand
    case completed:
    case cancelled:
      return after == pending;  // only by a retry
  }
  return false;
}

/// Whether a job is sound in itself: it has a lease exactly while it is processing, and that one is the
/// newest; it has a current stage exactly until it is completed; only a pending one can be held; none waits for
/// work that is to be cancelled; and only a failed one can be discarded.
[[nodiscard]] inline bool is_sound(const Job& job) {
  const bool working = job.status == JobStatus::processing;
  if (job.id.empty() || job.lease.has_value() != working) return false;
  if (working && job.lease->fence != job.fence) return false;
  if (!job.held_for.empty() && job.status != JobStatus::pending) return false;
  if (job.cancel_requested && job.status == JobStatus::pending) return false;
  if (!job.discarded.empty() && job.status != JobStatus::failed) return false;
  return job.status == JobStatus::completed ? job.stage == job.stages.size() : job.stage < job.stages.size();
}

/// Whether a store may take this job as a new one: pending, and never leased before.
[[nodiscard]] inline bool is_legal_start(const Job& created) {
  return is_sound(created) && created.status == JobStatus::pending && created.fence == 0;
}

/// Whether both are the same piece of work: what was asked, by whom and when never changes.
[[nodiscard]] inline bool is_same_item(const Job& before, const Job& after) {
  return after.id == before.id && after.job_key == before.job_key &&
         after.fingerprint == before.fingerprint && after.owner == before.owner &&
         after.recipe == before.recipe && after.created_at == before.created_at;
}

/// Whether a store may replace `before` by `after`: the same item, one version on, a status that may follow,
/// and the fence grown by one with a new lease and never otherwise. What was discarded never changes again.
[[nodiscard]] inline bool is_legal(const Job& before, const Job& after) {
  if (!is_same_item(before, after) || !is_sound(after)) return false;
  if (after.version != before.version + 1 || !may_follow(before.status, after.status)) return false;
  if (!before.discarded.empty()) return false;  // its file may be gone
  const bool newly_leased = before.status == JobStatus::pending && after.status == JobStatus::processing;
  if (after.fence != before.fence + (newly_leased ? 1 : 0)) return false;
  const bool kept_lease = before.lease && after.lease;
  return !kept_lease || after.lease->node == before.lease->node;
}

}  // namespace holdfast
