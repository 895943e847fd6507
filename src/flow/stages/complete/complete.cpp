#include "flow/stages/complete/complete.hpp"

#include <boost/json.hpp>

#include "core/grounding/clean.hpp"
#include "core/transcript/text.hpp"
#include "flow/stages/body.hpp"
#include "flow/stages/complete/chat_task.hpp"
#include "schema/answer.hpp"

namespace holdfast::stages {
namespace {

namespace json = boost::json;

json::object chat_request(const ChatTask& task, const StageInput& input) {
  json::array messages;
  for (const ChatMessage& message : task.messages)
    messages.push_back(json::object{{"role", message.role}, {"content", message.content}});
  json::object request{{"type", "chat"},
                       {"messages", std::move(messages)},
                       {"answer", to_word(task.form)},
                       {"tokens_max", task.tokens_max > 0 ? task.tokens_max : input.config.tokens_max},
                       {"temperature", task.temperature.value_or(input.config.temperature)},
                       {"top_p", task.top_p},
                       {"seed", task.seed.value_or(seed_of(input.job))},
                       {"stop", json::array(task.stop.begin(), task.stop.end())}};
  if (task.form == AnswerForm::schema) request["schema"] = task.schema;
  return request;
}

/// Whether the text is what was asked for. Errors: transient HF-LLM-03.
Result<void> check_form(const ChatTask& task, const std::string& text) {
  static const json::object kAnyObject{{"type", "object"}};
  if (task.form != AnswerForm::text) {
    HF_TRY_VOID(schema::read_answer(text, task.form == AnswerForm::schema ? task.schema : kAnyObject));
    return {};
  }
  if (text.size() <= schema::kAnswerBytesMax) return {};
  return fail(ErrorClass::transient, "HF-LLM-03", "the model's answer cannot be used: it is too long");
}

}  // namespace

std::string Complete::role(const Job& job, const StageConfig& config) const {
  const auto task = chat_task_of(job.input.payload);
  return task && !task->role.empty() ? task->role : config.role;
}

Result<Plan> Complete::prepare(const StageInput& input) const {
  HF_TRY(const ChatTask task, chat_task_of(input.job.input.payload));
  return Plan{WorkRequest{.worker = worker(),
                          .item = input.job.id,
                          .fence = input.job.fence,
                          .role = role(input.job, input.config),
                          .body = json::serialize(chat_request(task, input)),
                          .time_max = input.config.time_max,
                          .silence_max = input.config.silence_max}};
}

Result<decide::StageOutcome> Complete::conclude(const StageInput& input, const Finished& answer) const {
  HF_TRY(const ChatTask task, chat_task_of(input.job.input.payload));
  HF_TRY(const auto told, body::parse_object(answer.body, "the language worker"));
  const json::value* written = told.if_contains("text");
  if (written == nullptr || !written->is_string())
    return fail(ErrorClass::transient, "HF-SRV-01", "the language worker gave no text");
  const std::string text = transcript::to_valid_utf8(written->get_string());
  HF_TRY_VOID(check_form(task, text));
  const bool cut = body::text_or_empty(told, "finish") == "length";
  const json::object about{
      {"model", grounding::clean_text(body::text_or_empty(told, "model"), body::kModelNameCharactersMax)},
      {"tokens_in", body::count_or(told, "tokens_in", 0)},
      {"tokens_out", body::count_or(told, "tokens_out", 0)}};
  json::object result{{"text", text}, {"finish", cut ? "length" : "stop"}};
  result.insert(about.begin(), about.end());
  decide::StageOutcome outcome{.output = json::serialize(about)};
  if (cut) outcome.warnings.emplace_back("the model's answer was cut off at its greatest length");
  outcome.publish.push_back({.name = "answer", .json = json::serialize(result)});
  return outcome;
}

}  // namespace holdfast::stages
