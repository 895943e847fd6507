#pragma once

#include <array>
#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <memory>

#include "ports/secrets.hpp"

namespace holdfast {

struct SodiumOptions {
  std::size_t memory_bytes = 19U << 20U;  ///< Source: OWASP Password Storage Cheat Sheet, Argon2id m=19 MiB t=2 p=1
  unsigned passes = 2;
  unsigned at_once = 2;       ///< password hashes
  unsigned waiting_max = 64;  ///< more than this are refused: each holds a request
};

/// Secrets of libsodium: Argon2id, SHA-256, HMAC-SHA-256, and the system's chance.
class SodiumSecrets final : public Secrets {
 public:
  /// Errors: dependency HF-CFG-02 (the library does not work here).
  static Result<std::unique_ptr<SodiumSecrets>> open(SodiumOptions options = {});
  ~SodiumSecrets() override;

  Task<Result<std::string>> hash_password(std::string password) override;
  Task<Result<bool>> check_password(std::string password, std::string phc) override;
  std::string make_secret() override;
  [[nodiscard]] std::string hash_secret(std::string_view secret) const override;
  void use_key(std::string_view secret) override;
  [[nodiscard]] std::string sign(const AccessClaims& claims) const override;
  [[nodiscard]] Result<AccessClaims> verify(std::string_view token, WallTime now) const override;

 private:
  class Turn;
  explicit SodiumSecrets(SodiumOptions options) : options_{options}, pool_{options.at_once} {}

  SodiumOptions options_;
  std::string nobodys_;  ///< PHC string that no password fits
  std::array<unsigned char, 32> key_{};
  std::atomic<unsigned> waiting_ = 0;
  asio::thread_pool pool_;
};

}  // namespace holdfast
