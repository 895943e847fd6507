#pragma once

#include <functional>
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

/// The files that a job's finished stages have left for the stages to come, with what was recorded of them.
using MadeOf = std::function<std::vector<BlobInfo>(const Job&)>;

/// Checks every invariant on what is stored: the engine below, each job against its audit trail, each file
/// against its hash. Changes nothing; others may write meanwhile: a job that changes while it is looked at is
/// looked at again. What is damaged is a violation, not an error. Errors: the store is away.
Task<Result<std::vector<Violation>>> verify(JobStore& store, BlobStore& blobs, MadeOf made_of);

}  // namespace guard
}  // namespace holdfast
