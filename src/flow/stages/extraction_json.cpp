#include "flow/stages/extraction_json.hpp"

#include <boost/json.hpp>

#include "core/grounding/clean.hpp"
#include "core/memory/grounded.hpp"
#include "core/memory/names.hpp"
#include "core/transcript/text.hpp"
#include "flow/stages/body.hpp"

namespace holdfast::stages {
namespace {

namespace json = boost::json;

constexpr std::string_view kMark = "extracts";

std::unexpected<Error> bad_extraction(std::string_view what) {
  return fail(ErrorClass::invalid, "HF-REQ-01", std::string{what});
}

json::value text_or_null(const std::string& text) {
  if (text.empty()) return nullptr;
  return json::string{transcript::to_valid_utf8(text)};
}

Result<std::vector<std::size_t>> numbers_of(const json::object& object) {
  std::vector<std::size_t> numbers;
  const auto* listed = object.if_contains("segments");
  if (listed == nullptr || listed->is_null()) return numbers;
  if (!listed->is_array()) return bad_extraction("segments are a list of numbers");
  for (const json::value& one : listed->get_array()) {
    boost::system::error_code problem;
    const auto number = one.to_number<std::uint32_t>(problem);
    if (problem || (!numbers.empty() && number <= numbers.back()))
      return bad_extraction("segments are a list of numbers, each greater than the one before");
    numbers.push_back(number);
  }
  return numbers;
}

json::array names_array(const std::vector<std::string>& names) {
  json::array out;
  for (const std::string& name : names) out.emplace_back(transcript::to_valid_utf8(name));
  return out;
}

Result<std::vector<std::string>> names_of(const json::object& object, std::string_view field) {
  std::vector<std::string> names;
  const auto* listed = object.if_contains(field);
  if (listed == nullptr || listed->is_null()) return names;
  if (!listed->is_array() || listed->get_array().size() > memory::kNamesMax)
    return bad_extraction("names are a short list of texts");
  for (const json::value& one : listed->get_array()) {
    if (!one.is_string()) return bad_extraction("names are a short list of texts");
    std::string name = grounding::clean_text(std::string_view{one.get_string()}, memory::kPartCharactersMax);
    if (!name.empty()) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace

json::object extraction_object(const Extraction& made) {
  json::array segments;
  for (const std::size_t number : made.segments) segments.emplace_back(number);
  json::object out{{"text", transcript::to_valid_utf8(made.text)},
                   {"segments", std::move(segments)},
                   {"confidence", made.confidence},
                   {"people", names_array(made.people)},
                   {"places", names_array(made.places)}};
  if (made.kind == ExtractionKind::memory) return out;
  out["owner"] = text_or_null(made.owner);
  out["due"] = text_or_null(made.due);
  return out;
}

Result<Extraction> extraction_of(const json::value& object, ExtractionKind kind) {
  if (!object.is_object()) return bad_extraction("a memory and an action item are objects");
  const auto& given = object.get_object();
  Extraction made{.kind = kind,
                  .text = body::text_or_empty(given, "text"),
                  .confidence = body::number_or(given, "confidence", 1)};
  if (made.text.empty()) return bad_extraction("a memory and an action item have a text");
  if (!(made.confidence >= 0 && made.confidence <= 1)) return bad_extraction("confidence is a number from 0 to 1");
  HF_TRY(made.segments, numbers_of(given));
  HF_TRY(made.people, names_of(given, "people"));
  HF_TRY(made.places, names_of(given, "places"));
  if (kind == ExtractionKind::memory) return made;
  made.owner = body::text_or_empty(given, "owner");
  made.due = body::text_or_empty(given, "due");
  return made;
}

json::object list_mark(ExtractionKind kind) { return {{kMark, to_word(kind)}}; }

std::optional<ExtractionKind> kind_of_list(const json::value& published) {
  if (!published.is_object()) return std::nullopt;
  return extraction_kind_from(body::text_or_empty(published.get_object(), kMark));
}

}  // namespace holdfast::stages
