#include "flow/stages/generate/brief.hpp"

#include <boost/json.hpp>
#include <cmath>

#include "core/fragrance/rules.hpp"
#include "core/fragrance/validation.hpp"
#include "core/fragrance/vocabulary.hpp"
#include "flow/stages/body.hpp"
#include "flow/stages/brief_json.hpp"

namespace holdfast::stages {
namespace {

namespace json = boost::json;
using fragrance::Brief;
using fragrance::Topic;

constexpr std::string_view kFields[] = {"style", "intensity", "complexity", "notes_preference", "product_category"};

std::unexpected<Error> cannot_field(std::string_view field, std::string_view what) {
  return cannot("brief field \"" + std::string{field} + "\" " + std::string{what});
}

std::unexpected<Error> out_of_range(std::string_view field) {
  return fail(ErrorClass::transient, "HF-LLM-03",
              "the model's answer cannot be used: \"" + std::string{field} + "\" is outside of its range");
}

/// The number that means "all" by a field's schema: 1, 10 or 100. Nothing: the schema gives no such scale.
std::optional<double> scale_of(const json::object& properties, std::string_view name) {
  const auto* field = body::object_at(properties, name);
  if (field == nullptr) return std::nullopt;
  const auto bound = [field](std::string_view word) {
    const auto* value = field->if_contains(word);
    return value != nullptr && value->is_number() ? value->to_number<double>() : -1.0;
  };
  const double most = bound("maximum");
  const bool known = most == 1 || most == 10 || most == 100;
  return known && bound("minimum") == 0 ? std::optional{most} : std::nullopt;
}

template <class Known>
bool only_words(const json::object& properties, std::string_view name, Known known) {
  const auto* field = body::object_at(properties, name);
  const auto* words = field != nullptr ? field->if_contains("enum") : nullptr;
  if (words == nullptr || !words->is_array() || words->get_array().empty()) return false;
  return std::ranges::all_of(words->get_array(),
                             [&](const json::value& word) { return word.is_string() && known(word.get_string()); });
}

bool is_note(std::string_view name) {
  const auto* term = fragrance::find_term(name);
  return fragrance::is_family(name) ||
         (term != nullptr && (term->topic == Topic::note || term->topic == Topic::family));
}

const json::object& notes_of(const json::object& schema) {
  static const json::object none;
  const auto* field = body::object_at(properties_of(schema), "notes_preference");
  return field != nullptr ? properties_of(*field) : none;
}

Result<double> scaled_share(const json::object& answer, const json::object& properties, std::string_view name) {
  const auto* value = answer.if_contains(name);
  const auto scale = scale_of(properties, name);
  if (value == nullptr || !value->is_number() || !scale) return out_of_range(name);
  const double out = value->to_number<double>() / *scale;
  if (!fragrance::is_share(out)) return out_of_range(name);
  return std::round(out * 100) / 100;
}

Result<Brief> read(const json::object& answer, const json::object& schema) {
  const json::object& properties = properties_of(schema);
  Brief brief{.style = body::text_or_empty(answer, "style"),
              .product_category = body::text_or_empty(answer, "product_category")};
  if (!fragrance::is_style(brief.style)) return out_of_range("style");
  if (!fragrance::is_category(brief.product_category)) return out_of_range("product_category");
  HF_TRY(brief.intensity, scaled_share(answer, properties, "intensity"));
  HF_TRY(brief.complexity, scaled_share(answer, properties, "complexity"));
  const auto* notes = body::object_at(answer, "notes_preference");
  if (notes == nullptr) return out_of_range("notes_preference");
  for (const auto& [name, unused] : *notes) {
    HF_TRY(brief.notes_preference[std::string{name}], scaled_share(*notes, notes_of(schema), name));
  }
  return brief;
}

}  // namespace

Result<void> BriefShape::check(const json::object& schema) const {
  const json::object& properties = properties_of(schema);
  for (const auto field : kFields) {
    if (!properties.contains(field)) return cannot_field(field, "is missing");
  }
  if (properties.size() != std::size(kFields)) return cannot_field("", "of another name cannot be used");
  if (!only_words(properties, "style", fragrance::is_style))
    return cannot_field("style", "must be an enum of known styles");
  if (!only_words(properties, "product_category", fragrance::is_category))
    return cannot_field("product_category", "must be an enum of known categories");
  for (const auto* field : {"intensity", "complexity"}) {
    if (!scale_of(properties, field)) return cannot_field(field, "must be a number from 0 to 1, 10 or 100");
  }
  const json::object& notes = notes_of(schema);
  if (notes.empty() || notes.size() > fragrance::kNoteFamilies.size())
    return cannot_field("notes_preference", "must be an object of one to ten notes");
  for (const auto& [name, unused] : notes) {
    if (!is_note(name)) return cannot_field(name, "is no note that is known");
    if (!scale_of(notes, name)) return cannot_field(name, "must be a number from 0 to 1, 10 or 100");
  }
  return {};
}

Result<void> BriefShape::check_result(const json::value& result) const {
  HF_TRY(const Brief brief, brief_of(result));
  return fragrance::refuse_critical({.errors = fragrance::errors_of(brief)});
}

Result<Shaped> BriefShape::by_rules(const Material& material) const {
  const auto said = fragrance::brief_from_rules(material.request);
  Shaped shaped{.result = brief_object(said.brief), .warnings = said.remarks};
  shaped.warnings.emplace_back("made by rules from single words, because no model could be asked: low reliability");
  std::string assumed;
  for (const auto& field : said.assumed) assumed += (assumed.empty() ? "" : ", ") + field;
  if (!assumed.empty()) shaped.warnings.push_back("assumed, because the text says nothing of it: " + assumed);
  return shaped;
}

json::value BriefShape::empty(const json::object& /*schema*/) const { return nullptr; }

Result<Shaped> BriefShape::conclude(const json::object& answer, const json::object& schema,
                                    const Material& material) const {
  HF_TRY(Brief brief, read(answer, schema));
  const auto said = fragrance::brief_from_rules(material.request);
  Shaped shaped{.warnings = said.remarks};
  brief = fragrance::held_to(std::move(brief), said, shaped.warnings);
  HF_TRY_VOID(fragrance::refuse_critical({.errors = fragrance::errors_of(brief)}));
  shaped.result = brief_object(brief);
  return shaped;
}

}  // namespace holdfast::stages
