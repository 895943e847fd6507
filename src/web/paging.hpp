#pragma once

#include <boost/json/array.hpp>
#include <string>
#include <string_view>

#include "web/response.hpp"
#include "web/uri.hpp"

/// Lists that are given page by page. A cursor carries a mark of the filters that it was made for, so that it is not
/// taken for another list.
namespace holdfast::web {

inline constexpr unsigned kListDefault = 50;
inline constexpr unsigned kListMax = 200;

/// Errors: invalid HF-REQ-01 (not a number from 1 to 200).
Result<unsigned> parse_limit(const Target& target);

/// Where the next page begins: after `last`.
std::string make_cursor(std::string_view filters, std::string_view last);
/// What stands in the cursor; empty: none was given. Errors: invalid HF-REQ-01 (made for other filters).
Result<std::string> parse_cursor(const Target& target, std::string_view filters);

/// `data` and `next_cursor`, with a Link to the next page. `cursor` empty: this is the last one.
Response page_response(std::string_view path, const Target& target, boost::json::array data, const std::string& cursor);

}  // namespace holdfast::web
