#include "flow/stages/complete/chat_task.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "flow/stages/body.hpp"
#include "flow/stages/complete/answer_schema.hpp"

namespace holdfast::stages {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 3> kForms{"text", "json", "schema"};
constexpr std::array<std::string_view, 3> kRoles{"system", "user", "assistant"};
constexpr double kSeedMost = 4'294'967'294.0;

std::unexpected<Error> wrong(std::string_view field, std::string_view why) {
  return fail(ErrorClass::permanent, "HF-OAI-01", std::string{field} + ": " + std::string{why});
}

const json::object* object_of(const json::value& value) { return value.if_object(); }

/// Nothing: it is not there. Errors: it is no number within these bounds.
Result<std::optional<double>> number_up_to(const json::object& object, std::string_view field, double most) {
  const json::value* value = object.if_contains(field);
  if (value == nullptr) return std::optional<double>{};
  const double given = value->is_number() ? value->to_number<double>() : -1;
  if (!(given >= 0 && given <= most)) return wrong(field, "is no number that can be used");
  return std::optional{given};
}

Result<std::vector<ChatMessage>> messages_of(const json::value& list) {
  if (!list.is_array()) return wrong("messages", "is no list");
  std::vector<ChatMessage> out;
  for (const json::value& one : list.get_array()) {
    const json::object* message = object_of(one);
    if (message == nullptr) return wrong("messages", "holds something else than messages");
    out.push_back({.role = body::text_or_empty(*message, "role"), .content = body::text_or_empty(*message, "content")});
  }
  return out;
}

Result<std::vector<std::string>> stop_of(const json::object& object) {
  std::vector<std::string> out;
  const json::value* list = object.if_contains("stop");
  if (list == nullptr) return out;
  if (!list->is_array()) return wrong("stop", "is no list");
  for (const json::value& one : list->get_array()) {
    if (!one.is_string()) return wrong("stop", "holds something else than texts");
    out.emplace_back(one.get_string());
  }
  return out;
}

Result<void> take_numbers(const json::object& object, ChatTask& task) {
  HF_TRY(const auto tokens_max, number_up_to(object, "tokens_max", ChatTask::kTokensMost));
  HF_TRY(task.temperature, number_up_to(object, "temperature", ChatTask::kTemperatureMost));
  HF_TRY(const auto top_p, number_up_to(object, "top_p", 1));
  HF_TRY(const auto seed, number_up_to(object, "seed", kSeedMost));
  task.tokens_max = static_cast<unsigned>(tokens_max.value_or(0));
  task.top_p = top_p.value_or(1);
  if (seed) task.seed = static_cast<std::uint32_t>(*seed);
  return {};
}

Result<void> take_form(const json::object& object, ChatTask& task) {
  const std::string said = body::text_or_empty(object, "answer");
  const auto* const form = std::ranges::find(kForms, said);
  if (form == kForms.end()) return wrong("answer", "is not text, json or schema");
  task.form = static_cast<AnswerForm>(form - kForms.begin());
  if (task.form != AnswerForm::schema) return {};
  const json::value* schema = object.if_contains("schema");
  HF_TRY(task.schema, usable_schema(schema != nullptr ? *schema : json::value{}));
  return {};
}

}  // namespace

std::string_view to_word(AnswerForm form) { return kForms.at(static_cast<std::size_t>(form)); }

std::string to_text(const ChatTask& task) {
  json::array messages;
  for (const ChatMessage& message : task.messages)
    messages.push_back(json::object{{"role", message.role}, {"content", message.content}});
  json::object out{{"model", task.model}, {"role", task.role}, {"messages", std::move(messages)}};
  if (task.tokens_max > 0) out["tokens_max"] = task.tokens_max;
  if (task.temperature) out["temperature"] = *task.temperature;
  if (task.top_p < 1) out["top_p"] = task.top_p;
  if (task.seed) out["seed"] = *task.seed;
  if (!task.stop.empty()) out["stop"] = json::array(task.stop.begin(), task.stop.end());
  out["answer"] = to_word(task.form);
  if (task.form == AnswerForm::schema) out["schema"] = task.schema;
  return json::serialize(out);
}

Result<ChatTask> chat_task_of(std::string_view text) {
  boost::system::error_code bad;
  const json::value value = json::parse(text, bad);
  const json::object* object = bad ? nullptr : object_of(value);
  const json::value* messages = object != nullptr ? object->if_contains("messages") : nullptr;
  ChatTask task;
  if (messages == nullptr) {
    task.messages.push_back({.role = "user", .content = std::string{text}});
    return task;
  }
  task.model = body::text_or_empty(*object, "model");
  task.role = body::text_or_empty(*object, "role");
  HF_TRY(task.messages, messages_of(*messages));
  HF_TRY(task.stop, stop_of(*object));
  HF_TRY_VOID(take_numbers(*object, task));
  HF_TRY_VOID(take_form(*object, task));
  HF_TRY_VOID(check(task));
  return task;
}

Result<void> check(const ChatTask& task) {
  if (task.messages.empty()) return wrong("messages", "is empty");
  if (task.messages.size() > ChatTask::kMessagesMax)
    return wrong("messages", "has more than " + std::to_string(ChatTask::kMessagesMax) + " of them");
  for (const ChatMessage& message : task.messages) {
    if (std::ranges::find(kRoles, message.role) == kRoles.end())
      return wrong("messages", "has a role that is not system, user or assistant");
  }
  if (task.messages.back().content.empty()) return wrong("messages", "ends in an empty one");
  if (task.stop.size() > ChatTask::kStopMax) return wrong("stop", "has more than 4 of them");
  for (const std::string& end : task.stop) {
    if (end.empty() || end.size() > ChatTask::kStopBytesMax)
      return wrong("stop", "has one of no byte, or of more than 64");
  }
  return {};
}

}  // namespace holdfast::stages
