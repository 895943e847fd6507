#pragma once

#include <optional>

#include "flow/engine_state.hpp"

namespace holdfast::queue {

/// The converted sound that a job's convert stage left, if that stage is completed, with what was recorded of
/// it.
std::optional<BlobInfo> converted_audio(const Job& job);

/// Whether the job's work is over for good, so that what only the work needed may go. A failed one can be tried
/// again, until it is discarded or its file is no longer kept.
[[nodiscard]] inline bool artifacts_over(const Job& job) {
  return job.status == JobStatus::completed || job.status == JobStatus::cancelled || !keeps_file(job);
}

/// Removes what only the work needed, once the job is completed or cancelled. A failed job keeps it for the
/// retry. Crash: what is left is found by the sweep, as no unfinished job refers to it.
Task<void> drop_artifacts(EngineState* engine, Job job);

/// Where a retry must start so that everything it needs is still there: "convert" when the sound was dropped.
std::string retry_from(const Job& job, const std::string& from_stage);

}  // namespace holdfast::queue
