#include "flow/stages/generate/hints.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "core/fragrance/mentions.hpp"
#include "core/grounding/clean.hpp"
#include "flow/stages/body.hpp"
#include "flow/stages/generate/validation.hpp"

namespace holdfast::stages {
namespace {

namespace json = boost::json;

constexpr std::string_view kField = "hints";
constexpr std::size_t kHintsMax = 10;
constexpr std::size_t kHintCharactersMax = 300;

bool is_hint(const json::value& value) {
  return value.is_string() && !value.get_string().empty() && value.get_string().size() <= kHintCharactersMax;
}

bool is_list_of_hints(const json::value* value) {
  if (value == nullptr || !value->is_array()) return false;
  const json::array& hints = value->get_array();
  return !hints.empty() && hints.size() <= kHintsMax && std::ranges::all_of(hints, is_hint);
}

/// Whether a hint speaks for a note or a family that the brief has at 0.
bool recommends_unwanted(std::string_view hint, const fragrance::Brief& brief) {
  const auto unwanted = [&brief](std::string_view name) {
    const auto found = brief.notes_preference.find(name);
    return found != brief.notes_preference.end() && found->second == 0;
  };
  const auto mentions = fragrance::mentions_of(fragrance::tokens_of(hint));
  return std::ranges::any_of(mentions, [&](const fragrance::Mention& mention) {
    using enum fragrance::Topic;
    const auto topic = mention.term->topic;
    const bool names_notes = topic == style || topic == family || topic == note;
    return names_notes && !mention.unwanted && (unwanted(mention.name) || unwanted(mention.term->means));
  });
}

/// Whole sentences, each once, without those that the brief speaks against.
Shaped chosen(const std::vector<std::string>& hints, const fragrance::Brief& brief) {
  json::array kept;
  std::size_t left_out = 0;
  for (const auto& raw : hints) {
    const json::string hint{grounding::whole_sentences(raw)};
    if (std::ranges::find(kept, json::value(hint)) != kept.end()) continue;
    if (recommends_unwanted(hint, brief)) {
      ++left_out;
      continue;
    }
    kept.emplace_back(hint);
  }
  Shaped shaped{.result = std::move(kept)};
  if (left_out > 0)
    shaped.warnings.push_back("left out what speaks for notes that the brief does not want (" +
                              std::to_string(left_out) + ")");
  return shaped;
}

}  // namespace

std::vector<std::string> hints_for(std::string_view style, const json::object& templates) {
  const auto* list = templates.if_contains(style);
  const bool known = fragrance::is_style(style) && list != nullptr;
  return body::sentences(templates, known ? style : fragrance::kStyleOtherwise);
}

std::span<const std::string_view> HintsShape::needs() const { return kNeedsBrief; }

Result<void> HintsShape::check(const json::object& schema) const {
  const json::object& properties = properties_of(schema);
  const auto* field = properties.if_contains(kField);
  if (properties.size() != 1 || field == nullptr || !field->is_object())
    return cannot("hints need one field, \"hints\"");
  const auto* items = field->get_object().if_contains("items");
  const bool texts = items != nullptr && items->is_object() && items->get_object().contains("type") &&
                     items->get_object().at("type") == json::value("string");
  if (!texts) return cannot("\"hints\" must be a list of texts");
  return {};
}

Result<void> HintsShape::check_templates(const json::value& templates) const {
  if (!templates.is_object()) return cannot("the templates must be a JSON object");
  for (const auto style : fragrance::kStyles) {
    if (!is_list_of_hints(templates.get_object().if_contains(style)))
      return cannot("the templates need a list of 1 to 10 short texts for \"" + std::string{style} + "\"");
  }
  if (templates.get_object().size() != fragrance::kStyles.size()) return cannot("the templates have a style too many");
  return {};
}

Result<void> HintsShape::check_result(const json::value& result) const {
  if (is_list_of_hints(&result)) return {};
  return fail(ErrorClass::permanent, "HF-LLM-08", "the hints are no list of short texts");
}

Result<Shaped> HintsShape::by_rules(const Material& material) const {
  HF_TRY(const auto brief, brief_among(material));
  boost::system::error_code bad;
  const auto templates = json::parse(material.templates, bad);
  if (bad) return cannot("the recipe has no templates for hints");
  HF_TRY_VOID(check_templates(templates));
  Shaped shaped = chosen(hints_for(brief.style, templates.get_object()), brief);
  shaped.warnings.emplace_back("templates for the style, because no model could be asked");
  return shaped;
}

json::value HintsShape::empty(const json::object& /*schema*/) const { return nullptr; }

Result<Shaped> HintsShape::conclude(const json::object& answer, const json::object& /*schema*/,
                                    const Material& material) const {
  HF_TRY(const auto brief, brief_among(material));
  Shaped shaped = chosen(body::sentences(answer, kField), brief);
  if (!shaped.result.get_array().empty()) return shaped;
  return fail(ErrorClass::transient, "HF-LLM-03", "the model's answer cannot be used: no hint fits the brief");
}

}  // namespace holdfast::stages
