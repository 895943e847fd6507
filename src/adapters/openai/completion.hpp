#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"

/// From the language worker's `chat` request (docs/worker-protocol.md) to `POST /chat/completions` and back: here the
/// endpoint speaks nearly the same language. Pure.
namespace holdfast::openai {

/// Whether the request is one for a conversation.
[[nodiscard]] bool is_completion(std::string_view work);

/// Errors: permanent HF-SRV-01 (`work` is no chat request).
Result<std::string> make_completion_request(std::string_view work, std::string_view model);

/// The body of the worker's `finished` frame. Errors: transient HF-LLM-03 (no JSON, no text, refused by the model).
Result<std::string> read_completion_answer(std::string_view answer, std::string_view model);

}  // namespace holdfast::openai
