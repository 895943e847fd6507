#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"

/// From the embedding worker's protocol (docs/worker-protocol.md) to `POST /embeddings` and back. Pure.
namespace holdfast::openai {

struct EmbeddingsRequest {
  std::string body;
  std::size_t texts_count = 0;
};

/// Errors: permanent HF-SRV-01 (`work` is no embed request), permanent HF-EMB-04.
Result<EmbeddingsRequest> make_embeddings_request(std::string_view work, std::string_view model);

/// The body of the worker's `finished` frame: one vector for each text, by their numbers.
/// Errors: transient HF-EMB-03 (no JSON; a vector is missing, or given twice).
Result<std::string> read_embeddings_answer(std::string_view answer, std::size_t texts_count, std::string_view model);

/// What was said of an endpoint, as it is said of one that embeds: HF-EMB-01, -02, -03 for HF-LLM-01, -02, -03.
Error of_embedding(const Error& error);

}  // namespace holdfast::openai
