#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::config {

/// Where to listen.
struct Listen {
  std::string host;  ///< an IP address, without brackets
  std::uint16_t port = 0;
};

/// Reads server.listen: ADDRESS:PORT, an IPv6 address in brackets; localhost means 127.0.0.1. Nothing: it is
/// not that.
[[nodiscard]] std::optional<Listen> parse_listen(std::string_view text);

/// Can nobody but this machine reach it?
[[nodiscard]] bool is_loopback(const Listen& listen);

}  // namespace holdfast::config
