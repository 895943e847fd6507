#pragma once

#include <compare>
#include <string>
#include <vector>

#include "core/job/transition.hpp"
#include "core/transcript/segment.hpp"

/// What must be true of stored data at any moment. Used by the simulator after every step and by `holdfast
/// verify`.
namespace holdfast::invariant {

/// A result that is stored for a job, by the stage that made it.
struct ResultName {
  std::string stage;
  std::string name;
  friend auto operator<=>(const ResultName&, const ResultName&) = default;
};

inline const std::vector<StoredExtraction> kNoExtractions;

struct Evidence {
  const Job& job;
  const std::vector<StoredEvent>& trail;  ///< the job's audit trail, oldest first
  const std::vector<Segment>& segments;
  const std::vector<Gap>& gaps;
  const std::vector<ResultName>& results;
  const std::vector<StoredExtraction>& extractions = kNoExtractions;
};

/// One sentence for each broken promise; none: sound.
std::vector<std::string> broken(const Evidence& evidence);

}  // namespace holdfast::invariant
