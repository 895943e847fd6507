#include "schema/answer.hpp"

#include <boost/json.hpp>
#include <exception>
#include <string>

#define VALIJSON_USE_EXCEPTIONS 1  // without it a bad schema ends the program
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace holdfast::schema {
namespace {

namespace json = boost::json;
using valijson::adapters::BoostJsonAdapter;

std::unexpected<Error> bad_schema(const std::string& what) {
  return fail(ErrorClass::permanent, "HF-CFG-02", "the schema cannot be used: " + what);
}

std::unexpected<Error> bad_answer(const std::string& what) {
  return fail(ErrorClass::transient, "HF-LLM-03", "the model's answer cannot be used: " + what);
}

/// Where and what the first violation is: names of the schema only, never the model's words.
std::string first_violation(valijson::ValidationResults& violations) {
  valijson::ValidationResults::Error violation;
  if (!violations.popError(violation)) return "it is not by the schema";
  std::string place;
  for (const auto& step : violation.context) place += step;
  return "not by the schema at " + place.substr(0, 100);
}

/// valijson throws on schemas that it does not understand.
Result<void> compile(const json::value& schema, valijson::Schema& out) {
  try {
    valijson::SchemaParser{}.populateSchema(BoostJsonAdapter{schema}, out);
    return {};
  } catch (const std::exception& problem) {
    return bad_schema(problem.what());
  }
}

Result<void> hold_against(const json::value& answer, const valijson::Schema& schema) {
  try {
    valijson::ValidationResults violations;
    valijson::Validator validator{valijson::Validator::kStrongTypes};
    if (validator.validate(schema, BoostJsonAdapter{answer}, &violations)) return {};
    return bad_answer(first_violation(violations));
  } catch (const std::exception&) {
    return bad_answer("it cannot be checked");
  }
}

}  // namespace

Result<json::object> read_schema(std::string_view text) {
  boost::system::error_code bad;
  auto value = json::parse(text, bad);
  if (bad) return bad_schema("it is no JSON: " + bad.message());
  if (!value.is_object()) return bad_schema("it is no JSON object");
  valijson::Schema compiled;
  HF_TRY_VOID(compile(value, compiled));
  return std::move(value.as_object());
}

Result<json::object> read_answer(std::string_view text, const json::object& schema) {
  if (text.size() > kAnswerBytesMax) return bad_answer("it is too long");
  valijson::Schema compiled;
  HF_TRY_VOID(compile(json::value(schema), compiled));
  boost::system::error_code bad;
  auto answer = json::parse(text, bad);
  if (bad) return bad_answer("it is no JSON");
  if (!answer.is_object()) return bad_answer("it is no JSON object");
  HF_TRY_VOID(hold_against(answer, compiled));
  return std::move(answer.as_object());
}

}  // namespace holdfast::schema
