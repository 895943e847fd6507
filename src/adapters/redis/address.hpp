#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace holdfast::redis {

/// Where a Redis is: redis://127.0.0.1:6379/0, or rediss:// for TLS.
struct Address {
  bool tls = false;
  std::string host{};  ///< name or address, without brackets
  std::string port{"6379"};
  unsigned database = 0;

  /// For people: HOST:PORT.
  [[nodiscard]] std::string text() const;
};

/// Errors: invalid HF-CFG-01 (it is none, or a password is in it: that has a file of its own).
[[nodiscard]] Result<Address> read_address(std::string_view url);

}  // namespace holdfast::redis
