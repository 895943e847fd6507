#pragma once

#include <string_view>

#include "adapters/llama/text_model.hpp"
#include "worker/requests.hpp"

/// The language worker's side of docs/worker-protocol.md.
namespace holdfast::worker {

/// Reads a `generate` frame. Errors: permanent HF-SRV-01 (a field is missing or beyond its limit).
Result<llama::TextTask> parse_task(std::string_view frame);

/// Reads a `chat` frame. Errors: permanent HF-SRV-01 (a field is missing or beyond its limit).
Result<llama::ChatTask> parse_chat(std::string_view frame);

/// Answers requests until the server is gone.
void serve_language(Channel& channel, Requests& requests, llama::TextModel& model);

}  // namespace holdfast::worker
