#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>

#include "adapters/llama/text_model.hpp"

namespace holdfast::llama {

struct ModelConfig {
  std::filesystem::path file;  ///< GGUF
  std::string sha256;          ///< 64 hexadecimal digits that the file must have
  unsigned threads = 1;
  unsigned context_tokens = 2048;  ///< prompt and answer together; less if the model cannot so many
};

/// The version of the engine below: "llama.cpp 0.5.0".
std::string engine_name();

/// Checks the file's SHA-256, then loads that very file. `stop` ends the loading.
/// Errors: dependency HF-LLM-05 (missing, damaged, no language model), resource HF-ENG-04 (no memory),
/// canceled.
Result<std::unique_ptr<TextModel>> load_model(const ModelConfig& config, const std::atomic<bool>& stop);

}  // namespace holdfast::llama
