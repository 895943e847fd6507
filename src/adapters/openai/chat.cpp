#include "adapters/openai/chat.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "adapters/openai/json_fields.hpp"
#include "adapters/openai/json_text.hpp"
#include "adapters/openai/standing.hpp"
#include "schema/answer.hpp"

namespace holdfast::openai {
namespace {

namespace json = boost::json;

constexpr std::size_t kBytesPerToken = 3;
constexpr std::size_t kRetryAfterMax = 40;

Result<json::object> parse_work(std::string_view work) {
  boost::system::error_code bad;
  auto value = json::parse(work, bad);
  if (!bad && value.is_object()) return std::move(value.as_object());
  return fail(ErrorClass::permanent, "HF-SRV-01", "the request is no JSON object");
}

struct UserMessage {
  std::string content;
  std::size_t lines_used = 0;
};

UserMessage user_message(const json::object& work, std::size_t bytes_max) {
  UserMessage message{.content = std::string{text_at(work, "before")}};
  const auto after = text_at(work, "after");
  const auto* lines = work.if_contains("lines");
  if (lines != nullptr && lines->is_array()) {
    for (const auto& line : lines->get_array()) {
      if (!line.is_string()) break;
      if (message.content.size() + line.get_string().size() + after.size() + 1 > bytes_max) break;
      message.content += std::string_view{line.get_string()};
      message.content += '\n';
      ++message.lines_used;
    }
  }
  message.content += after;
  return message;
}

/// Null: nothing that the endpoint would have to know.
json::value answer_format(const json::object& schema, AnswerForm form) {
  if (form == AnswerForm::words) return nullptr;
  if (form == AnswerForm::object) return json::object{{"type", "json_object"}};
  return json::object{{"type", "json_schema"},
          {"json_schema", {{"name", "answer"}, {"strict", true}, {"schema", schema}}}};
}

/// What is said to it besides, where the schema does not bind it.
std::string in_words(const json::object& schema, AnswerForm form) {
  if (form == AnswerForm::schema) return {};
  return "\n\nAnswer with one JSON object and nothing else. It must be valid by this JSON Schema:\n" +
         json::serialize(schema);
}

/// What it is told of its last answer. That the schema binds it is no reason not to repeat the schema: it did not.
std::string to_put_right(const json::object& schema, const Complaint& complaint) {
  if (complaint.written.empty()) return "Your last answer was not one JSON object. Write the JSON object alone.";
  return "Your last answer was " + complaint.fault +
         ". Write the whole JSON object again, put right, and nothing else. The schema:\n" + json::serialize(schema);
}

json::array messages(std::string_view system, std::string_view user, const json::object& schema,
                     const std::optional<Complaint>& complaint) {
  json::array all{{{"role", "system"}, {"content", system}}, {{"role", "user"}, {"content", user}}};
  if (!complaint) return all;
  if (!complaint->written.empty()) all.push_back({{"role", "assistant"}, {"content", complaint->written}});
  all.push_back({{"role", "user"}, {"content", to_put_right(schema, *complaint)}});
  return all;
}

/// The first choice's text, if it was finished. Errors: transient HF-LLM-03.
Result<std::string_view> content_of(const json::object& answer) {
  const auto* choices = answer.if_contains("choices");
  if (choices == nullptr || !choices->is_array() || choices->get_array().empty())
    return unusable("it has no choice");
  const auto* choice = choices->get_array().front().if_object();
  const auto* message = choice != nullptr ? object_at(*choice, "message") : nullptr;
  if (message == nullptr) return unusable("it has no message");
  if (text_at(*choice, "finish_reason") == "length") return unusable("it was cut off");
  if (!text_at(*message, "refusal").empty()) return unusable("the model refused");
  const auto content = text_at(*message, "content");
  if (content.empty()) return unusable("it is empty");
  return content;
}

}  // namespace

Result<ChatRequest> make_chat_request(std::string_view work, std::string_view model, std::size_t context_tokens,
                                      AnswerForm form, const std::optional<Complaint>& complaint) {
  HF_TRY(const auto parsed, parse_work(work));
  const auto* schema = object_at(parsed, "schema");
  if (text_at(parsed, "type") != "generate" || schema == nullptr) {
    return fail(ErrorClass::permanent, "HF-SRV-01", "the request is no generate request");
  }
  const auto tokens_max = static_cast<std::size_t>(count_at(parsed, "tokens_max"));
  const auto room = context_tokens > tokens_max ? (context_tokens - tokens_max) * kBytesPerToken : 0;
  const std::string system = std::string{text_at(parsed, "system")} + in_words(*schema, form);
  const auto besides =
      system.size() + (complaint ? complaint->written.size() + to_put_right(*schema, *complaint).size() : 0);
  const auto user = user_message(parsed, room > besides ? room - besides : 0);
  if (user.lines_used == 0) {
    return fail(ErrorClass::permanent, "HF-LLM-04", "nothing of the text fits into the model's context");
  }
  const auto* temperature = parsed.if_contains("temperature");
  json::object request{
      {"model", model},
      {"messages", messages(system, user.content, *schema, complaint)},
      {"max_tokens", tokens_max},
      {"temperature", temperature != nullptr ? *temperature : json::value(0)},
      {"seed", count_at(parsed, "seed") + (complaint ? 1 : 0)},
      {"stream", false}};
  if (auto format = answer_format(*schema, form); !format.is_null()) request["response_format"] = std::move(format);
  return ChatRequest{.body = json::serialize(request), .lines_used = user.lines_used};
}

Result<void> check_status(const HttpAnswer& answer) {
  const auto status = "HTTP status " + std::to_string(answer.status);
  if (answer.status == 200) return {};
  if (answer.status == 429) {
    const bool told = !answer.retry_after.empty() && answer.retry_after.size() <= kRetryAfterMax;
    Error busy{ErrorClass::dependency, "HF-LLM-02",
               "the endpoint is busy" + (told ? "; Retry-After: " + answer.retry_after : std::string{})};
    const auto wait = told ? seconds_in(answer.retry_after) : std::nullopt;
    if (wait) return std::unexpected{std::move(busy).asked_again_after(*wait)};
    return std::unexpected{std::move(busy)};
  }
  if (answer.status == 401 || answer.status == 403) {
    return fail(ErrorClass::dependency, "HF-LLM-01", "the endpoint refuses the key (" + status + ")");
  }
  if (answer.status >= 502 && answer.status <= 504) {
    return fail(ErrorClass::dependency, "HF-LLM-01", "the endpoint is away (" + status + ")");
  }
  if (answer.status >= 500 || answer.status == 408) {
    return fail(ErrorClass::transient, "HF-LLM-01", "the endpoint has a fault (" + status + ")");
  }
  return fail(ErrorClass::transient, "HF-LLM-03", "the endpoint does not take the request (" + status + ")");
}

std::optional<Complaint> complaint_about(std::string_view answer, std::string_view work) {
  boost::system::error_code bad;
  const auto value = json::parse(answer, bad);
  if (bad || !value.is_object()) return std::nullopt;
  const auto content = content_of(value.get_object());
  if (!content) return std::nullopt;
  std::string object = object_text(*content);
  if (object.empty()) return Complaint{.fault = "not one JSON object"};
  const auto asked = parse_work(work);
  const auto* form = asked ? object_at(*asked, "schema") : nullptr;
  if (form == nullptr) return std::nullopt;
  const auto read = schema::read_answer(object, *form);
  if (read || read.error().code() != "HF-LLM-03") return std::nullopt;
  const std::string_view what = read.error().what();
  const auto fault = what.rfind(": ");
  return Complaint{.written = std::move(object),
                   .fault = std::string{fault == std::string_view::npos ? what : what.substr(fault + 2)}};
}

Result<std::string> read_chat_answer(std::string_view answer, std::size_t lines_used,
                                     std::string_view model) {
  boost::system::error_code bad;
  const auto value = json::parse(answer, bad);
  if (bad || !value.is_object()) return unusable("it is no JSON object");
  const auto& parsed = value.get_object();
  HF_TRY(const auto content, content_of(parsed));
  const std::string object = object_text(content);
  if (object.empty()) return unusable("it is no JSON object");
  static const json::object no_usage;
  const auto* usage = object_at(parsed, "usage");
  if (usage == nullptr) usage = &no_usage;
  const auto named = text_at(parsed, "model");
  const json::object body{{"text", object},
                          {"lines_used", lines_used},
                          {"tokens_in", count_at(*usage, "prompt_tokens")},
                          {"tokens_out", count_at(*usage, "completion_tokens")},
                          {"model", named.empty() ? model : named}};
  return json::serialize(body);
}

}  // namespace holdfast::openai
