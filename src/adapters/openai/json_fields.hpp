#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

/// Reading the JSON of requests and endpoints: what is missing or of another type is empty. Include in .cpp files only.
namespace holdfast::openai {

inline std::string_view text_at(const boost::json::object& object, std::string_view field) {
  const auto* value = object.if_contains(field);
  return value != nullptr && value->is_string() ? std::string_view{value->get_string()} : std::string_view{};
}

inline std::int64_t count_at(const boost::json::object& object, std::string_view field) {
  const auto* value = object.if_contains(field);
  boost::system::error_code bad;
  const auto number = value != nullptr ? value->to_number<std::int64_t>(bad) : 0;
  return bad || number < 0 ? 0 : number;
}

/// Null: it is none.
inline const boost::json::object* object_at(const boost::json::object& object, std::string_view field) {
  const auto* value = object.if_contains(field);
  return value != nullptr ? value->if_object() : nullptr;
}

/// Of a language model's endpoint. Errors: always; transient HF-LLM-03.
inline std::unexpected<Error> unusable(std::string_view what) {
  return fail(ErrorClass::transient, "HF-LLM-03", "the endpoint's answer cannot be used: " + std::string{what});
}

}  // namespace holdfast::openai
