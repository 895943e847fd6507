#include "adapters/whisper/engine_log.hpp"

#include <whisper.h>

#include <atomic>
#include <cstdio>
#include <string_view>

namespace holdfast::whisper {
namespace {

std::atomic<bool> no_memory = false;  // the library knows one listener for the whole program

void listen(ggml_log_level level, const char* text, void* /*unused*/) {
  if (level != GGML_LOG_LEVEL_ERROR) return;
  std::fputs(text, stderr);
  const std::string_view words{text};
  if (words.contains("insufficient memory") || words.contains("failed to allocate")) no_memory = true;
}

}  // namespace

void keep_errors_only() { whisper_log_set(&listen, nullptr); }
bool take_memory_refusal() { return no_memory.exchange(false); }

}  // namespace holdfast::whisper
