#pragma once

#include <atomic>
#include <memory>

#include "adapters/llama/embedding_model.hpp"
#include "adapters/llama/model_config.hpp"

namespace holdfast::llama {

/// Checks the file's SHA-256, then loads that very file. A text is read up to `context_tokens`, or less if the model
/// cannot so many. `stop` ends the loading.
/// Errors: dependency `missing_code` of the configuration (missing, damaged, no model that embeds), resource HF-ENG-04,
/// canceled.
Result<std::unique_ptr<EmbeddingModel>> load_embedder(const ModelConfig& config, const std::atomic<bool>& stop);

}  // namespace holdfast::llama
