#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "core/base/result.hpp"

namespace holdfast::stages {

/// A schema that a stranger wants his answer to be valid by, made fit to be used: of an object, of the keywords that
/// the grammar knows, without references (they are written out) and within limits, so that neither a grammar nor a
/// check of it can grow without bounds. Expressions (`pattern`, `format`) are not taken: they would be run here, on
/// what a model writes.
/// Errors: permanent HF-OAI-01 (`what` says where, beginning with "schema").
Result<boost::json::object> usable_schema(const boost::json::value& given);

}  // namespace holdfast::stages
