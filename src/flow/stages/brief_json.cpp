#include "flow/stages/brief_json.hpp"

#include <boost/json.hpp>

namespace holdfast::stages {
namespace {

namespace json = boost::json;

std::unexpected<Error> bad_brief(std::string_view field) {
  return fail(ErrorClass::permanent, "HF-LLM-08",
              "the brief's " + std::string{field} + " is missing or of another type");
}

Result<double> number(const json::object& object, std::string_view field) {
  const auto* value = object.if_contains(field);
  if (value == nullptr || !value->is_number()) return bad_brief(field);
  return value->to_number<double>();
}

Result<std::string> word(const json::object& object, std::string_view field) {
  const auto* value = object.if_contains(field);
  if (value == nullptr || !value->is_string()) return bad_brief(field);
  return std::string{value->get_string()};
}

}  // namespace

json::object brief_object(const fragrance::Brief& brief) {
  json::object notes;
  for (const auto& [name, weight] : brief.notes_preference) notes[name] = weight;
  return {{"style", brief.style},
          {"intensity", brief.intensity},
          {"complexity", brief.complexity},
          {"notes_preference", std::move(notes)},
          {"product_category", brief.product_category}};
}

Result<fragrance::Brief> brief_of(const json::value& value) {
  if (!value.is_object()) return bad_brief("object");
  const json::object& object = value.get_object();
  fragrance::Brief brief;
  HF_TRY(brief.style, word(object, "style"));
  HF_TRY(brief.intensity, number(object, "intensity"));
  HF_TRY(brief.complexity, number(object, "complexity"));
  HF_TRY(brief.product_category, word(object, "product_category"));
  const auto* notes = object.if_contains("notes_preference");
  if (notes == nullptr || !notes->is_object()) return bad_brief("notes_preference");
  for (const auto& [name, unused] : notes->get_object()) {
    HF_TRY(brief.notes_preference[std::string{name}], number(notes->get_object(), name));
  }
  return brief;
}

}  // namespace holdfast::stages
