#pragma once

#include <filesystem>
#include <string>

namespace holdfast::llama {

struct ModelConfig {
  std::filesystem::path file;  ///< GGUF
  std::string sha256;          ///< 64 hexadecimal digits that the file must have
  unsigned threads = 1;
  std::string missing_code = "HF-LLM-05";  ///< of the error that says that this file cannot be used
  unsigned context_tokens = 2048;  ///< prompt and answer together; less if the model cannot so many
};

}  // namespace holdfast::llama
