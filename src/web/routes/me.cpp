#include <boost/json.hpp>

#include "flow/views/item_view.hpp"
#include "web/json_read.hpp"
#include "web/routes/routes.hpp"
#include "web/session_reply.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;

std::unexpected<Error> no_such_user() { return fail(ErrorClass::not_found, "HF-ACC-04", "there is no such user"); }

/// What could make more of itself must not be a token that lies in a script.
Result<void> expect_person(Exchange* exchange) {
  if (!exchange->principal.by_api_token) return {};
  return fail(ErrorClass::invalid, "HF-AUT-02", "an API token may not do this");
}

json::object token_object(const ApiToken& token) {
  json::object out{{"id", token.id},
                   {"label", token.label},
                   {"created_at", views::to_rfc3339(token.created_at)},
                   {"expires_at", views::to_rfc3339(token.expires_at)},
                   {"last_used_at", nullptr}};
  if (token.last_used_at) out["last_used_at"] = views::to_rfc3339(*token.last_used_at);
  return out;
}

Task<Result<Response>> get_me(Context* context, Exchange* exchange) {
  if (context->deps.single_user) {
    co_return json_response(200, json::object{{"name", exchange->principal.owner},
                                              {"superuser", exchange->principal.superuser},
                                              {"single_user", true}});
  }
  HF_CO_TRY(const auto user, co_await context->deps.accounts.store().find_user(exchange->principal.owner));
  if (!user) co_return no_such_user();
  json::object body = user_object(*user);
  body["single_user"] = false;
  co_return json_response(200, body);
}

Task<Result<Response>> change_password(Context* context, Exchange* exchange) {
  HF_CO_TRY_VOID(expect_person(exchange));
  HF_CO_TRY(const json::object body, co_await read_json(exchange));
  HF_CO_TRY(std::string current, required_text(body, "current_password"));
  HF_CO_TRY(std::string wanted, required_text(body, "password"));
  HF_CO_TRY(const guard::LogInOutcome outcome,
            co_await context->deps.accounts.change_password(exchange->principal.owner, std::move(current),
                                                            std::move(wanted)));
  co_return to_log_in(context, exchange, outcome);
}

Task<Result<Response>> list_tokens(Context* context, Exchange* exchange) {
  HF_CO_TRY(const auto tokens, co_await context->deps.accounts.store().api_tokens(exchange->principal.owner));
  json::array data;
  for (const ApiToken& token : tokens) data.push_back(token_object(token));
  co_return json_response(200, json::object{{"data", std::move(data)}});
}

Task<Result<Response>> make_token(Context* context, Exchange* exchange) {
  HF_CO_TRY_VOID(expect_person(exchange));
  HF_CO_TRY(const json::object body, co_await read_json(exchange));
  HF_CO_TRY(std::string label, required_text(body, "label"));
  HF_CO_TRY(const auto days, optional_integer(body, "days"));
  if (days && (*days < 1 || *days > account::kApiTokenMax.count()))
    co_return fail(ErrorClass::invalid, "HF-ACC-07", "1 to 366 days");
  const std::chrono::days good_for{days.value_or(account::kApiTokenFor.count())};
  HF_CO_TRY(const guard::MadeApiToken made,
            co_await context->deps.accounts.make_api_token(exchange->principal.owner, std::move(label), good_for));
  json::object out = token_object(made.token);
  out["token"] = made.secret;
  co_return json_response(201, out);
}

Task<Result<Response>> revoke_token(Context* context, Exchange* exchange) {
  std::string id = exchange->path_values["id"];
  HF_CO_TRY_VOID(
      co_await context->deps.accounts.store().revoke_api_token(exchange->principal.owner, std::move(id)));
  co_return Response{.status = 204};
}

}  // namespace

void add_me_routes(std::vector<Route>& table) {
  table.push_back({.method = "GET",
                   .path = "/api/v1/me",
                   .operation = "getMe",
                   .summary = "Who you are here.",
                   .replies = {{200, "You.", "application/json", "Me"}},
                   .handler = &get_me});
  table.push_back({.method = "POST",
                   .path = "/api/v1/me/password",
                   .operation = "changePassword",
                   .summary = "Choose a new password. Every other session of yours ends; API tokens stay.",
                   .bodies = {{"application/json", "ChangePassword"}},
                   .replies = {{200, "Access and refresh token of a new session.", "application/json", "Session"},
                               {422, "The new password cannot be used.", kProblemType, "Problem"},
                               {429, "Too many attempts; Retry-After says how long to wait.", kProblemType, "Problem"}},
                   .handler = &change_password});
  table.push_back({.method = "GET",
                   .path = "/api/v1/me/tokens",
                   .operation = "listTokens",
                   .summary = "Your API tokens, newest first, without their secrets.",
                   .replies = {{200, "The tokens.", "application/json", "ApiTokenList"}},
                   .handler = &list_tokens});
  table.push_back({.method = "POST",
                   .path = "/api/v1/me/tokens",
                   .operation = "makeToken",
                   .summary = "Make an API token for a script. Its secret is told once, here.",
                   .bodies = {{"application/json", "NewApiToken"}},
                   .replies = {{201, "The token with its secret.", "application/json", "MadeApiToken"},
                               {409, "You have as many as one user may have.", kProblemType, "Problem"},
                               {422, "The label or the time cannot be used.", kProblemType, "Problem"}},
                   .handler = &make_token});
  table.push_back({.method = "DELETE",
                   .path = "/api/v1/me/tokens/{id}",
                   .operation = "revokeToken",
                   .summary = "End an API token at once.",
                   .parameters = {{"id", "path", "string", "The token's id, not its secret."}},
                   .replies = {{204, "It is over.", "", ""}, {404, "You have no such token.", kProblemType, "Problem"}},
                   .handler = &revoke_token});
}

}  // namespace holdfast::web
