#include "adapters/process/tiny_inference.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "ports/embedding_body.hpp"

namespace holdfast {
namespace {

namespace json = boost::json;

/// Nobody who knows nothing gives one of a hundred languages more than twice its share.
constexpr double kSurerThanGuessing = 0.02;
constexpr std::size_t kLanguageMax = 3;

std::unexpected<Error> nonsense(std::string_view code, std::string_view what) {
  return fail(ErrorClass::dependency, code, "asked something small, the model " + std::string{what});
}

/// An empty object: there is none.
json::object object_in(std::string_view text) {
  boost::system::error_code bad;
  json::value value = json::parse({text.data(), text.size()}, bad);
  return bad || !value.is_object() ? json::object{} : std::move(value).as_object();
}

std::string_view text_at(const json::object& object, std::string_view field) {
  const json::value* value = object.if_contains(field);
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

/// A share of the whole; nothing: it is none.
std::optional<double> share_at(const json::object& object, std::string_view field) {
  const json::value* value = object.if_contains(field);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const auto share = value->to_number<double>();
  return share >= 0 && share <= 1 ? std::optional{share} : std::nullopt;
}

bool is_language(std::string_view word) {
  const auto small = [](char letter) { return letter >= 'a' && letter <= 'z'; };
  return word.size() > 1 && word.size() <= kLanguageMax && std::ranges::all_of(word, small);
}

Result<void> judge_speech(std::string_view answer) {
  const json::object told = object_in(answer);
  if (!is_language(text_at(told, "language"))) return nonsense("HF-ENG-09", "named no language");
  const auto sure = share_at(told, "language_probability");
  if (!sure || *sure < kSurerThanGuessing) return nonsense("HF-ENG-09", "only guessed");
  if (!share_at(told, "voice")) return nonsense("HF-ENG-09", "for voices gave no likelihood");
  return {};
}

Result<void> judge_language(std::string_view answer) {
  const std::string text{text_at(object_in(answer), "text")};
  const std::string word{text_at(object_in(text), "answer")};
  if (word == "yes" || word == "no") return {};
  return nonsense("HF-LLM-06", "answered neither yes nor no");
}

/// Whoever knows nothing of language finds any two texts as like as any others.
Result<void> judge_embedding(std::string_view answer) {
  constexpr double kAlike = 0.6;
  constexpr double kFurther = 0.2;
  const auto made = read_embedding_answer(answer, 3);
  if (!made) return nonsense("HF-EMB-06", "gave no three vectors: " + made.error().what());
  const double same = similar::scalar_product(made->row(0), made->row(1));
  const double other = similar::scalar_product(made->row(0), made->row(2));
  if (same >= kAlike && other <= same - kFurther) return {};
  return nonsense("HF-EMB-06", "cannot tell what means the same");
}

}  // namespace

TinyInference embedding_inference() {
  const json::object request{{"type", "embed"},
                             {"texts", {"That is a happy person.", "That is a very happy person.",
                                        "The train to Berlin leaves at noon."}}};
  return {.request = json::serialize(request), .judge = &judge_embedding};
}

TinyInference speech_inference() { return {.request = R"({"type":"probe"})", .judge = &judge_speech}; }

TinyInference language_inference() {
  const json::object schema{{"type", "object"},
                            {"properties", {{"answer", {{"enum", {"yes", "no"}}}}}},
                            {"required", {"answer"}},
                            {"additionalProperties", false}};
  const json::object request{{"type", "generate"},
                             {"system", "Answer with yes or no."},
                             {"before", "Somebody says:"},
                             {"lines", {"Snow is white."}},
                             {"after", "Is that so?"},
                             {"schema", schema},
                             {"tokens_max", 32},
                             {"temperature", 0.0},
                             {"seed", 1}};
  return {.request = json::serialize(request), .judge = &judge_language};
}

}  // namespace holdfast
