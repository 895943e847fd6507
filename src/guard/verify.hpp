#pragma once

#include <string>
#include <vector>

#include "ports/blob_store.hpp"
#include "ports/job_store.hpp"

namespace holdfast {

/// One broken promise of the design, found in stored data.
struct Violation {
  std::string invariant;  ///< short stable word: "blob_missing"
  std::string subject;    ///< the item, blob or table it is about; may be empty
  std::string what;       ///< a sentence for people
};

namespace guard {

/// Checks every invariant on what is stored: the engine below, each job against its audit trail, each file
/// against its hash. Changes nothing; others may write meanwhile: a job that changes while it is looked at is
/// looked at again. Errors: as the ports.
Task<Result<std::vector<Violation>>> verify(JobStore& store, BlobStore& blobs);

}  // namespace guard
}  // namespace holdfast
