#pragma once

#include <string>

#include "ports/job_store.hpp"
#include "web/uri.hpp"

namespace holdfast::web {

inline constexpr unsigned kListDefault = 50;
inline constexpr unsigned kListMax = 200;

/// What a list is asked for: status, recipe, limit, cursor. Errors: invalid HF-REQ-01 (a value that cannot
/// be, or a cursor that was made for other filters).
Result<Query> parse_list_query(const Target& target);

/// Where the next page begins: after `last`, with the filters of `query`.
std::string to_cursor(const Query& query, const ItemId& last);

/// The address of the next page.
std::string next_page(const Target& target, const std::string& cursor);

}  // namespace holdfast::web
