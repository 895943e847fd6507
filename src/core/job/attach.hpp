#pragma once

#include <string_view>

#include "core/job/job.hpp"

/// When a client's call is taken for the repetition of an earlier one that asked for the same
/// (docs/decisions/0014-openai-dialect.md).
namespace holdfast::attach {

/// Keys that we make ourselves of what was asked begin so; every other key was chosen by its sender.
inline constexpr std::string_view kStem = "openai/";

[[nodiscard]] inline bool is_own_key(std::string_view job_key) { return job_key.starts_with(kStem); }

/// Whether a call that asks for just what made this item, and came `now`, waits for it instead of making another. The
/// item has its key still: nobody has had its answer as a whole. `within`: how long after its end that is believed to
/// be a repetition.
[[nodiscard]] inline bool is_repetition(const Job& job, WallTime now, milliseconds within) {
  if (!is_terminal(job.status)) return true;
  if (job.status == JobStatus::cancelled || !keeps_results(job)) return false;
  return job.over_at && now - *job.over_at <= within;
}

}  // namespace holdfast::attach
