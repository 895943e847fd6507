#include "worker/language.hpp"

#include <boost/json.hpp>

namespace holdfast::worker {
namespace {

namespace json = boost::json;

constexpr unsigned kTokensMost = 32'768;

Result<std::string> text(const json::object& frame, std::string_view field) {
  const auto* value = frame.if_contains(field);
  if (value == nullptr || !value->is_string()) return malformed(field);
  return std::string{value->get_string()};
}

Result<double> number(const json::object& frame, std::string_view field, double least, double most) {
  const auto* value = frame.if_contains(field);
  if (value == nullptr || !value->is_number()) return malformed(field);
  const auto given = value->to_number<double>();
  if (!(given >= least && given <= most)) return malformed(field);
  return given;
}

Result<std::vector<std::string>> lines(const json::object& frame) {
  const auto* value = frame.if_contains("lines");
  if (value == nullptr || !value->is_array()) return malformed("lines");
  std::vector<std::string> out;
  for (const auto& line : value->get_array()) {
    if (!line.is_string()) return malformed("lines");
    out.emplace_back(line.get_string());
  }
  return out;
}

Result<std::vector<std::string>> stops(const json::object& frame) {
  const auto* value = frame.if_contains("stop");
  if (value == nullptr || !value->is_array()) return malformed("stop");
  std::vector<std::string> out;
  for (const auto& end : value->get_array()) {
    if (!end.is_string() || end.get_string().empty()) return malformed("stop");
    out.emplace_back(end.get_string());
  }
  return out;
}

Result<std::vector<llama::ChatMessage>> messages(const json::object& frame) {
  const auto* value = frame.if_contains("messages");
  if (value == nullptr || !value->is_array() || value->get_array().empty()) return malformed("messages");
  std::vector<llama::ChatMessage> out;
  for (const auto& one : value->get_array()) {
    if (!one.is_object()) return malformed("messages");
    llama::ChatMessage message;
    HF_TRY(message.role, text(one.get_object(), "role"));
    HF_TRY(message.content, text(one.get_object(), "content"));
    out.push_back(std::move(message));
  }
  return out;
}

/// The schema that an answer of this form is bound to; empty: none.
Result<std::string> schema_for(const json::object& frame) {
  HF_TRY(const auto form, text(frame, "answer"));
  if (form == "text") return std::string{};
  if (form == "json") return std::string{R"({"type":"object"})"};
  const auto* schema = frame.if_contains("schema");
  if (form != "schema" || schema == nullptr || !schema->is_object()) return malformed("schema");
  return json::serialize(*schema);
}

bool is_chat(std::string_view frame) {
  const auto request = parse_object(frame);
  const auto* type = request ? request->if_contains("type") : nullptr;
  return type != nullptr && *type == "chat";
}

json::object chat_answer_to(std::string_view frame, llama::TextModel& model, Channel& channel,
                            const std::atomic<bool>& stop) {
  const auto task = parse_chat(frame);
  if (!task) return failed_frame(task.error());
  ProgressReporter report{channel, frame};
  const auto answer = model.chat(*task, [&](double fraction) { report(fraction); }, stop);
  if (!answer) return failed_frame(answer.error());
  return {{"type", "finished"},
          {"body",
           {{"text", valid_utf8(answer->text)},
            {"finish", answer->shortened ? "length" : "stop"},
            {"tokens_in", answer->tokens_in},
            {"tokens_out", answer->tokens_out},
            {"model", model.name()}}}};
}

json::object text_answer_to(std::string_view frame, llama::TextModel& model, Channel& channel,
                            const std::atomic<bool>& stop) {
  if (is_chat(frame)) return chat_answer_to(frame, model, channel, stop);
  const auto task = parse_task(frame);
  if (!task) return failed_frame(task.error());
  ProgressReporter report{channel, frame};
  const auto answer = model.write(*task, [&](double fraction) { report(fraction); }, stop);
  if (!answer) return failed_frame(answer.error());
  return {{"type", "finished"},
          {"body",
           {{"text", valid_utf8(answer->text)},
            {"lines_used", answer->lines_used},
            {"tokens_in", answer->tokens_in},
            {"tokens_out", answer->tokens_out},
            {"shortened", answer->shortened},
            {"model", model.name()}}}};
}

}  // namespace

Result<llama::TextTask> parse_task(std::string_view frame) {
  HF_TRY(const auto request, parse_object(frame));
  HF_TRY(const auto type, text(request, "type"));
  if (type != "generate") return malformed("type");
  llama::TextTask task;
  HF_TRY(task.system, text(request, "system"));
  HF_TRY(task.before, text(request, "before"));
  HF_TRY(task.lines, lines(request));
  HF_TRY(task.after, text(request, "after"));
  const auto* schema = request.if_contains("schema");
  if (schema == nullptr || !schema->is_object()) return malformed("schema");
  task.schema = json::serialize(*schema);
  HF_TRY(const auto tokens_max, number(request, "tokens_max", 1, kTokensMost));
  HF_TRY(task.temperature, number(request, "temperature", 0, 2));
  HF_TRY(const auto seed, number(request, "seed", 0, 4'294'967'294.0));
  task.tokens_max = static_cast<unsigned>(tokens_max);
  task.seed = static_cast<std::uint32_t>(seed);
  return task;
}

Result<llama::ChatTask> parse_chat(std::string_view frame) {
  HF_TRY(const auto request, parse_object(frame));
  llama::ChatTask task;
  HF_TRY(task.messages, messages(request));
  HF_TRY(task.schema, schema_for(request));
  HF_TRY(task.stop, stops(request));
  HF_TRY(const auto tokens_max, number(request, "tokens_max", 1, kTokensMost));
  HF_TRY(task.temperature, number(request, "temperature", 0, 2));
  HF_TRY(task.top_p, number(request, "top_p", 0, 1));
  HF_TRY(const auto seed, number(request, "seed", 0, 4'294'967'294.0));
  task.tokens_max = static_cast<unsigned>(tokens_max);
  task.seed = static_cast<std::uint32_t>(seed);
  return task;
}

void serve_language(Channel& channel, Requests& requests, llama::TextModel& model) {
  while (const auto frame = requests.next()) {
    auto answer = text_answer_to(*frame, model, channel, requests.stop());
    answer["id"] = id_of(*frame);
    if (requests.stop() || !channel.write(json::serialize(answer))) return;
  }
}

}  // namespace holdfast::worker
