#include "worker/model_file.hpp"

#include <fcntl.h>
#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "worker/unique_fd.hpp"

namespace holdfast::worker {

namespace {

constexpr std::size_t kReadBytes = 1U << 20U;

std::unexpected<Error> unusable(std::string what) {
  return fail(ErrorClass::dependency, "HF-ENG-02", std::move(what));
}

std::string to_hex(const unsigned char* bytes, std::size_t count) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (std::size_t i = 0; i < count; ++i) {
    hex += kDigits[bytes[i] >> 4U];
    hex += kDigits[bytes[i] & 0xFU];
  }
  return hex;
}

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& letter : out) {
    if (letter >= 'A' && letter <= 'F') letter = static_cast<char>(letter + ('a' - 'A'));
  }
  return out;
}

Result<std::string> sha256_of(int fd, const std::string& path) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
  if (!digest || EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr) != 1)
    return unusable("no SHA-256 in OpenSSL");
  std::vector<char> bytes(kReadBytes);
  while (true) {
    const ssize_t got = ::read(fd, bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unusable("the model " + path + " cannot be read: " + std::strerror(errno));
    if (got == 0) break;
    EVP_DigestUpdate(digest.get(), bytes.data(), static_cast<std::size_t>(got));
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
  unsigned length = 0;
  EVP_DigestFinal_ex(digest.get(), sum.data(), &length);
  return to_hex(sum.data(), length);
}

}  // namespace

Result<void> check_model_file(const std::string& path, std::string_view sha256) {
  const UniqueFd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!fd) return unusable("the model " + path + " cannot be opened: " + std::strerror(errno));
  HF_TRY(const std::string found, sha256_of(fd.get(), path));
  if (found == lower(sha256)) return {};
  return unusable("the model " + path + " has the SHA-256 " + found + ", expected " + lower(sha256));
}

}  // namespace holdfast::worker
