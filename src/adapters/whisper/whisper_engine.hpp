#pragma once

#include <whisper.h>

#include <atomic>
#include <memory>

#include "ports/speech_engine.hpp"

namespace holdfast::whisper {

struct FreeContext {
  void operator()(whisper_context* context) const { whisper_free(context); }
};
struct FreeState {
  void operator()(whisper_state* state) const { whisper_free_state(state); }
};
using ContextPtr = std::unique_ptr<whisper_context, FreeContext>;
using StatePtr = std::unique_ptr<whisper_state, FreeState>;

/// whisper.cpp as a SpeechEngine.
class WhisperEngine final : public SpeechEngine {
 public:
  WhisperEngine(ContextPtr context, StatePtr state, unsigned threads);
  [[nodiscard]] std::string name() const override;
  [[nodiscard]] bool speaks(const std::string& language) const override;
  Result<LanguageGuess> detect_language(std::span<const float> pcm) override;
  Result<HeardWindow> transcribe(std::span<const float> pcm, HearOptions options) override;

 private:
  Result<void> want_fresh_state();
  ContextPtr context_;
  StatePtr state_;
  bool is_used_ = false;  ///< the state: an answer would depend on what was asked before
  int threads_;
};

}  // namespace holdfast::whisper
