#include "adapters/redis/address.hpp"

#include <charconv>

#include "adapters/openai/url.hpp"

namespace holdfast::redis {
namespace {

constexpr std::string_view kPlain = "redis://";
constexpr std::string_view kTls = "rediss://";
constexpr unsigned kDatabaseMax = 1'000'000;

std::unexpected<Error> refused(const std::string& why) {
  return fail(ErrorClass::invalid, "HF-CFG-01", why + "; write it like \"redis://127.0.0.1:6379/0\"");
}

bool read_number(std::string_view text, unsigned* number) {
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return bad == std::errc{} && end == text.data() + text.size();
}

}  // namespace

std::string Address::text() const { return (host.contains(':') ? '[' + host + ']' : host) + ':' + port; }

/// Host and port are written as in any other address.
Result<Address> read_address(std::string_view url) {
  Address address{.tls = url.starts_with(kTls)};
  if (!address.tls && !url.starts_with(kPlain)) return refused("it begins with neither redis:// nor rediss://");
  url.remove_prefix((address.tls ? kTls : kPlain).size());
  if (url.contains('@')) return refused("a password does not belong there but into cache.password_file");
  const auto read = openai::parse_url("http://" + std::string{url});
  if (!read) return refused("it has no host, or something in it that does not belong there");
  address.host = read->host;
  const auto colon = url.substr(0, url.find('/')).rfind(':');
  const bool has_port = colon != std::string_view::npos && !url.substr(0, url.find('/')).ends_with(']');
  if (has_port) address.port = read->port;
  if (read->path.empty()) return address;
  const bool well = read_number(std::string_view{read->path}.substr(1), &address.database);
  if (!well || address.database > kDatabaseMax) return refused("what follows the host is the number of a database");
  return address;
}

}  // namespace holdfast::redis
