#include "adapters/sodium/secrets.hpp"

#include <sodium.h>

#include "adapters/sodium/access_token.hpp"
#include "adapters/sodium/base64url.hpp"
#include "async/offload.hpp"

namespace holdfast {
namespace {

constexpr std::size_t kSecretBytes = 32;
using Key = std::array<unsigned char, kSecretBytes>;
static_assert(crypto_auth_hmacsha256_KEYBYTES == kSecretBytes && crypto_hash_sha256_BYTES == kSecretBytes);

/// Blocking.
Result<std::string> hash_now(const std::string& password, SodiumOptions options) {
  std::array<char, crypto_pwhash_STRBYTES> phc{};
  const int code = crypto_pwhash_str_alg(phc.data(), password.data(), password.size(), options.passes,
                                         options.memory_bytes, crypto_pwhash_ALG_ARGON2ID13);
  if (code != 0) return fail(ErrorClass::resource, "HF-ENG-04", "there is no memory to hash a password");
  return std::string{phc.data()};
}

}  // namespace

/// One of those who wait for a password to be hashed, or none if there are too many already.
class SodiumSecrets::Turn {
 public:
  explicit Turn(SodiumSecrets& owner) : owner_{owner}, given_{owner.waiting_++ < owner.options_.waiting_max} {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() { --owner_.waiting_; }
  [[nodiscard]] bool given() const { return given_; }

 private:
  SodiumSecrets& owner_;
  bool given_;
};

Result<std::unique_ptr<SodiumSecrets>> SodiumSecrets::open(SodiumOptions options) {
  if (sodium_init() < 0) return fail(ErrorClass::dependency, "HF-CFG-02", "libsodium does not work here");
  std::unique_ptr<SodiumSecrets> secrets{new SodiumSecrets{options}};
  HF_TRY(secrets->nobodys_, hash_now(secrets->make_secret(), options));
  secrets->use_key(secrets->make_secret());
  return secrets;
}

SodiumSecrets::~SodiumSecrets() {
  pool_.join();
  sodium_memzero(key_.data(), key_.size());
}

Task<Result<std::string>> SodiumSecrets::hash_password(std::string password) {
  const Turn turn{*this};
  if (!turn.given()) co_return fail(ErrorClass::overloaded, "HF-AUT-05", "too many passwords at once");
  auto work = [password = std::move(password), options = options_] { return hash_now(password, options); };
  co_return co_await offload(pool_, std::move(work));
}

Task<Result<bool>> SodiumSecrets::check_password(std::string password, std::string phc) {
  const Turn turn{*this};
  if (!turn.given()) co_return fail(ErrorClass::overloaded, "HF-AUT-05", "too many passwords at once");
  const bool somebodys = !phc.empty();
  if (!somebodys) phc = nobodys_;
  auto work = [password = std::move(password), phc = std::move(phc)] {
    return crypto_pwhash_str_verify(phc.c_str(), password.data(), password.size()) == 0;
  };
  const bool fits = co_await offload(pool_, std::move(work));
  co_return somebodys&& fits;
}

std::string SodiumSecrets::make_secret() {
  Key bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  return sodium::to_base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::string SodiumSecrets::hash_secret(std::string_view secret) const {
  Key hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(secret.data()), secret.size());
  return sodium::to_base64url({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

void SodiumSecrets::use_key(std::string_view secret) {
  crypto_hash_sha256(key_.data(), reinterpret_cast<const unsigned char*>(secret.data()), secret.size());
}

std::string SodiumSecrets::sign(const AccessClaims& claims) const { return sodium::to_token(claims, key_); }

Result<AccessClaims> SodiumSecrets::verify(std::string_view token, WallTime now) const {
  return sodium::read_token(token, key_, now);
}

}  // namespace holdfast
