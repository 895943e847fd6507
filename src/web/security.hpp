#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "web/request_head.hpp"

namespace holdfast::web {

/// Where the server can be reached, as far as it decides whom it answers.
struct Site {
  bool loopback_only = true;
  std::uint16_t port = 0;
  std::string public_url;
};

/// Refuses what a foreign page could make a browser send. Host: on a loopback address only localhost,
/// 127.0.0.1, [::1] and the public address are answered for, or a name of somebody else that points here
/// would be of our origin (DNS rebinding). Origin: methods that change something come from our own pages or
/// from no page at all. Errors: invalid HF-REQ-07, HF-AUT-02.
Result<void> check_site(const RequestHead& head, const Site& site);

/// May this method be sent by anybody, because it changes nothing?
bool is_safe_method(std::string_view method);

}  // namespace holdfast::web
