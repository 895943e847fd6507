#include "adapters/openai/url.hpp"

#include <algorithm>
#include <charconv>

namespace holdfast::openai {
namespace {

std::unexpected<Error> refuse(std::string_view why) {
  return fail(
      ErrorClass::invalid, "HF-CFG-01",
      "the endpoint's address " + std::string{why} + "; write it like \"https://api.example.org/v1\"");
}

bool plain(std::string_view text) {
  return std::ranges::all_of(text,
                             [](char c) { return c > 0x20 && c < 0x7f && c != '@' && c != '?' && c != '#'; });
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), port);
  return problem == std::errc{} && end == text.data() + text.size() && port >= 1 && port <= 65'535;
}

/// Cuts "host:port" or "[address]:port"; the port stays as it was when none is written.
Result<void> read_authority(std::string_view authority, Url& url) {
  const bool bracketed = authority.starts_with('[');
  const auto host_end = bracketed ? authority.find(']') : authority.find(':');
  const auto host = authority.substr(bracketed ? 1 : 0,
                                     host_end - (bracketed && host_end != std::string_view::npos ? 1 : 0));
  if (host.empty() || (bracketed && host_end == std::string_view::npos)) return refuse("has no host");
  url.host = host;
  const auto rest = host_end == std::string_view::npos ? std::string_view{}
                                                       : authority.substr(host_end + (bracketed ? 1 : 0));
  if (rest.empty()) return {};
  if (!rest.starts_with(':') || !is_port(rest.substr(1))) return refuse("has a port that cannot be used");
  url.port = rest.substr(1);
  return {};
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  Url url;
  url.tls = text.starts_with("https://");
  if (!url.tls && !text.starts_with("http://")) return refuse("begins with neither http:// nor https://");
  if (!plain(text)) return refuse("has a character that does not belong there");
  text.remove_prefix(url.tls ? 8 : 7);
  url.port = url.tls ? "443" : "80";
  const auto slash = std::min(text.find('/'), text.size());
  HF_TRY_VOID(read_authority(text.substr(0, slash), url));
  url.path = text.substr(slash);
  while (url.path.ends_with('/')) url.path.pop_back();
  return url;
}

std::string host_header(const Url& url) {
  const auto host = url.host.find(':') != std::string::npos ? "[" + url.host + "]" : url.host;
  const bool usual = url.port == (url.tls ? "443" : "80");
  return usual ? host : host + ":" + url.port;
}

}  // namespace holdfast::openai
