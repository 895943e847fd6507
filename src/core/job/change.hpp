#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "core/job/transition.hpp"

/// What all decisions begin and refuse with. For the files of decide.hpp alone.
namespace holdfast::decide {

inline std::unexpected<Error> illegal(const Job& job, std::string_view event) {
  return holdfast::fail(
      ErrorClass::conflict, "HF-ITM-03",
      std::string{event} + " is not possible while the item is " + std::string{to_word(job.status)});
}

inline std::unexpected<Error> is_discarded() {
  return holdfast::fail(ErrorClass::conflict, "HF-ITM-07", "the item was discarded");
}

/// Copies the job for a change: next version, touched now.
inline Transition begin(const Job& job, WallTime now) {
  Transition change{.after = job};
  change.after.version += 1;
  change.after.updated_at = now;
  return change;
}

inline void note(Transition& change, std::string type, std::string detail = {}) {
  const auto* stage = current_stage(change.after);
  change.audit.push_back({.type = std::move(type),
                          .stage = stage != nullptr ? stage->name : std::string{},
                          .attempt = stage != nullptr ? stage->attempts : 0,
                          .fence = change.after.fence,
                          .detail = std::move(detail)});
}

/// What a stage counts and leaves is forgotten, but for its checkpoint where that is kept.
inline void start_anew(StageRecord& stage, bool keep_checkpoint) {
  stage.state = StageState::pending;
  stage.attempts = stage.interruptions = stage.crashes = 0;
  stage.crash_position_ms = -1;
  stage.started_at.reset();
  stage.finished_at.reset();
  stage.fallback.reset();
  stage.fill.clear();
  if (keep_checkpoint) return;  // with what it goes on from, and what is to be said of what is kept
  stage.output.clear();
  stage.warnings.clear();
  stage.with_less = false;
  stage.position_ms = 0;
}

/// Nothing of it was done in a lesser way any more: it is in the mode that was asked for.
inline void rise_if_full(Job& job) {
  const bool lesser = std::ranges::any_of(job.stages, [](const auto& s) { return s.fallback.has_value(); });
  if (!lesser) job.mode = job.requested_mode;
}

/// Due now, with nothing said of what was before.
inline void wait_at(Job& job, std::size_t stage, WallTime now) {
  job.stage = stage;
  job.status = JobStatus::pending;
  job.ready_at = now;
  job.held_for.clear();
  job.cancel_requested = false;
  job.error.reset();
  job.over_at.reset();
  job.results_expired_at.reset();
}

}  // namespace holdfast::decide
