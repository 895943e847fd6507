#pragma once

#include "web/context.hpp"
#include "web/uri.hpp"

namespace holdfast::web {

/// The dead letter that the path's `id` names. Errors: not_found HF-ITM-06 (no such item, or it has not failed).
Task<Result<Job>> find_dead_letter(Context* context, Exchange* exchange);

/// It as it is shown to operators, with until when what of it is kept.
boost::json::object shown_dead_letter(Context* context, const Job& job);

/// Filters among the query's parameters. Errors: invalid HF-REQ-01.
Result<DeadLetterFilter> filter_of_query(const Target& target);

/// The field `filter` of a body. Errors: invalid HF-REQ-01 (also an unknown field in it: it must not match everything).
Result<DeadLetterFilter> filter_of_body(const boost::json::object& body);

/// Why something is done, in the operator's words. Errors: invalid HF-REQ-01 (missing or longer than 500 bytes).
Result<std::string> reason_of(const boost::json::object& body);

/// What a change of all that match would be about: `dry_run`, `matched`, `groups`, `sample`.
Task<Result<boost::json::object>> preview(Context* context, DeadLetterFilter filter);

}  // namespace holdfast::web
