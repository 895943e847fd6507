#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/similar/embedding.hpp"

namespace holdfast {

/// The body of a WorkRequest of WorkerKind::embedding (docs/worker-protocol.md).
[[nodiscard]] std::string make_embedding_request(std::span<const std::string> texts);

/// The texts of such a body. Errors: permanent HF-SRV-01 (it is none), permanent HF-EMB-04.
Result<std::vector<std::string>> read_embedding_request(std::string_view body);

/// The body of the answer. Its vectors are made of length 1, whoever gave them.
/// Errors: transient HF-EMB-03 (not so many vectors, of different lengths, not of numbers).
Result<similar::Embeddings> read_embedding_answer(std::string_view body, std::size_t texts_count);

}  // namespace holdfast
