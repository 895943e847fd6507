#pragma once

#include "adapters/llama/embedding_model.hpp"
#include "worker/requests.hpp"

/// The embedding worker's side of docs/worker-protocol.md.
namespace holdfast::worker {

/// Answers requests until the server is gone.
void serve_embedding(Channel& channel, Requests& requests, llama::EmbeddingModel& model);

}  // namespace holdfast::worker
