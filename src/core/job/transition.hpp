#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/job/job.hpp"
#include "core/memory/extraction.hpp"
#include "core/transcript/segment.hpp"

namespace holdfast {

/// One line of the audit trail, and at the same time one event of the stored event log.
/// `type` is stable: job.created, stage.started, stage.completed, stage.failed, stage.interrupted, stage.warned,
/// job.held, job.released, job.completed, job.dead, job.cancel_requested, job.cancelled, job.rescheduled,
/// job.retry_requested, job.discarded, job.entered_by_hand, job.file_expired, job.results_expired, job.removed,
/// job.downshifted, job.redo, job.answered, job.fill_requested, job.gaps_filled, job.fill_given_up.
struct AuditEntry {
  std::string type;
  std::string stage;  ///< name of the stage concerned; empty: the job itself
  unsigned attempt = 0;
  Fence fence = 0;
  std::string detail;  ///< code and cause, or who did it and why; never a user's content
};

/// A named piece of a finished job: "transcript", "form", "rating". `json` is what the API shows.
struct NamedResult {
  std::string stage;  ///< name of the stage that made it
  std::string name;
  std::string json;
  std::vector<Extraction> extractions{};  ///< of a result that is a list of them: then `json` says so and holds none
};

/// Everything that one change writes, in one transaction: the job as it is afterwards, its audit rows (each
/// of which is also put into the outbox), the results it publishes, and what of earlier ones it throws away.
struct Transition {
  Job after;
  std::vector<AuditEntry> audit;
  std::vector<NamedResult> publish;
  bool drop_segments = false;  ///< and with them the gaps between them
  std::vector<std::string> drop_results_of;  ///< names of stages
  std::vector<Segment> segments;  ///< the whole transcript, where it replaces an earlier one; needs `drop_segments`
  std::vector<Gap> gaps{};        ///< of that transcript
  std::optional<WallTime> session_at{};  ///< of a new job that is a memory session: when what it holds was said
  std::optional<std::chrono::minutes> session_offset{};  ///< of the place where, from UTC; nothing: not known
};

/// An audit entry as the store keeps it. `seq` grows with commit order over all jobs and is the id of the
/// event.
struct StoredEvent {
  std::uint64_t seq = 0;
  ItemId item;
  std::string owner;
  WallTime at{};
  AuditEntry entry;
  JobStatus status = JobStatus::pending;  ///< of the job after the change
};

}  // namespace holdfast
