#include "adapters/localfs/file_io.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <vector>

namespace holdfast::localfs {
namespace {

constexpr std::size_t kReadAtOnce = 1U << 20U;

/// Hashing needs no input that could be wrong; only a broken library or no memory makes it fail.
void must(int ok) {
  if (ok != 1) std::abort();
}

EVP_MD_CTX* as_context(void* context) { return static_cast<EVP_MD_CTX*>(context); }

std::string sentence(int error, std::string_view what) {
  return std::string{what} + ": " + std::generic_category().message(error);
}

}  // namespace

std::unexpected<Error> file_failure(int error, std::string_view what) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return fail(ErrorClass::resource, "HF-STO-02", sentence(error, what));
    case ENOENT:
      return fail(ErrorClass::not_found, "HF-STO-03", sentence(error, what));
    default:
      return fail(ErrorClass::transient, "HF-STO-01", sentence(error, what));
  }
}

Result<UniqueFd> open_file(const path& file, int flags, unsigned mode) {
  int fd = -1;
  do {
    fd = ::open(file.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, mode);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return file_failure(errno, "open");
  return UniqueFd{fd};
}

Result<void> write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(fd, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return file_failure(errno, "write");
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return {};
}

Result<void> sync_file(int fd) {
  if (::fsync(fd) != 0) return file_failure(errno, "fsync");
  return {};
}

Result<void> sync_folder(const path& folder) {
  HF_TRY(const UniqueFd fd, open_file(folder, O_RDONLY | O_DIRECTORY));
  return sync_file(fd.get());
}

Result<void> rename_new(const path& from, const path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) != 0) {
    return file_failure(errno, "rename");
  }
  return {};
}

Result<void> make_folder(const path& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return file_failure(errno, "mkdir");
  return {};
}

Result<std::uint64_t> free_bytes_at(const path& place) {
  struct statvfs info{};
  if (::statvfs(place.c_str(), &info) != 0) return file_failure(errno, "statvfs");
  return std::uint64_t{info.f_bavail} * info.f_frsize;
}

Sha256::Sha256() : context_{EVP_MD_CTX_new()} {
  must(context_ ? 1 : 0);
  must(EVP_DigestInit_ex(as_context(context_.get()), EVP_sha256(), nullptr));
}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::Free::operator()(void* context) const noexcept { EVP_MD_CTX_free(as_context(context)); }

void Sha256::add(std::string_view bytes) {
  must(EVP_DigestUpdate(as_context(context_.get()), bytes.data(), bytes.size()));
}

std::string Sha256::digest() {
  std::array<unsigned char, 32> raw{};
  must(EVP_DigestFinal_ex(as_context(context_.get()), raw.data(), nullptr));
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const unsigned byte : raw) {
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
  return out;
}

Result<Measured> measure_file(int fd) {
  std::vector<char> buffer(kReadAtOnce);
  Sha256 hash;
  std::uint64_t total = 0;
  for (;;) {
    const ssize_t got = ::pread(fd, buffer.data(), buffer.size(), static_cast<off_t>(total));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return file_failure(errno, "read");
    if (got == 0) return Measured{.bytes = total, .sha256 = hash.digest()};
    hash.add({buffer.data(), static_cast<std::size_t>(got)});
    total += static_cast<std::uint64_t>(got);
  }
}

}  // namespace holdfast::localfs
