#pragma once

#include <boost/json/object.hpp>
#include <string_view>

#include "core/base/result.hpp"

/// What a model wrote, held against the recipe's schema. The model may be any program: it is not believed.
namespace holdfast::schema {

/// Largest text of an answer that is looked at.
inline constexpr std::size_t kAnswerBytesMax = 64U << 10U;

/// Reads a JSON Schema. Errors: permanent HF-CFG-02 (no JSON object, or no schema that can be checked).
Result<boost::json::object> read_schema(std::string_view text);

/// Reads a model's text and checks it. Errors: transient HF-LLM-03 (too long, no JSON object, not by the
/// schema, with the first violation); permanent HF-CFG-02 (the schema cannot be used).
Result<boost::json::object> read_answer(std::string_view text, const boost::json::object& schema);

}  // namespace holdfast::schema
