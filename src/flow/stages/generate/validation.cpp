#include "flow/stages/generate/validation.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "core/fragrance/validation.hpp"
#include "flow/stages/body.hpp"
#include "flow/stages/brief_json.hpp"

namespace holdfast::stages {
namespace {

namespace json = boost::json;

constexpr std::string_view kOpinions[] = {"compliant", "non_compliant", fragrance::kComplianceUnknown};
constexpr const char* kOpinionOnly = "IFRA compliance is a model's opinion of a brief, not a check of a formula";
constexpr const char* kNoReason = "the model gave no reason for its opinion of IFRA compliance, so it is not known";

bool is_opinion(std::string_view word) { return std::ranges::find(kOpinions, word) != std::end(kOpinions); }

std::unexpected<Error> cannot_validate(std::string_view what) {
  return cannot("a validation " + std::string{what});
}

const json::value* part(const json::object& field, std::string_view name) { return field.if_contains(name); }

bool is_list_of_texts(const json::object& properties, std::string_view name) {
  const auto* field = part(properties, name);
  const auto* items = field != nullptr && field->is_object() ? part(field->get_object(), "items") : nullptr;
  const auto* type = items != nullptr && items->is_object() ? part(items->get_object(), "type") : nullptr;
  return type != nullptr && *type == json::value("string");
}

bool has_opinions(const json::object& properties) {
  const auto* field = part(properties, "ifra_compliance");
  const auto* words = field != nullptr && field->is_object() ? part(field->get_object(), "enum") : nullptr;
  if (words == nullptr || !words->is_array() || words->get_array().empty()) return false;
  return std::ranges::all_of(words->get_array(),
                             [](const json::value& word) { return word.is_string() && is_opinion(word.get_string()); });
}

/// An opinion is called one, and without a word to it, it is none: a small model has one of everything.
void add_doubt(fragrance::Validation& checked) {
  if (checked.ifra_compliance == fragrance::kComplianceUnknown) return;
  const bool reasoned = !checked.warnings.empty() || !checked.errors.empty();
  if (!reasoned) checked.ifra_compliance = fragrance::kComplianceUnknown;
  checked.warnings.emplace_back(reasoned ? kOpinionOnly : kNoReason);
}

json::array list(const std::vector<std::string>& sentences) {
  json::array out;
  for (const auto& sentence : sentences) out.emplace_back(sentence);
  return out;
}

json::object validation_object(const fragrance::Validation& checked) {
  return {{"valid", checked.valid()},
          {"errors", list(checked.errors)},
          {"warnings", list(checked.warnings)},
          {"ifra_compliance", checked.ifra_compliance}};
}

}  // namespace

Result<fragrance::Brief> brief_among(const Material& material) {
  const auto* brief = material.earlier.if_contains("brief");
  if (brief == nullptr) return fail(ErrorClass::permanent, "HF-LLM-08", "there is no brief");
  return brief_of(*brief);
}

std::span<const std::string_view> ValidationShape::needs() const { return kNeedsBrief; }

Result<void> ValidationShape::check(const json::object& schema) const {
  const json::object& properties = properties_of(schema);
  if (!has_opinions(properties))
    return cannot_validate("needs \"ifra_compliance\", an enum of compliant, non_compliant and unknown");
  if (!is_list_of_texts(properties, "warnings")) return cannot_validate("needs \"warnings\", a list of texts");
  const bool errors = properties.contains("errors");
  if (errors && !is_list_of_texts(properties, "errors"))
    return cannot_validate("needs \"errors\" to be a list of texts");
  if (properties.size() != (errors ? 3U : 2U)) return cannot_validate("has no other fields");
  return {};
}

Result<Shaped> ValidationShape::by_rules(const Material& material) const {
  HF_TRY(const auto brief, brief_among(material));
  const auto checked = fragrance::validate_by_rules(brief);
  HF_TRY_VOID(fragrance::refuse_critical(checked));
  return Shaped{.result = validation_object(checked), .warnings = checked.warnings};
}

json::value ValidationShape::empty(const json::object& /*schema*/) const { return nullptr; }

Result<Shaped> ValidationShape::conclude(const json::object& answer, const json::object& /*schema*/,
                                         const Material& material) const {
  HF_TRY(const auto brief, brief_among(material));
  HF_TRY_VOID(fragrance::refuse_critical({.errors = fragrance::errors_of(brief)}));
  fragrance::Validation checked{.errors = body::sentences(answer, "errors"),
                                .warnings = body::sentences(answer, "warnings"),
                                .ifra_compliance = body::text_or_empty(answer, "ifra_compliance")};
  if (!is_opinion(checked.ifra_compliance))
    return fail(ErrorClass::transient, "HF-LLM-03", "the model's opinion of IFRA compliance is none");
  add_doubt(checked);
  return Shaped{.result = validation_object(checked)};
}

}  // namespace holdfast::stages
