#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace holdfast::openai {

/// Where an endpoint is: `http://localhost:11434/v1`.
struct Url {
  bool tls = false;
  std::string host;  ///< name or address, without brackets
  std::string port;
  std::string path;  ///< without slash at the end; may be empty
};

/// Errors: invalid HF-CFG-01 (not http or https, no host, or with user, query or fragment in it).
Result<Url> parse_url(std::string_view text);

/// The Host header: brackets around an IPv6 address, the port only when it is not the usual one.
std::string host_header(const Url& url);

}  // namespace holdfast::openai
