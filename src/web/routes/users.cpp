#include <boost/json.hpp>
#include <charconv>

#include "flow/views/item_view.hpp"
#include "web/json_read.hpp"
#include "web/paging.hpp"
#include "web/routes/routes.hpp"
#include "web/session_reply.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;

/// `cursor`: the name after which the page begins.
Task<Result<Response>> list_users(Context* context, Exchange* exchange) {
  HF_CO_TRY(const unsigned limit, parse_limit(exchange->target));
  std::string after = exchange->target.query_value("cursor");
  HF_CO_TRY(auto users, co_await context->deps.accounts.store().users(std::move(after), limit + 1));
  const bool more = users.size() > limit;
  if (more) users.resize(limit);
  json::array data;
  for (const User& user : users) data.push_back(user_object(user));
  json::object body{{"data", std::move(data)}, {"next_cursor", nullptr}};
  if (more) body["next_cursor"] = users.back().name;
  co_return json_response(200, body);
}

Task<Result<Response>> create_user(Context* context, Exchange* exchange) {
  HF_CO_TRY(const json::object body, co_await read_json(exchange));
  HF_CO_TRY(std::string name, required_text(body, "name"));
  HF_CO_TRY(std::string password, required_text(body, "password"));
  HF_CO_TRY(const auto superuser, optional_flag(body, "superuser"));
  HF_CO_TRY(const User user, co_await context->deps.accounts.add_user(std::move(name), std::move(password),
                                                                      superuser.value_or(false)));
  exchange->subject["name"] = user.name;
  co_return json_response(201, user_object(user)).with("Location", "/api/v1/users/" + percent_encode(user.name));
}

Task<Result<Response>> change_user(Context* context, Exchange* exchange) {
  HF_CO_TRY(const json::object body, co_await read_json(exchange));
  account::UserChange wanted;
  HF_CO_TRY(wanted.superuser, optional_flag(body, "superuser"));
  HF_CO_TRY(wanted.active, optional_flag(body, "active"));
  if (wanted.superuser) exchange->subject["superuser"] = *wanted.superuser ? "true" : "false";
  if (wanted.active) exchange->subject["active"] = *wanted.active ? "true" : "false";
  std::string name = exchange->path_values["name"];
  HF_CO_TRY(const User user, co_await context->deps.accounts.change_user(std::move(name), std::move(wanted)));
  co_return json_response(200, user_object(user));
}

json::object entry_object(const ManagementEntry& entry) {
  json::object subject;
  for (const auto& [name, value] : entry.subject) subject[name] = value;
  return {{"seq", entry.seq},
          {"at", views::to_rfc3339(entry.at)},
          {"actor", entry.actor},
          {"operation", entry.operation},
          {"subject", std::move(subject)},
          {"outcome", entry.outcome},
          {"request_id", entry.request_id}};
}

Result<std::uint64_t> parse_before(const std::string& text) {
  if (text.empty()) return std::uint64_t{0};
  std::uint64_t seq = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seq);
  if (problem == std::errc{} && end == text.data() + text.size() && seq > 0 && seq <= INT64_MAX) return seq;
  return fail(ErrorClass::invalid, "HF-REQ-01", "the cursor does not belong to this list");
}

Task<Result<Response>> list_management(Context* context, Exchange* exchange) {
  HF_CO_TRY(const unsigned limit, parse_limit(exchange->target));
  HF_CO_TRY(const std::uint64_t before, parse_before(exchange->target.query_value("cursor")));
  HF_CO_TRY(auto entries, co_await context->deps.accounts.store().management(before, limit + 1));
  const bool more = entries.size() > limit;
  if (more) entries.resize(limit);
  json::array data;
  for (const ManagementEntry& entry : entries) data.push_back(entry_object(entry));
  json::object body{{"data", std::move(data)}, {"next_cursor", nullptr}};
  if (more) body["next_cursor"] = std::to_string(entries.back().seq);
  co_return json_response(200, body);
}


}  // namespace

void add_user_routes(std::vector<Route>& table) {
  table.push_back({.method = "GET",
                   .path = "/api/v1/users",
                   .operation = "listUsers",
                   .summary = "Every user, by name.",
                   .parameters = {kPageLimit, kPageCursor},
                   .replies = {{200, "One page; the last one has no next_cursor.", "application/json", "UserList"}},
                   .handler = &list_users,
                   .access = Access::superuser});
  table.push_back({.method = "POST",
                   .path = "/api/v1/users",
                   .operation = "createUser",
                   .summary = "Make a user with a password; an invitation lets people choose it themselves.",
                   .bodies = {{"application/json", "NewUser"}},
                   .replies = {{201, "The user.", "application/json", "User"},
                               {409, "The name is taken.", kProblemType, "Problem"},
                               {422, "The name or the password cannot be used.", kProblemType, "Problem"}},
                   .handler = &create_user,
                   .access = Access::superuser});
  table.push_back({.method = "PATCH",
                   .path = "/api/v1/users/{name}",
                   .operation = "changeUser",
                   .summary = "Give or take the right to manage, or let a user in or not. Their sessions end.",
                   .parameters = {{"name", "path", "string", "The user's name."}},
                   .bodies = {{"application/json", "ChangeUser"}},
                   .replies = {{200, "The user.", "application/json", "User"},
                               {404, "There is no such user.", kProblemType, "Problem"},
                               {409, "Nobody would be left who may manage.", kProblemType, "Problem"}},
                   .handler = &change_user,
                   .access = Access::superuser});
  table.push_back({.method = "GET",
                   .path = "/api/v1/management-audit",
                   .operation = "listManagementAudit",
                   .summary = "Who managed what and how it ended, newest first.",
                   .parameters = {kPageLimit, kPageCursor},
                   .replies = {{200, "One page; the last one has no next_cursor.", "application/json",
                                "ManagementAudit"}},
                   .handler = &list_management,
                   .access = Access::superuser});
}

}  // namespace holdfast::web
