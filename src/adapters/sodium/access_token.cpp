#include "adapters/sodium/access_token.hpp"

#include <sodium.h>

#include <boost/json.hpp>

#include "adapters/sodium/base64url.hpp"

namespace holdfast::sodium {
namespace {

namespace json = boost::json;
using std::chrono::seconds;

/// {"alg":"HS256","typ":"JWT"}. The head of a token is compared with this one, never read: no other algorithm, no
/// "none", and no key of the sender's choice can be asked for.
constexpr std::string_view kHead = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.";
constexpr std::size_t kTokenMax = 4096;
/// How far the calendars of two nodes may differ.
constexpr seconds kSkewMax{10};

using Tag = std::array<unsigned char, crypto_auth_hmacsha256_BYTES>;

Tag tag_of(std::string_view text, const SigningKey& key) {
  Tag tag{};
  crypto_auth_hmacsha256(tag.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size(), key.data());
  return tag;
}

bool is_signed(std::string_view text, std::string_view signature, const SigningKey& key) {
  const auto given = from_base64url(signature);
  const Tag tag = tag_of(text, key);
  return given && given->size() == tag.size() && sodium_memcmp(given->data(), tag.data(), tag.size()) == 0;
}

std::int64_t to_seconds(WallTime time) { return std::chrono::floor<seconds>(time).time_since_epoch().count(); }

WallTime from_seconds(std::int64_t count) { return WallTime{seconds{count}}; }

std::unexpected<Error> refused() { return fail(ErrorClass::invalid, "HF-AUT-01", "the access token is not good"); }

/// Of a payload that we signed, so its form can only be ours.
Result<AccessClaims> read_claims(std::string_view payload) {
  const auto text = from_base64url(payload);
  boost::system::error_code bad;
  const json::value value = text ? json::parse(*text, bad) : json::value{};
  if (bad || !value.is_object()) return refused();
  const json::object& object = value.get_object();
  const auto number = [&object](std::string_view name) {
    const json::value* found = object.if_contains(name);
    return found != nullptr && found->is_int64() ? found->get_int64() : -1;
  };
  const json::value* user = object.if_contains("sub");
  const json::value* id = object.if_contains("jti");
  const bool whole = user != nullptr && user->is_string() && id != nullptr && id->is_string() &&
                     number("iat") >= 0 && number("exp") >= 0 && number("ver") >= 0;
  if (!whole) return refused();
  return AccessClaims{.user = std::string{user->get_string()},
                      .user_version = static_cast<std::uint64_t>(number("ver")),
                      .issued_at = from_seconds(number("iat")),
                      .expires_at = from_seconds(number("exp")),
                      .id = std::string{id->get_string()}};
}

}  // namespace

std::string to_token(const AccessClaims& claims, const SigningKey& key) {
  const json::object payload{{"sub", claims.user},
                             {"iat", to_seconds(claims.issued_at)},
                             {"exp", to_seconds(claims.expires_at)},
                             {"jti", claims.id},
                             {"ver", static_cast<std::int64_t>(claims.user_version)}};
  std::string token = std::string{kHead} + to_base64url(json::serialize(payload));
  const Tag tag = tag_of(token, key);
  return token + "." + to_base64url({reinterpret_cast<const char*>(tag.data()), tag.size()});
}

Result<AccessClaims> read_token(std::string_view token, const SigningKey& key, WallTime now) {
  if (token.size() > kTokenMax || !token.starts_with(kHead)) return refused();
  const auto end = token.rfind('.');
  if (end < kHead.size()) return refused();
  if (!is_signed(token.substr(0, end), token.substr(end + 1), key)) return refused();
  HF_TRY(AccessClaims claims, read_claims(token.substr(kHead.size(), end - kHead.size())));
  if (now >= claims.expires_at || claims.issued_at > now + kSkewMax) return refused();
  return claims;
}

}  // namespace holdfast::sodium
