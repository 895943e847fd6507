#include "web/security.hpp"

#include <algorithm>
#include <array>

#include "web/header_value.hpp"

namespace holdfast::web {
namespace {

constexpr std::array<std::string_view, 3> kLoopbackNames{"localhost", "127.0.0.1", "[::1]"};

/// "https://holdfast.example/x" -> "holdfast.example"
std::string authority_of(std::string_view url) {
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return {};
  const auto rest = url.substr(scheme_end + 3);
  return lower(rest.substr(0, rest.find('/')));
}

bool is_own_loopback_host(std::string_view host, std::uint16_t port) {
  return std::ranges::any_of(kLoopbackNames, [host, port](std::string_view name) {
    if (port == 80 && host == name) return true;
    return host == std::string{name} + ":" + std::to_string(port);
  });
}

bool is_own_host(std::string_view host, const Site& site) {
  if (!site.loopback_only) return true;
  return is_own_loopback_host(host, site.port) ||
         (!site.public_url.empty() && host == authority_of(site.public_url));
}

/// A page of ours has the authority that the request itself names, or the public one.
bool is_own_origin(std::string_view origin, std::string_view host, const Site& site) {
  const std::string authority = authority_of(origin);
  if (authority.empty()) return false;  // "null": a sandboxed or local page
  return authority == host || (!site.public_url.empty() && authority == authority_of(site.public_url));
}

}  // namespace

bool is_safe_method(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

Result<void> check_site(const RequestHead& head, const Site& site) {
  const std::string host = lower(head.field("host"));
  if (!is_own_host(host, site)) {
    return fail(ErrorClass::invalid, "HF-REQ-07", "the Host header names another server");
  }
  if (is_safe_method(head.method)) return {};
  const std::string origin = head.field("origin");
  if (!origin.empty() && !is_own_origin(origin, host, site)) {
    return fail(ErrorClass::invalid, "HF-AUT-02", "the request comes from a page of another site");
  }
  if (equals_ignoring_case(head.field("sec-fetch-site"), "cross-site")) {
    return fail(ErrorClass::invalid, "HF-AUT-02", "the request comes from a page of another site");
  }
  return {};
}

}  // namespace holdfast::web
