#pragma once

#include <string>

#include "ports/job_store.hpp"
#include "web/paging.hpp"

namespace holdfast::web {

/// What a list is asked for: status, recipe, limit, cursor. `owner`: whose items; nothing: everybody's. Errors: invalid
/// HF-REQ-01 (a value that cannot be, or a cursor that was made for other filters).
Result<Query> parse_list_query(const Target& target, std::optional<std::string> owner);

/// Where the next page begins: after `last`, with the filters of `query`.
std::string to_cursor(const Query& query, const ItemId& last);

}  // namespace holdfast::web
