#include <boost/json.hpp>

#include "core/account/roster.hpp"
#include "core/catalogue/catalogue.hpp"
#include "flow/views/item_view.hpp"
#include "web/header_value.hpp"
#include "web/json_read.hpp"
#include "web/routes/routes.hpp"
#include "web/session_reply.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;

constexpr std::size_t kRosterBytesMax = 256U << 10U;

json::object invitation_object(const Invitation& invitation) {
  return {{"id", invitation.id},
          {"kind", invitation.kind == LinkKind::password ? "password" : "user"},
          {"name", invitation.name},
          {"superuser", invitation.superuser},
          {"created_by", invitation.created_by},
          {"created_at", views::to_rfc3339(invitation.created_at)},
          {"expires_at", views::to_rfc3339(invitation.expires_at)}};
}

/// What stands behind # is never sent to a server, nor written to its log, by a browser that follows the link.
json::object made_object(Context* context, Exchange* exchange, const guard::MadeLink& made) {
  json::object out = invitation_object(made.invitation);
  out["token"] = made.secret;
  out["link"] = own_address(context, exchange) + "/#invitation=" + made.secret +
                "&name=" + percent_encode(made.invitation.name);
  return out;
}

Task<Result<Response>> list_invitations(Context* context, Exchange* /*exchange*/) {
  HF_CO_TRY(const auto invitations, co_await context->deps.accounts.store().invitations());
  json::array data;
  for (const Invitation& invitation : invitations) data.push_back(invitation_object(invitation));
  co_return json_response(200, json::object{{"data", std::move(data)}});
}

Result<LinkKind> parse_kind(const std::optional<std::string>& word) {
  if (!word || *word == "user") return LinkKind::user;
  if (*word == "password") return LinkKind::password;
  return fail(ErrorClass::invalid, "HF-REQ-01", "kind is user or password");
}

Task<Result<Response>> invite(Context* context, Exchange* exchange) {
  HF_CO_TRY(const json::object body, co_await read_json(exchange));
  Invitation wanted{.created_by = exchange->principal.owner};
  HF_CO_TRY(wanted.name, required_text(body, "name"));
  HF_CO_TRY(const auto kind, optional_text(body, "kind"));
  HF_CO_TRY(wanted.kind, parse_kind(kind));
  HF_CO_TRY(const auto superuser, optional_flag(body, "superuser"));
  wanted.superuser = superuser.value_or(false) && wanted.kind == LinkKind::user;
  HF_CO_TRY(const guard::MadeLink made, co_await context->deps.accounts.invite(std::move(wanted)));
  exchange->subject["name"] = made.invitation.name;
  exchange->subject["id"] = made.invitation.id;
  co_return json_response(201, made_object(context, exchange, made));
}

Task<Result<Response>> revoke(Context* context, Exchange* exchange) {
  std::string id = exchange->path_values["id"];
  HF_CO_TRY_VOID(co_await context->deps.accounts.store().revoke_invitation(std::move(id)));
  co_return Response{.status = 204};
}

Task<Result<std::string>> read_roster_text(Exchange* exchange) {
  const auto type = parse_parameterized(exchange->head.field("content-type"));
  if (!type || (type->value != "text/csv" && type->value != "text/plain"))
    co_return fail(ErrorClass::invalid, "HF-REQ-11", "the body must be text/csv");
  std::string text;
  for (;;) {
    HF_CO_TRY(const std::string piece, co_await exchange->body->read());
    if (piece.empty()) co_return text;
    text += piece;
    if (text.size() > kRosterBytesMax) co_return fail(ErrorClass::invalid, "HF-ACC-01", "the list is too long");
  }
}

/// One line of the list: a link, or why there is none. Any other trouble than with the line itself ends the import.
Task<Result<json::object>> import_one(Context* context, Exchange* exchange, std::string name) {
  Invitation wanted{.name = name, .created_by = exchange->principal.owner};
  const auto made = co_await context->deps.accounts.invite(std::move(wanted));
  if (made) co_return made_object(context, exchange, *made);
  const ErrorClass cls = made.error().error_class();
  if (cls != ErrorClass::invalid && cls != ErrorClass::conflict) co_return std::unexpected(made.error());
  const catalogue::Entry& entry = catalogue::describe(made.error().code());
  const json::object error{{"code", entry.code}, {"message", entry.message}};
  co_return json::object{{"name", name}, {"error", error}};
}

Task<Result<Response>> import_class(Context* context, Exchange* exchange) {
  HF_CO_TRY(const std::string text, co_await read_roster_text(exchange));
  HF_CO_TRY(const auto names, account::read_roster(text));
  json::array data;
  for (const std::string& name : names) {
    HF_CO_TRY(json::object line, co_await import_one(context, exchange, name));
    data.push_back(std::move(line));
  }
  exchange->subject["lines"] = std::to_string(names.size());
  co_return json_response(200, json::object{{"data", std::move(data)}});
}

}  // namespace

void add_invitation_routes(std::vector<Route>& table) {
  table.push_back({.method = "GET",
                   .path = "/api/v1/invitations",
                   .operation = "listInvitations",
                   .summary = "Links that were made and not used yet, newest first, without their secrets.",
                   .replies = {{200, "The invitations.", "application/json", "InvitationList"}},
                   .handler = &list_invitations,
                   .access = Access::superuser});
  table.push_back({.method = "POST",
                   .path = "/api/v1/invitations",
                   .operation = "invite",
                   .summary = "Make a link with which somebody becomes a user, or a user chooses a new password.",
                   .bodies = {{"application/json", "NewInvitation"}},
                   .replies = {{201, "The link, which is told once.", "application/json", "MadeInvitation"},
                               {404, "There is no such user.", kProblemType, "Problem"},
                               {409, "The name is taken.", kProblemType, "Problem"},
                               {422, "The name cannot be used.", kProblemType, "Problem"}},
                   .handler = &invite,
                   .access = Access::superuser});
  table.push_back({.method = "POST",
                   .path = "/api/v1/invitations/import",
                   .operation = "inviteClass",
                   .summary = "Make a link for each line of a class list: one name a line; further columns are not "
                              "looked at.",
                   .bodies = {{"text/csv", ""}},
                   .replies = {{200, "A link for each line, or why there is none.", "application/json", "ClassLinks"},
                               {422, "There is no name in it, or more than 500.", kProblemType, "Problem"}},
                   .handler = &import_class,
                   .access = Access::superuser});
  table.push_back({.method = "DELETE",
                   .path = "/api/v1/invitations/{id}",
                   .operation = "revokeInvitation",
                   .summary = "End a link before it is used.",
                   .parameters = {{"id", "path", "string", "The invitation's id, not its secret."}},
                   .replies = {{204, "It is over.", "", ""},
                               {404, "There is no such invitation.", kProblemType, "Problem"}},
                   .handler = &revoke,
                   .access = Access::superuser});
}

}  // namespace holdfast::web
