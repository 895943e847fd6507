#include <boost/json.hpp>

#include "flow/views/json_text.hpp"
#include "web/dialect/call.hpp"
#include "web/dialect/chat.hpp"

namespace holdfast::web::dialect {
namespace {

namespace json = boost::json;

/// So much of the answer at least is in one event of a stream, to the end of a word.
constexpr std::size_t kPieceLeast = 24;
constexpr std::size_t kPieceMost = 64;

std::int64_t unix_seconds(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

/// What the answer and each event of its stream begin with.
json::object envelope(const ItemRecord& record, const std::string& model, std::string_view object) {
  return {{"id", "chatcmpl-" + record.job.id.text()},
          {"object", object},
          {"created", unix_seconds(record.job.created_at)},
          {"model", model}};
}

std::int64_t count(const json::object& result, std::string_view name) {
  const json::value* value = result.if_contains(name);
  boost::system::error_code bad;
  const auto number = value != nullptr ? value->to_number<std::int64_t>(bad) : 0;
  return bad ? 0 : number;
}

/// The item's answer, with a text and an ending: an operator may have entered it by hand. Errors: as result_of.
Result<json::object> answer_in(const ItemRecord& record) {
  HF_TRY(json::object result, result_of(record, "answer"));
  const json::value* text = result.if_contains("text");
  if (text == nullptr || !text->is_string())
    return fail(ErrorClass::corrupt, "HF-STO-03", "a stored result cannot be read");
  result.emplace("finish", "stop");
  return result;
}

/// Null where the model did not say: nothing is made up.
json::value token_usage(const json::object& result) {
  const std::int64_t in = count(result, "tokens_in");
  const std::int64_t out = count(result, "tokens_out");
  if (in == 0 && out == 0) return nullptr;
  return json::object{{"prompt_tokens", in}, {"completion_tokens", out}, {"total_tokens", in + out}};
}

json::object choice(std::string_view name, json::object what, json::value finish) {
  return {{"index", 0}, {name, std::move(what)}, {"logprobs", nullptr}, {"finish_reason", std::move(finish)}};
}

std::string chunk_event(const json::object& envelope, json::array choices, json::value usage) {
  json::object chunk = envelope;
  chunk["choices"] = std::move(choices);
  if (!usage.is_null()) chunk["usage"] = std::move(usage);
  return "data: " + views::to_text(chunk) + "\n\n";
}

bool is_inside_character(char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U; }

}  // namespace

std::vector<std::string_view> pieces_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    std::size_t end = std::min(kPieceLeast, text.size());
    while (end < text.size() && end < kPieceMost && text[end] != ' ') ++end;
    while (end < text.size() && is_inside_character(text[end])) ++end;
    out.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return out;
}

Result<Response> chat_answer(const ItemRecord& record, const std::string& model) {
  HF_TRY(const json::object result, answer_in(record));
  json::object answer = envelope(record, model, "chat.completion");
  json::object message{{"role", "assistant"}, {"content", result.at("text")}, {"refusal", nullptr}};
  json::array choices;
  choices.push_back(choice("message", std::move(message), result.at("finish")));
  answer["choices"] = std::move(choices);
  if (json::value usage = token_usage(result); !usage.is_null()) answer["usage"] = std::move(usage);
  return json_response(200, answer);
}

Result<std::string> chat_events(const ItemRecord& record, const std::string& model, bool with_usage) {
  HF_TRY(const json::object result, answer_in(record));
  const json::object head = envelope(record, model, "chat.completion.chunk");
  const auto delta = [&](json::object what, json::value finish) {
    json::array choices;
    choices.push_back(choice("delta", std::move(what), std::move(finish)));
    return chunk_event(head, std::move(choices), nullptr);
  };
  std::string out = delta({{"role", "assistant"}, {"content", ""}}, nullptr);
  const auto& text = result.at("text").as_string();
  for (const std::string_view piece : pieces_of({text.data(), text.size()}))
    out += delta({{"content", piece}}, nullptr);
  out += delta({}, result.at("finish"));
  if (with_usage) out += chunk_event(head, {}, token_usage(result));
  return out + "data: [DONE]\n\n";
}

}  // namespace holdfast::web::dialect
