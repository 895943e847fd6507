#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

/// Reading JSON that somebody else wrote: what is missing or of another type counts as empty. Include in .cpp
/// files only.
namespace holdfast::cli {

inline const boost::json::object& object_at(const boost::json::object& object, std::string_view name) {
  static const boost::json::object kEmpty;
  const auto* const value = object.if_contains(name);
  return value != nullptr && value->is_object() ? value->get_object() : kEmpty;
}

inline const boost::json::array& array_at(const boost::json::object& object, std::string_view name) {
  static const boost::json::array kEmpty;
  const auto* const value = object.if_contains(name);
  return value != nullptr && value->is_array() ? value->get_array() : kEmpty;
}

inline std::string text_at(const boost::json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string{value->get_string()} : "";
}

/// `otherwise` where it is not a number.
inline double number_at(const boost::json::object& object, std::string_view name, double otherwise) {
  const auto* const value = object.if_contains(name);
  if (value == nullptr || !value->is_number()) return otherwise;
  return value->to_number<double>();
}

/// An empty object for what is not JSON or not an object.
inline boost::json::object parse_object(std::string_view text) {
  boost::json::error_code broken;
  boost::json::value value = boost::json::parse(text, broken);
  return !broken && value.is_object() ? std::move(value.get_object()) : boost::json::object{};
}

}  // namespace holdfast::cli
