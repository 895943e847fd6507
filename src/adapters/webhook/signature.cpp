#include "adapters/webhook/signature.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

namespace holdfast::webhook {
namespace {

constexpr std::string_view kPrefix = "whsec_";

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::unexpected<Error> refuse(const std::string& why) { return fail(ErrorClass::invalid, "HF-CFG-01", why); }

Result<std::string> from_base64(std::string_view text) {
  std::string bytes(text.size(), '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), bytes_of(text),
                                     static_cast<int>(text.size()));
  if (length < 0) return refuse("what stands behind whsec_ is no base64");
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  bytes.resize(static_cast<std::size_t>(length) - std::min(padding, static_cast<std::size_t>(length)));
  return bytes;
}

}  // namespace

Result<std::string> secret_bytes(std::string_view text) {
  std::string bytes{text};
  if (text.starts_with(kPrefix)) {
    HF_TRY(bytes, from_base64(text.substr(kPrefix.size())));
  }
  if (bytes.size() < kSecretMin)
    return refuse("it is too short to keep a secret; at least " + std::to_string(kSecretMin) + " bytes");
  return bytes;
}

std::string signature(std::string_view secret, std::string_view id, std::string_view timestamp, std::string_view body) {
  const std::string message = std::string{id} + '.' + std::string{timestamp} + '.' + std::string{body};
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes_of(message), message.size(), digest.data(),
       &length);
  std::string text(4 * ((length + 2) / 3) + 1, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), digest.data(), static_cast<int>(length));
  text.pop_back();  // its end of a string
  return "v1," + text;
}

}  // namespace holdfast::webhook
