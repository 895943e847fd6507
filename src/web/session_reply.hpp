#pragma once

#include "guard/accounts/accounts.hpp"
#include "web/context.hpp"

namespace holdfast::web {

/// What a log-in answers: both tokens in the body for programs, and as cookies for the page.
Response to_session(Context* context, const guard::SignedIn& session);

/// A log-in, or 429 with the time to wait.
Response to_log_in(Context* context, Exchange* exchange, const guard::LogInOutcome& outcome);

/// Takes the cookies away.
Response without_session(Context* context, Response response);

/// Where attempts come from, as far as limits are about it: the /64 of an IPv6 address, and the client that a proxy on
/// this machine names if there is one (server.public_url).
std::string attempt_address(Context* context, Exchange* exchange);

/// The address under which links lead to our page: the public one, or the one that this request used.
std::string own_address(Context* context, Exchange* exchange);

boost::json::object user_object(const User& user);

}  // namespace holdfast::web
