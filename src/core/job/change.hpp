#pragma once

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

}  // namespace holdfast::decide
