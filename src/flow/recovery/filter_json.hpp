#pragma once

#include <boost/json/object.hpp>

#include "core/base/result.hpp"
#include "core/job/dead_letter.hpp"

namespace holdfast::recovery {

/// Fields `owner`, `recipe`, `stage`, `kind`, `code`, `failed_from`, `failed_until`; what is missing or null does not
/// matter, other fields are left alone. Errors: invalid HF-REQ-01 (not a text, not a time).
Result<DeadLetterFilter> read_filter(const boost::json::object& fields);

/// Only what is said.
boost::json::object filter_object(const DeadLetterFilter& filter);

}  // namespace holdfast::recovery
