#include "app/cli/source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace holdfast::cli {

namespace {

std::unexpected<Error> broken_source(const std::string& what) {
  return fail(ErrorClass::not_found, "HF-CLI-03", what + ": " + std::strerror(errno));
}

Result<void> write_all(int descriptor, const std::string& bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t count = write(descriptor, bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return broken_source("standard input cannot be kept in a temporary file");
    done += static_cast<std::size_t>(count);
  }
  return {};
}

/// Copies until the end; returns how many bytes.
Result<std::uint64_t> spool(int from, int to) {
  std::uint64_t total = 0;
  std::string chunk;
  for (;;) {
    chunk.resize(Source::kChunkMax);
    const ssize_t count = ::read(from, chunk.data(), chunk.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return broken_source("standard input cannot be read");
    if (count == 0) return total;
    chunk.resize(static_cast<std::size_t>(count));
    HF_TRY_VOID(write_all(to, chunk));
    total += chunk.size();
  }
}

}  // namespace

Source::~Source() {
  if (descriptor_ >= 0) close(descriptor_);
}

Result<Source> Source::open_file(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return broken_source(path + " cannot be opened");
  Source source{descriptor, 0};
  struct stat info{};
  if (fstat(descriptor, &info) != 0) return broken_source(path + " cannot be read");
  if (!S_ISREG(info.st_mode)) return take_stream(descriptor, "/var/tmp");
  source.size_ = static_cast<std::uint64_t>(info.st_size);
  return source;
}

Result<Source> Source::take_stream(int descriptor, const std::string& folder) {
  struct stat info{};
  if (fstat(descriptor, &info) != 0) return broken_source("standard input cannot be read");
  if (S_ISDIR(info.st_mode)) {
    errno = EISDIR;
    return broken_source("this cannot be sent");
  }
  if (S_ISREG(info.st_mode) && lseek(descriptor, 0, SEEK_CUR) == 0) {
    const int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) return broken_source("standard input cannot be read");
    return Source{copy, static_cast<std::uint64_t>(info.st_size)};
  }
  const int kept = open(folder.c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
  if (kept < 0) return broken_source("no temporary file can be made in " + folder);
  Source source{kept, 0};
  HF_TRY(source.size_, spool(descriptor, kept));
  return source;
}

Result<std::string> Source::read(std::uint64_t offset) const {
  std::string chunk(static_cast<std::size_t>(std::min<std::uint64_t>(kChunkMax, size_ - offset)), '\0');
  if (chunk.empty()) return chunk;
  ssize_t count = 0;
  do {
    count = pread(descriptor_, chunk.data(), chunk.size(), static_cast<off_t>(offset));
  } while (count < 0 && errno == EINTR);
  if (count < 0) return broken_source("the file cannot be read");
  if (count == 0)
    return fail(ErrorClass::not_found, "HF-CLI-03", "the file became shorter while it was being sent");
  chunk.resize(static_cast<std::size_t>(count));
  return chunk;
}

}  // namespace holdfast::cli
