#include "flow/fallback/outcome_json.hpp"

#include <boost/json.hpp>

namespace holdfast::fallback {
namespace {

namespace json = boost::json;

std::unexpected<Error> not_one() {
  return fail(ErrorClass::corrupt, "HF-STO-03", "what the cache holds is no outcome of a stage");
}

const json::string* text_at(const json::object& object, std::string_view field) {
  const auto* value = object.if_contains(field);
  return value != nullptr ? value->if_string() : nullptr;
}

const json::array* list_at(const json::object& object, std::string_view field) {
  const auto* value = object.if_contains(field);
  return value != nullptr ? value->if_array() : nullptr;
}

}  // namespace

std::string to_json(const decide::StageOutcome& outcome) {
  json::array publish;
  for (const NamedResult& result : outcome.publish)
    publish.push_back(json::object{{"name", result.name}, {"json", result.json}});
  return json::serialize(json::object{{"output", outcome.output},
                                      {"warnings", json::value_from(outcome.warnings)},
                                      {"publish", std::move(publish)}});
}

Result<decide::StageOutcome> outcome_of(const std::string& text) {
  boost::system::error_code bad;
  const json::value value = json::parse(text, bad);
  const auto* object = bad ? nullptr : value.if_object();
  if (object == nullptr) return not_one();
  const auto* output = text_at(*object, "output");
  const auto* warnings = list_at(*object, "warnings");
  const auto* publish = list_at(*object, "publish");
  if (output == nullptr || warnings == nullptr || publish == nullptr) return not_one();
  decide::StageOutcome outcome{.output = std::string{*output}};
  for (const json::value& warning : *warnings) {
    if (!warning.is_string()) return not_one();
    outcome.warnings.emplace_back(warning.get_string());
  }
  for (const json::value& result : *publish) {
    const auto* name = result.is_object() ? text_at(result.get_object(), "name") : nullptr;
    const auto* made = result.is_object() ? text_at(result.get_object(), "json") : nullptr;
    if (name == nullptr || made == nullptr) return not_one();
    outcome.publish.push_back({.name = std::string{*name}, .json = std::string{*made}});
  }
  return outcome;
}

}  // namespace holdfast::fallback
