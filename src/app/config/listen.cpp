#include "app/config/listen.hpp"

#include <arpa/inet.h>

#include <array>
#include <charconv>

namespace holdfast::config {
namespace {

using Bytes = std::array<unsigned char, 16>;

bool read_address(int family, const std::string& host, Bytes& bytes) {
  return ::inet_pton(family, host.c_str(), bytes.data()) == 1;
}

}  // namespace

std::optional<Listen> parse_listen(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  Listen listen{.host = std::string{text.substr(0, colon)}};
  const std::string_view port = text.substr(colon + 1);
  const auto [last, bad] = std::from_chars(port.data(), port.data() + port.size(), listen.port);
  if (bad != std::errc{} || last != port.data() + port.size()) return std::nullopt;
  if (listen.host.front() == '[' && listen.host.back() == ']')
    listen.host = listen.host.substr(1, listen.host.size() - 2);
  if (listen.host == "localhost") listen.host = "127.0.0.1";
  return listen;
}

bool is_loopback(const Listen& listen) {
  Bytes bytes{};
  if (read_address(AF_INET, listen.host, bytes)) return bytes[0] == 127;
  if (!read_address(AF_INET6, listen.host, bytes)) return false;
  Bytes one{};
  one.back() = 1;
  return bytes == one;
}

}  // namespace holdfast::config
