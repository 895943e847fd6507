#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "core/base/result.hpp"
#include "core/fragrance/brief.hpp"

/// Briefs as JSON: `style`, `intensity`, `complexity`, `notes_preference` (note -> 0..1), `product_category`.
namespace holdfast::stages {

boost::json::object brief_object(const fragrance::Brief& brief);

/// The inverse. Its values may be any: fragrance::errors_of tells. Errors: permanent HF-LLM-08 (a field is missing or
/// of another type).
Result<fragrance::Brief> brief_of(const boost::json::value& value);

}  // namespace holdfast::stages
