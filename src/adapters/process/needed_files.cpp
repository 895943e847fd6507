#include "adapters/process/needed_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "adapters/localfs/file_io.hpp"

namespace holdfast {
namespace {

constexpr std::size_t kReadBytes = 1U << 20U;
/// A file that was changed less than this ago may still be being copied: it is not touched.
constexpr milliseconds kSettled{10'000};

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

bool settled(const FileStamp& stamp, WallTime now) {
  const milliseconds age = now.time_since_epoch() - milliseconds{stamp.changed_ns / 1'000'000};
  return std::chrono::abs(age) >= kSettled;
}

std::filesystem::path aside_of(std::filesystem::path file) { return file += ".damaged"; }

}  // namespace

FileStamp stamp_of(const std::filesystem::path& file) {
  struct stat info{};
  if (::stat(file.c_str(), &info) != 0) return {};
  return {.there = true,
          .device = info.st_dev,
          .inode = info.st_ino,
          .bytes = static_cast<std::uint64_t>(info.st_size),
          .modified_ns = nanoseconds(info.st_mtim),
          .changed_ns = nanoseconds(info.st_ctim)};
}

NeededFiles::NeededFiles(std::vector<std::filesystem::path> programs, std::vector<NeededFile> files,
                         std::string code)
    : programs_{std::move(programs)}, code_{std::move(code)} {
  for (NeededFile& file : files) files_.push_back({.needed = std::move(file), .right = {}, .wrong = {}});
}

FileStamps NeededFiles::stamps() const {
  FileStamps all;
  for (const auto& program : programs_) all.push_back(stamp_of(program));
  for (const Known& known : files_) all.push_back(stamp_of(known.needed.file));
  return all;
}

void NeededFiles::trust(const FileStamps& stamps) {
  const std::lock_guard lock{known_};
  for (std::size_t i = 0; i < files_.size(); ++i) files_[i].right = stamps.at(programs_.size() + i);
}

void NeededFiles::doubt() {
  const std::lock_guard lock{known_};
  for (Known& known : files_) known.right = {};
}

Result<void> NeededFiles::check(WallTime now) {
  const std::lock_guard lock{turn_};
  for (const auto& program : programs_) {
    if (::access(program.c_str(), X_OK) == 0) continue;
    return fail(ErrorClass::dependency, code_, "the program " + program.filename().string() + " is missing");
  }
  for (Known& known : files_) HF_TRY_VOID(check_one(known, now));
  return {};
}

bool NeededFiles::is_known(FileStamp Known::* verdict, const Known& known, const FileStamp& stamp) {
  const std::lock_guard lock{known_};
  return known.*verdict == stamp;
}

Result<void> NeededFiles::check_one(Known& known, WallTime now) {
  const FileStamp stamp = stamp_of(known.needed.file);
  if (!stamp.there) return missing(known.needed);
  if (is_known(&Known::right, known, stamp)) return {};
  if (!is_known(&Known::wrong, known, stamp)) {
    const bool right_size = stamp.bytes == known.needed.bytes;
    HF_TRY(const bool right, right_size ? has_right_content(known.needed) : Result<bool>{false});
    const std::lock_guard lock{known_};
    (right ? known.right : known.wrong) = stamp;
    if (right) return {};
  }
  return damaged(known, now);
}

Result<bool> NeededFiles::has_right_content(const NeededFile& needed) {
  if (needed.sha256.empty()) return true;
  const auto unreadable = [&] {
    return fail(ErrorClass::dependency, code_,
                "the model file " + needed.file.filename().string() + " cannot be read: " + std::strerror(errno));
  };
  const UniqueFd fd{::open(needed.file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!fd) return unreadable();
  localfs::Sha256 hash;
  for (std::string piece(kReadBytes, '\0'); !forsaken_;) {
    const ssize_t got = ::read(fd.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unreadable();
    if (got == 0) return hash.digest() == needed.sha256;
    hash.add(std::string_view{piece}.substr(0, static_cast<std::size_t>(got)));
  }
  return fail(ErrorClass::canceled, "HF-SRV-02", "stopped");
}

std::unexpected<Error> NeededFiles::missing(const NeededFile& needed) const {
  std::string what = "the model file " + needed.file.filename().string() + " is missing";
  const std::filesystem::path aside = aside_of(needed.file);
  if (stamp_of(aside).there) what += "; a damaged one was set aside as " + aside.filename().string();
  if (!needed.mend.empty()) what += "; " + needed.mend;
  return fail(ErrorClass::dependency, code_, std::move(what));
}

std::unexpected<Error> NeededFiles::damaged(const Known& known, WallTime now) const {
  const NeededFile& needed = known.needed;
  std::string what = "the model file " + needed.file.filename().string() + " is damaged (";
  what += known.wrong.bytes == needed.bytes ? "its SHA-256 is wrong)"
                                            : std::to_string(known.wrong.bytes) + " bytes instead of " +
                                                  std::to_string(needed.bytes) + ")";
  if (!settled(known.wrong, now)) {
    what += "; it was changed a moment ago and is perhaps not whole yet";
  } else if (stamp_of(needed.file) == known.wrong) {  // still the one that was looked at
    const std::filesystem::path aside = aside_of(needed.file);
    std::error_code problem;
    std::filesystem::rename(needed.file, aside, problem);
    what += problem ? " and cannot be set aside: " + problem.message()
                    : " and was set aside as " + aside.filename().string();
  }
  if (!needed.mend.empty()) what += "; " + needed.mend;
  return fail(ErrorClass::dependency, code_, std::move(what));
}

}  // namespace holdfast
