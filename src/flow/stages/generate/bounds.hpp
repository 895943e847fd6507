#pragma once

#include <boost/json/object.hpp>

#include "core/base/result.hpp"

namespace holdfast::stages {

/// The longest text, in characters and without blanks, that is valid by the schema. A field without a limit
/// would let a model write until it is cut off. Errors: permanent HF-CFG-02 (names the field that has no
/// limit).
Result<std::size_t> characters_max(const boost::json::object& schema);

}  // namespace holdfast::stages
