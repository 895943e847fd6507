#pragma once

#include <llama.h>

#include <string>
#include <vector>

#include "adapters/llama/text_model.hpp"
#include "core/base/result.hpp"

namespace holdfast::llama {

using Tokens = std::vector<llama_token>;

struct BuiltPrompt {
  Tokens tokens;
  std::size_t lines_used = 0;
};

/// Makes tokens of a task by the model's own chat template. Only the template may hold the model's special
/// tokens: what a speaker said is always plain text, whatever it looks like.
class PromptBuilder {
 public:
  /// Errors: dependency HF-LLM-05 (the model has no chat template, or one that is not known).
  static Result<PromptBuilder> make(const llama_model* model);

  /// As many whole lines as leave room for the answer. Errors: permanent HF-LLM-04 (not one line fits).
  [[nodiscard]] Result<BuiltPrompt> build(const TextTask& task, std::size_t context_tokens) const;

  /// All messages, and the beginning of the answer. Errors: permanent HF-LLM-04 (no room is left for an answer),
  /// dependency HF-LLM-05 (the template leaves a message out).
  [[nodiscard]] Result<BuiltPrompt> build(const ChatTask& task, std::size_t context_tokens) const;

  /// Tokens of plain text.
  [[nodiscard]] Tokens plain(const std::string& text) const { return tokenize(text, false); }

 private:
  PromptBuilder(const llama_vocab* vocab, std::string chat_template, std::vector<std::string> frame)
      : vocab_{vocab}, template_{std::move(chat_template)}, frame_{std::move(frame)} {}
  [[nodiscard]] Tokens tokenize(const std::string& text, bool with_special) const;

  const llama_vocab* vocab_;
  std::string template_;
  std::vector<std::string> frame_;  ///< the template's text before, between and after the two messages
};

}  // namespace holdfast::llama
