#pragma once

#include <boost/json/object.hpp>
#include <initializer_list>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

/// Reading the fields of a request's JSON object. What is missing or null has its default; what is of another type is
/// refused. Errors of all: invalid HF-REQ-01, with the field's name.
namespace holdfast::web {

/// Refuses fields that nobody asks for: a mistyped filter would otherwise match everything.
Result<void> only_fields(const boost::json::object& body, std::initializer_list<std::string_view> known);

/// At most `bytes_max` bytes; missing: empty.
Result<std::string> text_field(const boost::json::object& body, std::string_view name, std::size_t bytes_max);
Result<bool> flag_field(const boost::json::object& body, std::string_view name, bool otherwise);
/// A whole number from 0 to `most`.
Result<unsigned> count_field(const boost::json::object& body, std::string_view name, unsigned most);
/// Missing: an empty one.
Result<boost::json::object> object_field(const boost::json::object& body, std::string_view name);

}  // namespace holdfast::web
