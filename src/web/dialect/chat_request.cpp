#include <boost/json.hpp>

#include "flow/stages/complete/answer_schema.hpp"
#include "web/dialect/chat.hpp"
#include "web/dialect/error.hpp"
#include "web/dialect/parameters.hpp"

namespace holdfast::web::dialect {
namespace {

namespace json = boost::json;
using stages::AnswerForm;
using stages::ChatMessage;
using stages::ChatTask;

constexpr std::string_view kChatFields[] = {"model",       "messages", "max_tokens", "max_completion_tokens",
                                            "temperature", "top_p",    "seed",       "stop",
                                            "stream",      "response_format", "stream_options"};
constexpr Neutral kChatNeutral[] = {{"n", "1"},
                                    {"logprobs", "false"},
                                    {"top_logprobs", "0"},
                                    {"frequency_penalty", "0"},
                                    {"presence_penalty", "0"},
                                    {"logit_bias", "{}"},
                                    {"tools", "[]"},
                                    {"functions", "[]"},
                                    {"tool_choice", "\"none\""},
                                    {"function_call", "\"none\""},
                                    {"modalities", "[\"text\"]"},
                                    {"parallel_tool_calls", ""},
                                    {"store", ""},
                                    {"metadata", ""},
                                    {"user", ""},
                                    {"safety_identifier", ""},
                                    {"prompt_cache_key", ""},
                                    {"service_tier", ""}};
constexpr std::int64_t kSeedMost = 4'294'967'294;

/// Texts of a message that is a list of parts, one after the other.
Result<std::string> joined_parts(const json::array& parts, const std::string& place) {
  std::string out;
  for (const json::value& part : parts) {
    const json::object* object = part.if_object();
    const json::value* type = object != nullptr ? object->if_contains("type") : nullptr;
    const json::value* text = object != nullptr ? object->if_contains("text") : nullptr;
    if (type == nullptr || *type != "text" || text == nullptr || !text->is_string())
      return refuse(place, "has a part that is not text");
    out += std::string_view{text->get_string()};
  }
  return out;
}

Result<std::string> content_of(const json::object& message, const std::string& place) {
  const json::value* content = message.if_contains("content");
  if (content != nullptr && content->is_string()) return std::string{content->get_string()};
  if (content != nullptr && content->is_array()) return joined_parts(content->get_array(), place);
  return refuse(place, "is neither a text nor a list of texts");
}

Result<ChatMessage> read_message(const json::value& value, const std::string& place) {
  const json::object* message = value.if_object();
  if (message == nullptr) return refuse(place, "is no object");
  for (const std::string_view other : {"tool_calls", "function_call", "audio"}) {
    const json::value* there = message->if_contains(other);
    if (there != nullptr && !there->is_null()) return refuse(place + "." + std::string{other}, "is not supported");
  }
  HF_TRY(auto role, text_parameter(*message, "role"));
  if (role == "developer") role = "system";
  if (role != "system" && role != "user" && role != "assistant")
    return refuse(place + ".role", "is not system, developer, user or assistant");
  HF_TRY(std::string content, content_of(*message, place + ".content"));
  HF_TRY_VOID(check_text_of(place + ".content", content));
  return ChatMessage{.role = *role, .content = std::move(content)};
}

Result<void> take_messages(const json::object& body, ChatTask& task) {
  const json::value* list = body.if_contains("messages");
  if (list == nullptr || !list->is_array()) return refuse("messages", "is no list");
  if (list->get_array().size() > ChatTask::kMessagesMax) return refuse("messages", "has more than 256 of them");
  for (const json::value& one : list->get_array()) {
    const std::string place = "messages[" + std::to_string(task.messages.size()) + "]";
    HF_TRY(auto message, read_message(one, place));
    task.messages.push_back(std::move(message));
  }
  return {};
}

Result<void> take_stop(const json::object& body, ChatTask& task) {
  const json::value* stop = body.if_contains("stop");
  if (stop == nullptr || stop->is_null()) return {};
  const json::array one{*stop};
  for (const json::value& end : stop->is_array() ? stop->get_array() : one) {
    if (!end.is_string()) return refuse("stop", "is neither a text nor a list of texts");
    task.stop.emplace_back(end.get_string());
    HF_TRY_VOID(check_text_of("stop", task.stop.back()));
  }
  return {};
}

Result<void> take_numbers(const json::object& body, ChatTask& task) {
  HF_TRY(const auto most, count_parameter(body, "max_tokens", 1, ChatTask::kTokensMost));
  HF_TRY(const auto completion, count_parameter(body, "max_completion_tokens", 1, ChatTask::kTokensMost));
  HF_TRY(task.temperature, number_parameter(body, "temperature", 0, ChatTask::kTemperatureMost));
  HF_TRY(const auto top_p, number_parameter(body, "top_p", 0, 1));
  HF_TRY(const auto seed, count_parameter(body, "seed", 0, kSeedMost));
  task.tokens_max = static_cast<unsigned>(completion.value_or(most.value_or(0)));
  task.top_p = top_p.value_or(1);
  if (seed) task.seed = static_cast<std::uint32_t>(*seed);
  return {};
}

Result<void> take_schema(const json::object& format, ChatTask& task) {
  const json::value* named = format.if_contains("json_schema");
  const json::object* description = named != nullptr ? named->if_object() : nullptr;
  const json::value* schema = description != nullptr ? description->if_contains("schema") : nullptr;
  auto usable = stages::usable_schema(schema != nullptr ? *schema : json::value{});
  if (!usable) return refuse("response_format", usable.error().what());
  task.form = AnswerForm::schema;
  task.schema = *std::move(usable);
  return {};
}

Result<void> take_format(const json::object& body, ChatTask& task) {
  const json::value* format = body.if_contains("response_format");
  if (format == nullptr || format->is_null()) return {};
  const json::object* object = format->if_object();
  const json::value* type = object != nullptr ? object->if_contains("type") : nullptr;
  if (type == nullptr || !type->is_string()) return refuse("response_format", "has no type");
  if (*type == "text") return {};
  if (*type == "json_schema") return take_schema(*object, task);
  if (*type != "json_object") return refuse("response_format", "is not text, json_object or json_schema");
  task.form = AnswerForm::json;
  return {};
}

Result<void> take_stream(const json::object& body, ChatCall& call) {
  HF_TRY(call.stream, flag_parameter(body, "stream"));
  const json::value* options = body.if_contains("stream_options");
  if (options == nullptr || options->is_null()) return {};
  if (!call.stream || !options->is_object()) return refuse("stream_options", "is for a stream, and an object");
  HF_TRY(call.with_usage, flag_parameter(options->get_object(), "include_usage"));
  return {};
}

}  // namespace

Result<ChatCall> read_chat(const json::object& body) {
  HF_TRY_VOID(only(body, kChatFields, kChatNeutral));
  ChatCall call;
  HF_TRY(auto model, text_parameter(body, "model"));
  call.task.model = std::move(model).value_or("");
  HF_TRY_VOID(take_messages(body, call.task));
  HF_TRY_VOID(take_numbers(body, call.task));
  HF_TRY_VOID(take_stop(body, call.task));
  HF_TRY_VOID(take_format(body, call.task));
  HF_TRY_VOID(take_stream(body, call));
  if (const auto fits = stages::check(call.task); !fits)
    return std::unexpected{Error{ErrorClass::invalid, fits.error().code(), fits.error().what()}};
  return call;
}

}  // namespace holdfast::web::dialect
