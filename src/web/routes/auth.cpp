#include <boost/json.hpp>

#include "web/gate.hpp"
#include "web/header_value.hpp"
#include "web/json_read.hpp"
#include "web/routes/routes.hpp"
#include "web/session_reply.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;

constexpr std::size_t kFormMax = 16U << 10U;

struct Credentials {
  std::string name;
  std::string password;
};

Result<Credentials> parse_form(std::string_view text) {
  Credentials out;
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    const std::string_view name = pair.substr(0, equals);
    HF_TRY(std::string value, percent_decode(pair.substr(std::min(equals + 1, pair.size())), true));
    if (name == "username") out.name = std::move(value);
    if (name == "password") out.password = std::move(value);
  }
  if (!out.name.empty() && !out.password.empty()) return out;
  return fail(ErrorClass::invalid, "HF-REQ-01", "username and password are needed");
}

Task<Result<Credentials>> read_credentials(Exchange* exchange) {
  const auto type = parse_parameterized(exchange->head.field("content-type"));
  if (!type || type->value != "application/x-www-form-urlencoded")
    co_return fail(ErrorClass::invalid, "HF-REQ-11", "the body must be application/x-www-form-urlencoded");
  std::string text;
  for (;;) {
    HF_CO_TRY(const std::string piece, co_await exchange->body->read());
    if (piece.empty()) co_return parse_form(text);
    text += piece;
    if (text.size() > kFormMax) co_return fail(ErrorClass::invalid, "HF-REQ-01", "the form is too long");
  }
}

Task<Result<Response>> log_in(Context* context, Exchange* exchange) {
  HF_CO_TRY(Credentials given, co_await read_credentials(exchange));
  std::string address = attempt_address(context, exchange);
  HF_CO_TRY(const guard::LogInOutcome outcome,
            co_await context->deps.accounts.log_in(std::move(given.name), std::move(given.password),
                                                   std::move(address)));
  const auto* session = std::get_if<guard::SignedIn>(&outcome);
  if (session != nullptr && context->deps.on_log_in) co_await context->deps.on_log_in(session->user.name);
  co_return to_log_in(context, exchange, outcome);
}

/// Of the body for programs, else the page's cookie.
Task<Result<std::string>> read_refresh_token(Exchange* exchange) {
  HF_CO_TRY(const json::object body, co_await read_json(exchange));
  HF_CO_TRY(auto given, optional_text(body, "refresh_token"));
  co_return given ? *std::move(given) : cookie_of(exchange->head, kRefreshCookie);
}

Task<Result<Response>> refresh(Context* context, Exchange* exchange) {
  HF_CO_TRY(std::string token, co_await read_refresh_token(exchange));
  if (token.empty()) co_return fail(ErrorClass::invalid, "HF-AUT-01", "there is no refresh token");
  HF_CO_TRY(const guard::SignedIn session, co_await context->deps.accounts.refresh(std::move(token)));
  co_return to_session(context, session);
}

Task<Result<Response>> log_out(Context* context, Exchange* exchange) {
  HF_CO_TRY(std::string token, co_await read_refresh_token(exchange));
  if (!token.empty()) HF_CO_TRY_VOID(co_await context->deps.accounts.log_out(std::move(token)));
  co_return without_session(context, Response{.status = 204});
}

Task<Result<Response>> set_up(Context* context, Exchange* exchange) {
  HF_CO_TRY(const json::object body, co_await read_json(exchange));
  HF_CO_TRY(std::string name, required_text(body, "name"));
  HF_CO_TRY(std::string password, required_text(body, "password"));
  std::string token = exchange->path_values["token"];
  HF_CO_TRY(const guard::SignedIn session, co_await context->deps.accounts.set_up(std::move(token), std::move(name),
                                                                                 std::move(password)));
  co_return to_session(context, session);
}

Task<Result<Response>> accept_invitation(Context* context, Exchange* exchange) {
  HF_CO_TRY(const json::object body, co_await read_json(exchange));
  HF_CO_TRY(std::string password, required_text(body, "password"));
  std::string token = exchange->path_values["token"];
  HF_CO_TRY(const guard::SignedIn session,
            co_await context->deps.accounts.accept(std::move(token), std::move(password)));
  co_return to_session(context, session);
}

const Reply kSession{200, "Access and refresh token, also as cookies.", "application/json", "Session"};
const Reply kNotGood{401, "Not good, or not any more.", kProblemType, "Problem"};
const Reply kNoLink{404, "The link was used, has expired or never was.", kProblemType, "Problem"};
const Reply kNoPassword{422, "The name or the password cannot be used.", kProblemType, "Problem"};
constexpr Parameter kToken{"token", "path", "string", "What the link carries."};

}  // namespace

void add_auth_routes(std::vector<Route>& table) {
  table.push_back({.method = "POST",
                   .path = "/auth/jwt/login",
                   .operation = "logIn",
                   .summary = "Log in with name and password. What failed of yours and may go on, goes on.",
                   .bodies = {{"application/x-www-form-urlencoded", "LogIn"}},
                   .replies = {kSession,
                               {401, "Name or password is wrong.", kProblemType, "Problem"},
                               {429, "Too many attempts; Retry-After says how long to wait.", kProblemType, "Problem"}},
                   .handler = &log_in,
                   .access = Access::anybody});
  table.push_back({.method = "POST",
                   .path = "/auth/jwt/refresh",
                   .operation = "refreshSession",
                   .summary = "New tokens for a refresh token, which works once: a second use ends the session.",
                   .bodies = {{"application/json", "RefreshToken"}},
                   .replies = {kSession, kNotGood},
                   .handler = &refresh,
                   .access = Access::anybody});
  table.push_back({.method = "POST",
                   .path = "/auth/jwt/logout",
                   .operation = "logOut",
                   .summary = "End the session of a refresh token.",
                   .bodies = {{"application/json", "RefreshToken"}},
                   .replies = {{204, "It is over.", "", ""}},
                   .handler = &log_out,
                   .access = Access::anybody});
  table.push_back({.method = "POST",
                   .path = "/auth/setup/{token}",
                   .operation = "setUp",
                   .summary = "Make the first superuser with the link that the server printed.",
                   .parameters = {kToken},
                   .bodies = {{"application/json", "SetUp"}},
                   .replies = {kSession, kNoLink, kNoPassword},
                   .handler = &set_up,
                   .access = Access::anybody});
  table.push_back({.method = "POST",
                   .path = "/auth/invitations/{token}",
                   .operation = "acceptInvitation",
                   .summary = "Choose a password with the link that you were sent.",
                   .parameters = {kToken},
                   .bodies = {{"application/json", "NewPassword"}},
                   .replies = {kSession, kNoLink, kNoPassword},
                   .handler = &accept_invitation,
                   .access = Access::anybody});
}

}  // namespace holdfast::web
