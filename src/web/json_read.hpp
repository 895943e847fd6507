#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

/// Members of a request's JSON object. A member that is null is one that is not there.
namespace holdfast::web {

/// Errors: invalid HF-REQ-01 (another type).
Result<std::optional<std::string>> optional_text(const boost::json::object& object, std::string_view name);
Result<std::optional<bool>> optional_flag(const boost::json::object& object, std::string_view name);
Result<std::optional<std::int64_t>> optional_integer(const boost::json::object& object, std::string_view name);

/// Errors: invalid HF-REQ-01 (not there, or another type).
Result<std::string> required_text(const boost::json::object& object, std::string_view name);

}  // namespace holdfast::web
