#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

/// Reading the JSON that workers and earlier stages leave. Other programs wrote it: every field is asked for
/// by its type.
namespace holdfast::stages::body {

inline constexpr std::size_t kModelNameCharactersMax = 100;  ///< of the model that a worker says it used

/// Errors: transient HF-SRV-01 (`writer` gave no JSON object).
Result<boost::json::object> parse_object(std::string_view text, std::string_view writer);

/// The field as a whole number that is not negative, or `otherwise`.
std::int64_t count_or(const boost::json::object& object, std::string_view field, std::int64_t otherwise);

/// The field as a number, or `otherwise`.
double number_or(const boost::json::object& object, std::string_view field, double otherwise);

/// The field as a string, or nothing.
std::string text_or_empty(const boost::json::object& object, std::string_view field);

/// The field as an object; null: it is none.
const boost::json::object* object_at(const boost::json::object& object, std::string_view field);

/// Times are told to people in seconds.
inline double seconds(std::int64_t ms) { return static_cast<double>(ms) / 1000.0; }

/// The strings of a list, each cleaned and cut to a sentence; at most 20.
std::vector<std::string> sentences(const boost::json::object& object, std::string_view field);

}  // namespace holdfast::stages::body
