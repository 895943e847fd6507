#pragma once

#include <string_view>
#include <variant>

#include "ports/worker_pool.hpp"

namespace holdfast::process {

/// A worker's own word that it could not do it.
struct Refusal {
  Error error;
};
using Answer = std::variant<Progress, SegmentsDone, Finished, Refusal>;

/// Reads a frame of a worker (docs/worker-protocol.md). Errors: transient kWorkerDied (no JSON, not an
/// answer, or not to request `id`): whoever sends that is broken and has to go.
Result<Answer> parse_answer(std::string_view frame, std::uint64_t id);

/// Reads a worker's first frame. Errors: what the worker says it lacks; transient kWorkerDied (not such a
/// frame).
Result<void> parse_greeting(std::string_view frame);

/// The request with its number: `body` is a JSON object. Errors: permanent HF-SRV-01 (it is none).
Result<std::string> make_request(std::string_view body, std::uint64_t id);

}  // namespace holdfast::process
