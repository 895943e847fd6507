#include "adapters/openai/completion.hpp"

#include <boost/json.hpp>
#include <optional>

#include "adapters/openai/json_fields.hpp"

namespace holdfast::openai {
namespace {

namespace json = boost::json;

/// Nothing: it is no object.
std::optional<json::object> object_in(std::string_view text) {
  boost::system::error_code bad;
  json::value value = json::parse({text.data(), text.size()}, bad);
  if (bad || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

/// What the endpoint is told of the answer's form; null: nothing, it is free text.
json::value format_of(const json::object& work) {
  const std::string_view form = text_at(work, "answer");
  if (form == "json") return json::object{{"type", "json_object"}};
  const json::object* schema = object_at(work, "schema");
  if (form != "schema" || schema == nullptr) return nullptr;
  return json::object{{"type", "json_schema"},
                      {"json_schema", {{"name", "answer"}, {"strict", true}, {"schema", *schema}}}};
}

/// The first choice, if it has a message. Errors: transient HF-LLM-03.
Result<const json::object*> choice_of(const json::object& answer) {
  const json::value* choices = answer.if_contains("choices");
  if (choices == nullptr || !choices->is_array() || choices->get_array().empty()) return unusable("it has no choice");
  const json::object* choice = choices->get_array().front().if_object();
  if (choice == nullptr || object_at(*choice, "message") == nullptr) return unusable("it has no message");
  return choice;
}

}  // namespace

bool is_completion(std::string_view work) {
  const auto parsed = object_in(work);
  return parsed && text_at(*parsed, "type") == "chat";
}

Result<std::string> make_completion_request(std::string_view work, std::string_view model) {
  const auto parsed = object_in(work);
  const json::value* messages = parsed ? parsed->if_contains("messages") : nullptr;
  if (messages == nullptr || !messages->is_array())
    return fail(ErrorClass::permanent, "HF-SRV-01", "the request is no chat request");
  json::object request{{"model", model}, {"messages", *messages}, {"stream", false}};
  request["max_tokens"] = count_at(*parsed, "tokens_max");
  for (const char* name : {"temperature", "top_p", "seed"}) {
    if (const json::value* value = parsed->if_contains(name); value != nullptr) request[name] = *value;
  }
  const json::value* stop = parsed->if_contains("stop");
  if (stop != nullptr && stop->is_array() && !stop->get_array().empty()) request["stop"] = *stop;
  if (json::value format = format_of(*parsed); !format.is_null()) request["response_format"] = std::move(format);
  return json::serialize(request);
}

Result<std::string> read_completion_answer(std::string_view answer, std::string_view model) {
  const auto parsed = object_in(answer);
  if (!parsed) return unusable("it is no JSON object");
  HF_TRY(const json::object* choice, choice_of(*parsed));
  const json::object& message = *object_at(*choice, "message");
  if (!text_at(message, "refusal").empty()) return unusable("the model refused");
  const json::value* content = message.if_contains("content");
  if (content == nullptr || !content->is_string()) return unusable("it has no text");
  static const json::object no_usage;
  const json::object* usage = object_at(*parsed, "usage");
  if (usage == nullptr) usage = &no_usage;
  const std::string_view named = text_at(*parsed, "model");
  return json::serialize(json::object{{"text", *content},
                                      {"finish", text_at(*choice, "finish_reason") == "length" ? "length" : "stop"},
                                      {"tokens_in", count_at(*usage, "prompt_tokens")},
                                      {"tokens_out", count_at(*usage, "completion_tokens")},
                                      {"model", named.empty() ? model : named}});
}

}  // namespace holdfast::openai
