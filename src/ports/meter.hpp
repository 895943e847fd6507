#pragma once

#include <string_view>

#include "core/base/time.hpp"
#include "core/job/job.hpp"

namespace holdfast {

/// Port: what is counted and timed while the server works. Labels are words of ours and few in number: names of
/// recipes, stages and routes, never what a user sent. Nothing here waits or fails.
class Meter {
 public:
  virtual ~Meter() = default;
  virtual void upload_taken(std::string_view recipe, std::uint64_t bytes) = 0;
  virtual void upload_refused(std::string_view code) = 0;
  /// `outcome`: completed, retried, held, interrupted, cancelled or dead.
  virtual void attempt_ended(std::string_view stage_kind, std::string_view outcome, milliseconds took) = 0;
  /// `status`: one that a job ends in. `took`: since it was handed in.
  virtual void item_ended(std::string_view recipe, JobStatus status, milliseconds took) = 0;
  /// An item of that recipe goes on in a lesser mode.
  virtual void downshifted(std::string_view recipe, std::string_view from, std::string_view to) = 0;
  virtual void sound_transcribed(milliseconds length) = 0;
  /// `kind`: file, results, item, trail, line (of the audit of management) or page (given back to the disk).
  virtual void retention_took(std::string_view kind, std::size_t count) = 0;
  /// `route`: the pattern, such as /api/v1/items/{id}. `took`: until the head of the answer was ready.
  virtual void request_answered(std::string_view route, std::string_view method, unsigned status,
                                milliseconds took) = 0;
};

}  // namespace holdfast
