#pragma once

#include <boost/json/object.hpp>
#include <string>

namespace holdfast::cli {

/// What a fragrance is to be like, the check of it and the hints, in lines for people; empty: there is no brief.
std::string brief_lines(const boost::json::object& result);

}  // namespace holdfast::cli
