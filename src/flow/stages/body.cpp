#include "flow/stages/body.hpp"

#include <boost/json.hpp>

#include "core/grounding/clean.hpp"

namespace holdfast::stages::body {

namespace json = boost::json;

Result<json::object> parse_object(std::string_view text, std::string_view writer) {
  boost::system::error_code bad;
  auto value = json::parse(text, bad);
  if (!bad && value.is_object()) return std::move(value.as_object());
  return fail(ErrorClass::transient, "HF-SRV-01", std::string{writer} + " gave no JSON object");
}

std::int64_t count_or(const json::object& object, std::string_view field, std::int64_t otherwise) {
  const auto* value = object.if_contains(field);
  if (value == nullptr) return otherwise;
  boost::system::error_code bad;
  const auto number = value->to_number<std::int64_t>(bad);
  return bad || number < 0 ? otherwise : number;
}

double number_or(const json::object& object, std::string_view field, double otherwise) {
  const auto* value = object.if_contains(field);
  if (value == nullptr) return otherwise;
  boost::system::error_code bad;
  const auto number = value->to_number<double>(bad);
  return bad ? otherwise : number;
}

std::string text_or_empty(const json::object& object, std::string_view field) {
  const auto* value = object.if_contains(field);
  return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

const json::object* object_at(const json::object& object, std::string_view field) {
  const auto* value = object.if_contains(field);
  return value != nullptr ? value->if_object() : nullptr;
}

std::vector<std::string> sentences(const json::object& object, std::string_view field) {
  constexpr std::size_t kCountMax = 20;
  constexpr std::size_t kCharactersMax = 300;
  std::vector<std::string> out;
  const auto* value = object.if_contains(field);
  if (value == nullptr || !value->is_array()) return out;
  for (const auto& element : value->get_array()) {
    if (!element.is_string() || out.size() == kCountMax) continue;
    auto sentence = grounding::clean_text(element.get_string(), kCharactersMax);
    if (!sentence.empty()) out.push_back(std::move(sentence));
  }
  return out;
}

}  // namespace holdfast::stages::body
