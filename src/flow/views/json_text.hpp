#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace holdfast::views {

/// JSON as people read it: numbers as 8.5 (Boost.JSON writes 8.5E0), keys in the order in which they were put
/// in.
std::string to_text(const boost::json::value& value);

}  // namespace holdfast::views
