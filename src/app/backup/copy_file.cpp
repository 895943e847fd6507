#include "app/backup/copy_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace holdfast::backup {
namespace {

constexpr std::size_t kAtOnce = 1U << 20U;

}  // namespace

Result<localfs::Measured> copy_file(const path& from, const path& to) {
  HF_TRY(const UniqueFd source, localfs::open_file(from, O_RDONLY));
  HF_TRY(const UniqueFd target, localfs::open_file(to, O_WRONLY | O_CREAT | O_EXCL));
  std::vector<char> buffer(kAtOnce);
  localfs::Sha256 hash;
  std::uint64_t total = 0;
  for (;;) {
    const ssize_t got = ::read(source.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return localfs::file_failure(errno, "read");
    if (got == 0) return localfs::Measured{.bytes = total, .sha256 = hash.digest()};
    const std::string_view piece{buffer.data(), static_cast<std::size_t>(got)};
    hash.add(piece);
    HF_TRY_VOID(localfs::write_all(target.get(), piece));
    total += piece.size();
  }
}

Result<localfs::Measured> measure(const path& file) {
  HF_TRY(const UniqueFd fd, localfs::open_file(file, O_RDONLY));
  return localfs::measure_file(fd.get());
}

Result<void> sync_all(const path& folder) {
  HF_TRY(const UniqueFd fd, localfs::open_file(folder, O_RDONLY | O_DIRECTORY));
  if (::syncfs(fd.get()) != 0) return localfs::file_failure(errno, "syncfs");
  return {};
}

}  // namespace holdfast::backup
