#pragma once

#include <algorithm>
#include <vector>

#include "core/catalogue/catalogue.hpp"
#include "core/job/transition.hpp"

namespace holdfast {

/// How often one item is worked on again after it has failed (LAB_4).
inline constexpr unsigned kResumesMax = 3;

/// How often somebody, or a log-in, has asked for it so far.
[[nodiscard]] inline unsigned resumes_so_far(const std::vector<StoredEvent>& trail) {
  const auto asked = std::ranges::count(trail, "job.retry_requested",
                                        [](const StoredEvent& event) { return event.entry.type; });
  return static_cast<unsigned>(asked);
}

/// Whether a failed item goes on when its owner logs in: what ended it may be over, and it has retries left. What was
/// set aside, or can never succeed, waits for a person.
[[nodiscard]] inline bool resumes_at_log_in(const Job& job, unsigned resumed) {
  if (job.status != JobStatus::failed || !job.error || resumed >= kResumesMax) return false;
  return catalogue::describe(job.error->code).retryable;
}

}  // namespace holdfast
