#pragma once

#include <string>

#include "core/base/result.hpp"
#include "core/job/dead_letter.hpp"

namespace holdfast::recovery {

/// Retries of many dead letters, and how far they have got.
struct Redrive {
  std::string id;           ///< "rdr_" and 26 characters
  DeadLetterFilter filter;  ///< dead letters that failed after the redrive began are not among them
  std::string from_stage;   ///< as decide::retry
  unsigned per_minute = 0;  ///< how many at most; 0: all of them at once
  std::string state = "running";  ///< running, done, stopped
  std::string who;                ///< the operator
  std::uint64_t matched = 0;      ///< when it began
  std::uint64_t retried = 0;
  std::uint64_t refused = 0;  ///< changed meanwhile, or without such a stage
  ItemId before;              ///< what is left is older than this one; empty: all
  WallTime began_at{};
  WallTime portion_at{};  ///< when the last portion was taken
};

/// The document that is kept of it, and shown.
std::string to_json(const Redrive& redrive);
/// Errors: corrupt HF-STO-03 (not such a document).
Result<Redrive> redrive_from(const std::string& json);

}  // namespace holdfast::recovery
