#pragma once

#include "web/context.hpp"

namespace holdfast::web {

/// The one place where it is decided whether a request reaches its route: finds out who asks, compares with
/// Route::access, and keeps the audit of management. Sets exchange->principal.
/// Errors: invalid HF-AUT-01 (nobody, or not good any more), HF-AUT-03 (not a superuser), those of the handler.
Task<Result<Response>> let_pass(Context* context, Exchange* exchange, const Route* route);

/// The token of "Authorization: Bearer ..."; empty: there is none. Source: RFC 6750, section 2.1.
std::string bearer_of(const RequestHead& head);

/// Cookies of ours. The page's session opens what a browser fetches by itself (event streams, media, downloads), and
/// nothing that changes something, so another site's page gains nothing by sending it.
inline constexpr std::string_view kSessionCookie = "holdfast_session";
inline constexpr std::string_view kRefreshCookie = "holdfast_refresh";

/// The cookie's value; empty: there is none. Source: RFC 6265, section 5.4.
std::string cookie_of(const RequestHead& head, std::string_view name);

}  // namespace holdfast::web
