#include "flow/stages/generate/bounds.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <string>

#include "flow/stages/body.hpp"

namespace holdfast::stages {
namespace {

namespace json = boost::json;

constexpr unsigned kBoundsDepthMax = 8;
constexpr std::size_t kNumberCharacters = 24;

std::unexpected<Error> unlimited(const std::string& place, std::string_view what) {
  return fail(ErrorClass::permanent, "HF-CFG-02", "the schema's " + place + " needs " + std::string{what});
}

Result<std::size_t> longest(const json::object& schema, const std::string& place, unsigned depth);

Result<std::size_t> longest_of(const json::object& schema, std::string_view field, const std::string& place,
                               unsigned depth) {
  const auto* inner = schema.if_contains(field);
  if (inner == nullptr || !inner->is_object()) return unlimited(place, "\"" + std::string{field} + "\"");
  return longest(inner->get_object(), place, depth);
}

Result<std::size_t> longest_object(const json::object& schema, const std::string& place, unsigned depth) {
  const auto* properties = schema.if_contains("properties");
  if (properties == nullptr || !properties->is_object()) return unlimited(place, "\"properties\"");
  const auto* others = schema.if_contains("additionalProperties");
  if (others == nullptr || *others != json::value(false))
    return unlimited(place, "\"additionalProperties\": false");
  std::size_t total = 2;
  for (const auto& [name, unused] : properties->get_object()) {
    HF_TRY(const auto value,
           longest_of(properties->get_object(), name, place + "." + std::string{name}, depth));
    total += name.size() + 4 + value;  // quotes, colon, comma
  }
  return total;
}

Result<std::size_t> longest_array(const json::object& schema, const std::string& place, unsigned depth) {
  const auto count = body::count_or(schema, "maxItems", -1);
  if (count < 0) return unlimited(place, "\"maxItems\"");
  HF_TRY(const auto item, longest_of(schema, "items", place, depth));
  return 2 + static_cast<std::size_t>(count) * (item + 1);
}

Result<std::size_t> longest_typed(const json::object& schema, std::string_view type, const std::string& place,
                                  unsigned depth) {
  if (type == "object") return longest_object(schema, place, depth);
  if (type == "array") return longest_array(schema, place, depth);
  if (type == "null" || type == "boolean") return std::size_t{5};
  if (type == "integer" || type == "number") return kNumberCharacters;
  if (type != "string") return unlimited(place, "a \"type\" that is known");
  const auto length = body::count_or(schema, "maxLength", -1);
  if (length < 0) return unlimited(place, "\"maxLength\"");
  return 2 + static_cast<std::size_t>(length);
}

Result<std::size_t> longest(const json::object& schema, const std::string& place, unsigned depth) {
  if (depth > kBoundsDepthMax) return unlimited(place, "less depth");
  if (const auto* words = schema.if_contains("enum"); words != nullptr) return json::serialize(*words).size();
  const auto* type = schema.if_contains("type");
  if (type == nullptr) return unlimited(place, "a \"type\"");
  if (type->is_string()) return longest_typed(schema, type->get_string(), place, depth + 1);
  if (!type->is_array()) return unlimited(place, "a \"type\" that is a word or a list of words");
  std::size_t most = 0;
  for (const auto& one : type->get_array()) {
    if (!one.is_string()) return unlimited(place, "a \"type\" that is a list of words");
    HF_TRY(const auto length, longest_typed(schema, one.get_string(), place, depth + 1));
    most = std::max(most, length);
  }
  return most;
}

}  // namespace

Result<std::size_t> characters_max(const json::object& schema) { return longest(schema, "answer", 0); }

}  // namespace holdfast::stages
