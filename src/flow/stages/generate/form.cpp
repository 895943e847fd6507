#include "flow/stages/generate/form.hpp"

#include <boost/json.hpp>
#include <set>

#include "core/grounding/clean.hpp"
#include "core/grounding/grounding.hpp"

namespace holdfast::stages {
namespace {

namespace json = boost::json;
using grounding::Evidence;

constexpr std::size_t kValueCharactersMax = 500;

/// Evidence and the number of the segment that each piece of it is.
struct Transcript {
  Evidence evidence;
  std::vector<std::size_t> segments;
};

Transcript transcript_of(std::span<const SpokenLine> read) {
  Transcript out;
  for (const auto& line : read) {
    out.evidence.push_back(grounding::compared_words(line.text));
    out.segments.push_back(line.segment);
  }
  return out;
}

struct Field {
  json::value value;  ///< null: not known
  std::set<std::size_t> segments;
  std::size_t refused = 0;  ///< how many values were not said

  [[nodiscard]] json::value shown() const {
    json::array numbers;
    for (const auto number : segments) numbers.emplace_back(number);
    return json::object{{"value", value}, {"segments", std::move(numbers)}};
  }
};

/// Puts down where `text` was said. Returns false, and counts it, if it was not.
bool was_said(std::string_view text, const Transcript& transcript, Field& field) {
  const auto found = grounding::ground(text, transcript.evidence);
  if (!found.found) {
    ++field.refused;
    return false;
  }
  for (const auto position : found.segments) field.segments.insert(transcript.segments[position]);
  return true;
}

void take_text(std::string_view raw, const Transcript& transcript, Field& field) {
  const auto text = grounding::clean_text(raw, kValueCharactersMax);
  if (!grounding::means_unknown(text) && was_said(text, transcript, field)) field.value = text;
}

void take_list(const json::array& list, const Transcript& transcript, Field& field) {
  json::array kept;
  for (const auto& element : list) {
    if (!element.is_string()) continue;
    const json::string text{grounding::clean_text(element.get_string(), kValueCharactersMax)};
    const bool repeated = std::ranges::find(kept, json::value(text)) != kept.end();
    if (!repeated && !grounding::means_unknown(text) && was_said(text, transcript, field))
      kept.emplace_back(text);
  }
  if (!kept.empty()) field.value = std::move(kept);
}

Field take(const json::value& answered, const Transcript& transcript) {
  Field field;
  if (answered.is_string()) {
    take_text(answered.get_string(), transcript, field);
  } else if (answered.is_array()) {
    take_list(answered.get_array(), transcript, field);
  } else if (answered.is_int64() || answered.is_uint64()) {
    if (was_said(json::serialize(answered), transcript, field)) field.value = answered;
  }
  return field;
}

std::string refusal(std::string_view name, const Field& field) {
  const bool partly = !field.value.is_null();
  const std::string what =
      partly ? "left out what was not said in the recording (" + std::to_string(field.refused) + ")"
             : "left empty, because what the model gave was not said in the recording";
  return "\"" + std::string{name} + "\": " + what;
}

bool is_word(const json::value* value, std::string_view word) {
  return value != nullptr && value->is_string() && value->get_string() == word;
}

bool can_be_checked(const json::object& field) {
  const auto* type = field.if_contains("type");
  const auto checkable = [&](const json::value& one) {
    const bool plain = is_word(&one, "string") || is_word(&one, "integer") || is_word(&one, "null");
    if (plain || !is_word(&one, "array")) return plain;
    const auto* items = field.if_contains("items");
    return items != nullptr && items->is_object() &&
           is_word(items->get_object().if_contains("type"), "string");
  };
  if (type == nullptr) return false;
  return type->is_array() ? std::ranges::all_of(type->get_array(), checkable) : checkable(*type);
}

}  // namespace

Result<void> Form::check(const json::object& schema) const {
  for (const auto& [name, field] : properties_of(schema)) {
    if (field.is_object() && can_be_checked(field.get_object())) continue;
    return fail(ErrorClass::permanent, "HF-CFG-02",
                "form field \"" + std::string{name} + "\" must be a string, an integer or a list of strings");
  }
  if (properties_of(schema).empty())
    return fail(ErrorClass::permanent, "HF-CFG-02", "the form has no fields");
  return {};
}

json::value Form::empty(const json::object& schema) const {
  json::object form;
  for (const auto& [name, unused] : properties_of(schema)) form[name] = Field{}.shown();
  return form;
}

Result<Shaped> Form::conclude(const json::object& answer, const json::object& schema,
                              const Material& material) const {
  const Transcript transcript = transcript_of(material.read);
  json::object form;
  Shaped shaped;
  for (const auto& [name, unused] : properties_of(schema)) {
    const auto* answered = answer.if_contains(name);
    const Field field = answered != nullptr ? take(*answered, transcript) : Field{};
    if (field.refused > 0) shaped.warnings.push_back(refusal(name, field));
    form[name] = field.shown();
  }
  shaped.result = std::move(form);
  return shaped;
}

}  // namespace holdfast::stages
