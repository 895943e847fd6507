#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace holdfast::llama {

/// What a language model is asked for. The prompt is `before`, as many of `lines` as fit, `after`.
struct TextTask {
  std::string system;
  std::string before;
  std::vector<std::string> lines;
  std::string after;
  std::string schema;  ///< JSON Schema: the answer is bound to it
  unsigned tokens_max = 512;
  double temperature = 0.2;  ///< 0: always the likeliest
  std::uint32_t seed = 0;
};

struct ChatMessage {
  std::string role;  ///< system, user or assistant
  std::string content;
};

/// A conversation that is to be gone on with.
struct ChatTask {
  std::vector<ChatMessage> messages;
  std::string schema;         ///< JSON Schema that the answer is bound to; empty: free text
  unsigned tokens_max = 512;  ///< less where the context has no room for so many
  double temperature = 1;     ///< 0: always the likeliest
  double top_p = 1;
  std::uint32_t seed = 0;
  std::vector<std::string> stop;  ///< before any of these free text ends
};

struct TextAnswer {
  std::string text;  ///< JSON, valid by the schema; or free text
  std::size_t lines_used = 0;
  std::size_t tokens_in = 0;
  std::size_t tokens_out = 0;
  bool shortened = false;  ///< it was led to its end because tokens_max was near; free text: it was cut there
};

/// Called from inside the computation, some times a second, with 0..1: it is the computation that proves to
/// be alive.
using OnProgress = std::function<void(double fraction)>;

/// A language model in this process. A small interface, so that the worker can be tried without any model.
class TextModel {
 public:
  virtual ~TextModel() = default;
  [[nodiscard]] virtual std::string name() const = 0;
  /// Works until the answer is there, or `stop` becomes true (checked many times a second).
  /// Errors: transient HF-LLM-03 (no whole answer within tokens_max), permanent HF-LLM-04 (no line fits into
  /// the context), permanent HF-CFG-02 (the schema cannot be made a grammar), resource HF-ENG-04 (no memory),
  /// canceled (stopped).
  virtual Result<TextAnswer> write(const TextTask& task, const OnProgress& on_progress,
                                   const std::atomic<bool>& stop) = 0;
  /// The same for a conversation. Errors: as `write`; permanent HF-LLM-04 (it does not fit into the context).
  virtual Result<TextAnswer> chat(const ChatTask& task, const OnProgress& on_progress,
                                  const std::atomic<bool>& stop) = 0;
};

}  // namespace holdfast::llama
