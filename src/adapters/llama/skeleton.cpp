#include "adapters/llama/skeleton.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace holdfast::llama {
namespace {

namespace json = boost::json;

constexpr unsigned kSkeletonDepthMax = 16;

std::string_view word(const json::value& value) {
  return value.is_string() ? std::string_view{value.get_string()} : std::string_view{};
}

/// "null" where it is one of several types: nothing is shorter.
std::string_view shortest_type(const json::object& schema) {
  const auto* type = schema.if_contains("type");
  if (type == nullptr) return {};
  if (!type->is_array() || type->get_array().empty()) return word(*type);
  const auto& types = type->get_array();
  return std::ranges::any_of(types, [](const auto& one) { return word(one) == "null"; })
             ? "null"
             : word(types.front());
}

json::value smallest(const json::value& node, unsigned depth) {
  if (!node.is_object() || depth > kSkeletonDepthMax) return nullptr;
  const auto& schema = node.get_object();
  if (const auto* words = schema.if_contains("enum");
      words != nullptr && words->is_array() && !words->get_array().empty()) {
    return words->get_array().front();
  }
  const auto type = shortest_type(schema);
  if (type == "array") return json::array{};
  if (type == "string") return "-";
  if (type == "integer" || type == "number") return 0;
  json::object out;
  const auto* properties = schema.if_contains("properties");
  if (type != "object" || properties == nullptr || !properties->is_object()) return nullptr;
  for (const auto& [name, field] : properties->get_object()) out[name] = smallest(field, depth + 1);
  return out;
}

}  // namespace

std::string skeleton_of(const std::string& schema) {
  boost::system::error_code bad;
  const auto parsed = json::parse(schema, bad);
  return bad ? std::string{} : json::serialize(smallest(parsed, 0));
}

}  // namespace holdfast::llama
