#include "flow/stages/complete/answer_schema.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <string>

#include "schema/answer.hpp"

namespace holdfast::stages {
namespace {

namespace json = boost::json;

constexpr unsigned kSchemaDepthMax = 16;
constexpr std::size_t kNodesMax = 500;           ///< schemas within the schema, each reference written out
constexpr std::size_t kSchemaBytesMax = 32U << 10U;    ///< of all of it, as text
constexpr std::int64_t kRepetitionsMax = 1'000;  ///< of characters or items that a grammar has to count
constexpr std::size_t kPropertiesMax = 100;

/// What says nothing of an answer, or says it to people.
constexpr std::array<std::string_view, 8> kNotes{"title",   "description", "default",     "examples",
                                                 "$schema", "$id",         "definitions", "$defs"};
constexpr std::array<std::string_view, 5> kPlain{"type", "enum", "const", "required", "additionalProperties"};
constexpr std::array<std::string_view, 4> kCounts{"minLength", "maxLength", "minItems", "maxItems"};
constexpr std::array<std::string_view, 4> kBounds{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"};

std::unexpected<Error> unusable_schema(const std::string& place, std::string_view why) {
  return fail(ErrorClass::permanent, "HF-OAI-01", "schema" + place.substr(0, 200) + ": " + std::string{why});
}

bool is_among(std::string_view word, auto const& words) { return std::ranges::find(words, word) != std::end(words); }

/// Writes a schema out, node by node.
class Expansion {
 public:
  explicit Expansion(const json::object& root) : root_{root} {}

  Result<json::object> node(const json::value& given, const std::string& place, unsigned depth) {
    if (++nodes_ > kNodesMax || depth > kSchemaDepthMax)
      return unusable_schema(place, "is too large or too deep, or goes in circles");
    const json::object* schema = given.if_object();
    if (schema == nullptr) return unusable_schema(place, "is no object");
    if (const json::value* other = schema->if_contains("$ref"); other != nullptr) return referred(*other, place, depth);
    json::object out;
    for (const auto& [keyword, value] : *schema) {
      if (is_among(keyword, kNotes)) continue;
      HF_TRY(out[keyword], written(keyword, value, place, depth));
    }
    return out;
  }

 private:
  /// "#/$defs/Name" and "#/definitions/Name".
  Result<json::object> referred(const json::value& to, const std::string& place, unsigned depth) {
    const std::string_view name = to.is_string() ? std::string_view{to.get_string()} : std::string_view{};
    for (const std::string_view list : {"$defs", "definitions"}) {
      const std::string start = "#/" + std::string{list} + "/";
      if (!name.starts_with(start)) continue;
      const json::value* all = root_.if_contains(list);
      const json::object* definitions = all != nullptr ? all->if_object() : nullptr;
      const json::value* found = definitions != nullptr ? definitions->if_contains(name.substr(start.size())) : nullptr;
      if (found != nullptr) return node(*found, place, depth + 1);
    }
    return unusable_schema(place, "refers to something that is not among its definitions");
  }

  Result<json::value> written(std::string_view keyword, const json::value& value, const std::string& place,
                              unsigned depth) {
    const std::string here = place + "." + std::string{keyword};
    if (keyword == "properties") return properties(value, here, depth);
    if (keyword == "anyOf") return choices(value, here, depth);
    if (keyword == "items") return as_value(node(value, here, depth + 1));
    if (is_among(keyword, kCounts)) return counted(value, here);
    if (is_among(keyword, kBounds) && value.is_number()) return value;
    if (keyword == "additionalProperties" && !value.is_bool()) return unusable_schema(here, "is not true or false");
    if (is_among(keyword, kPlain)) return value;
    return unusable_schema(here, "cannot be used here");
  }

  static Result<json::value> as_value(Result<json::object> made) {
    if (!made) return std::unexpected(made.error());
    return json::value(*std::move(made));
  }

  Result<json::value> properties(const json::value& value, const std::string& place, unsigned depth) {
    const json::object* fields = value.if_object();
    if (fields == nullptr || fields->size() > kPropertiesMax)
      return unusable_schema(place, "is no object of at most 100 fields");
    json::object out;
    for (const auto& [name, field] : *fields) {
      HF_TRY(out[name], as_value(node(field, place + "." + std::string{name}, depth + 1)));
    }
    return json::value(std::move(out));
  }

  Result<json::value> choices(const json::value& value, const std::string& place, unsigned depth) {
    if (!value.is_array() || value.get_array().empty()) return unusable_schema(place, "is no list of schemas");
    json::array out;
    for (const json::value& one : value.get_array()) {
      HF_TRY(auto made, as_value(node(one, place, depth + 1)));
      out.push_back(std::move(made));
    }
    return json::value(std::move(out));
  }

  static Result<json::value> counted(const json::value& value, const std::string& place) {
    boost::system::error_code bad;
    const auto count = value.to_number<std::int64_t>(bad);
    if (!bad && count >= 0 && count <= kRepetitionsMax) return value;
    return unusable_schema(place, "is no number from 0 to " + std::to_string(kRepetitionsMax));
  }

  const json::object& root_;
  std::size_t nodes_ = 0;
};

}  // namespace

Result<json::object> usable_schema(const json::value& given) {
  const json::object* root = given.if_object();
  if (root == nullptr) return unusable_schema("", "is no object");
  HF_TRY(auto out, Expansion{*root}.node(given, "", 0));
  const json::value* type = out.if_contains("type");
  if (type == nullptr || *type != "object") return unusable_schema("", "is not of an object (\"type\": \"object\")");
  const std::string text = json::serialize(out);
  if (text.size() > kSchemaBytesMax)
    return unusable_schema("", "is longer than 32 KiB with its references written out");
  if (const auto read = schema::read_schema(text); !read) return unusable_schema("", "cannot be understood");
  return out;
}

}  // namespace holdfast::stages
