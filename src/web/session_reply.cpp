#include "web/session_reply.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/json.hpp>

#include "flow/views/item_view.hpp"
#include "web/gate.hpp"
#include "web/header_value.hpp"
#include "web/problem.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;

/// Source: RFC 6265bis; OWASP Session Management Cheat Sheet.
std::string cookie(Context* context, std::string_view name, std::string_view value, std::string_view path,
                   std::int64_t seconds) {
  std::string text{name};
  text.append("=").append(value).append("; Path=").append(path).append("; HttpOnly; SameSite=Strict; Max-Age=");
  text += std::to_string(std::max<std::int64_t>(seconds, 0));
  if (context->config.public_url.starts_with("https://")) text += "; Secure";
  return text;
}

std::int64_t seconds_until(Context* context, WallTime end) {
  return std::chrono::floor<std::chrono::seconds>(end - context->clock().wall_now()).count();
}

asio::ip::address_v6 network_of(asio::ip::address_v6 address) {
  auto bytes = address.to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  return asio::ip::address_v6{bytes};
}

}  // namespace

Response to_session(Context* context, const guard::SignedIn& session) {
  const std::int64_t access_s = seconds_until(context, session.access_until);
  const json::object body{{"access_token", session.access_token},
                          {"token_type", "bearer"},
                          {"expires_in", access_s},
                          {"refresh_token", session.refresh_token},
                          {"user", user_object(session.user)}};
  return json_response(200, body)
      .with("Set-Cookie", cookie(context, kSessionCookie, session.access_token, "/", access_s))
      .with("Set-Cookie", cookie(context, kRefreshCookie, session.refresh_token, "/auth/jwt",
                                 seconds_until(context, session.refresh_until)));
}

Response to_log_in(Context* context, Exchange* exchange, const guard::LogInOutcome& outcome) {
  if (const auto* session = std::get_if<guard::SignedIn>(&outcome)) return to_session(context, *session);
  const auto wait = std::chrono::ceil<std::chrono::seconds>(std::get<guard::TooSoon>(outcome).wait);
  const Error too_soon{ErrorClass::overloaded, "HF-AUT-05", "too many attempts"};
  return to_problem(too_soon, exchange->request_id, static_cast<unsigned>(wait.count()));
}

Response without_session(Context* context, Response response) {
  response.with("Set-Cookie", cookie(context, kSessionCookie, "", "/", 0))
      .with("Set-Cookie", cookie(context, kRefreshCookie, "", "/auth/jwt", 0));
  return response;
}

std::string attempt_address(Context* context, Exchange* exchange) {
  boost::system::error_code bad;
  auto address = asio::ip::make_address(exchange->peer, bad);
  if (bad) return exchange->peer;
  if (address.is_loopback() && !context->config.public_url.empty()) {
    const std::string forwarded = exchange->head.field("x-forwarded-for");
    const auto clients = list_elements(forwarded);
    const auto client = asio::ip::make_address(clients.empty() ? "" : std::string{clients.back()}, bad);
    if (!bad) address = client;
  }
  if (!address.is_v6()) return address.to_string();
  const auto v6 = address.to_v6();
  return v6.is_v4_mapped() ? asio::ip::make_address_v4(asio::ip::v4_mapped, v6).to_string()
                           : network_of(v6).to_string();
}

std::string own_address(Context* context, Exchange* exchange) {
  std::string address = context->config.public_url;
  if (address.empty()) address = "http://" + exchange->head.field("host");
  while (address.ends_with('/')) address.pop_back();
  return address;
}

json::object user_object(const User& user) {
  return {{"name", user.name},
          {"superuser", user.superuser},
          {"active", user.active},
          {"created_at", views::to_rfc3339(user.created_at)}};
}

}  // namespace holdfast::web
