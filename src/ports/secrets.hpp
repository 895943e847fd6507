#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "ports/task.hpp"

namespace holdfast {

/// What an access token says. Seconds are whole.
struct AccessClaims {
  std::string user;
  std::uint64_t user_version = 0;
  WallTime issued_at{};
  WallTime expires_at{};
  std::string id;
};

/// Port: cryptography of accounts.
class Secrets {
 public:
  virtual ~Secrets() = default;

  /// A PHC string to keep. Takes tens of milliseconds and about 20 MiB, on a thread of its own; others wait.
  /// Errors: overloaded HF-AUT-05 (too many wait), resource HF-ENG-04 (no memory).
  virtual Task<Result<std::string>> hash_password(std::string password) = 0;
  /// Whether it is the password of this PHC string. Of an empty one it is not, and finding that out takes as long.
  /// Errors: as hash_password.
  virtual Task<Result<bool>> check_password(std::string password, std::string phc) = 0;

  /// 256 bits of chance, in letters, digits, - and _.
  virtual std::string make_secret() = 0;
  /// What is kept of a secret with 256 bits.
  [[nodiscard]] virtual std::string hash_secret(std::string_view secret) const = 0;

  /// What tokens are signed with from now on: a secret of make_secret.
  virtual void use_key(std::string_view secret) = 0;
  [[nodiscard]] virtual std::string sign(const AccessClaims& claims) const = 0;
  /// The claims of a token that was signed with our key and is good now. Errors: invalid HF-AUT-01 for anything else.
  [[nodiscard]] virtual Result<AccessClaims> verify(std::string_view token, WallTime now) const = 0;
};

}  // namespace holdfast
