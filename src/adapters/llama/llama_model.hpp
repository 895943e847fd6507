#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "adapters/llama/model_config.hpp"
#include "adapters/llama/text_model.hpp"

namespace holdfast::llama {

/// The version of the engine below: "llama.cpp 0.5.0".
std::string engine_name();

/// Checks the file's SHA-256, then loads that very file. `stop` ends the loading.
/// Errors: dependency HF-LLM-05 (missing, damaged, no language model), resource HF-ENG-04 (no memory),
/// canceled.
Result<std::unique_ptr<TextModel>> load_model(const ModelConfig& config, const std::atomic<bool>& stop);

}  // namespace holdfast::llama
