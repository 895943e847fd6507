#pragma once

#include <string>
#include <vector>

#include "core/job/transition.hpp"
#include "core/transcript/segment.hpp"

/// What must be true of stored data at any moment. Used by the simulator after every step and by `holdfast
/// verify`.
namespace holdfast::invariant {

struct Evidence {
  const Job& job;
  const std::vector<StoredEvent>& trail;  ///< the job's audit trail, oldest first
  const std::vector<Segment>& segments;
  const std::vector<std::string>& result_names;
};

/// One sentence for each broken promise; none: sound.
std::vector<std::string> broken(const Evidence& evidence);

}  // namespace holdfast::invariant
