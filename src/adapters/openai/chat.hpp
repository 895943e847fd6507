#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/openai/http_call.hpp"
#include "core/base/result.hpp"

/// From the language worker's protocol (docs/worker-protocol.md) to `POST /chat/completions` and back. Pure.
namespace holdfast::openai {

/// How an endpoint is told which form its answer must have: by the schema itself, which binds what it writes; where it
/// does not take that, as "some JSON object" with the schema in words; else in words alone.
enum class AnswerForm : std::uint8_t { schema, object, words };

/// A request in the endpoint's words.
struct ChatRequest {
  std::string body;
  std::size_t lines_used = 0;
};

/// Why a finished answer cannot be used, for the model that wrote it.
struct Complaint {
  std::string written;  ///< the JSON object that it wrote; empty: it wrote none
  std::string fault;    ///< "not by the schema at <root>[age]"
};

/// Tokens are estimated, as only the endpoint knows its tokenizer: three bytes each.
/// `complaint`: of its last answer, which it is shown, to be put right. Errors: permanent HF-SRV-01 (`work` is no
/// generate request), permanent HF-LLM-04 (no line fits).
Result<ChatRequest> make_chat_request(std::string_view work, std::string_view model, std::size_t context_tokens,
                                      AnswerForm form = AnswerForm::schema,
                                      const std::optional<Complaint>& complaint = std::nullopt);

/// What an HTTP status means for the job. Errors: dependency HF-LLM-02 (429: it is busy), dependency HF-LLM-01
/// (502, 503, 504: it is away, perhaps being started; 401, 403: the key is refused), transient HF-LLM-01 (other
/// 5xx, 408), transient HF-LLM-03 (everything else but 200). Never tells what the endpoint wrote, which may
/// repeat the key or the text.
Result<void> check_status(const HttpAnswer& answer);

/// Did the model finish an answer to `work` that is not one JSON object, or not by the schema? Then it is worth another
/// word; what else is wrong with an answer is the endpoint's own fault.
std::optional<Complaint> complaint_about(std::string_view answer, std::string_view work);

/// The body of the worker's `finished` frame; words around the one JSON object are left out. Errors: transient
/// HF-LLM-03 (no JSON, no text, cut off, refused by the model).
Result<std::string> read_chat_answer(std::string_view answer, std::size_t lines_used, std::string_view model);

}  // namespace holdfast::openai
