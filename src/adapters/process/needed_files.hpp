#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace holdfast {

/// A file without which a worker cannot work.
struct NeededFile {
  std::filesystem::path file;
  std::uint64_t bytes = 0;  ///< its right size
  std::string sha256;       ///< 64 hexadecimal digits; empty: its size is all that is known
  std::string mend;         ///< what helps when it is missing or damaged, for people
};

/// Tells without reading a file that it is not the one of before.
struct FileStamp {
  bool there = false;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t bytes = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;  ///< by the kernel's clock; nobody can set it
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};
using FileStamps = std::vector<FileStamp>;
[[nodiscard]] FileStamp stamp_of(const std::filesystem::path& file);

/// The files of one worker, and what is known of their content: each is read once, and again only after it
/// changed. Calls may come from any thread; only `check` blocks.
class NeededFiles {
 public:
  /// `programs` are only looked at, `files` are read. `code` is that of the errors.
  NeededFiles(std::vector<std::filesystem::path> programs, std::vector<NeededFile> files, std::string code);

  /// Blocks while it reads. A damaged file is set aside as FILE.damaged, where the folder allows it, so that
  /// nothing loads it and a right one can take its place; not while it may still be being written.
  /// Errors: dependency `code` (what is missing or damaged, and what helps), canceled (forsaken).
  Result<void> check(WallTime now);
  /// Of all of them, in a fixed order. Reads nothing.
  [[nodiscard]] FileStamps stamps() const;
  /// A worker has read them with these stamps and found them right.
  void trust(const FileStamps& stamps);
  /// A worker did not take them: what was known of them does not hold any more.
  void doubt();
  /// Ends a check that reads, and every later one.
  void forsake() { forsaken_ = true; }

 private:
  struct Known {
    NeededFile needed;
    FileStamp right;  ///< with this stamp the content was right
    FileStamp wrong;  ///< with this one it was not
  };
  Result<void> check_one(Known& known, WallTime now);
  [[nodiscard]] bool is_known(FileStamp Known::* verdict, const Known& known, const FileStamp& stamp);
  Result<bool> has_right_content(const NeededFile& needed);
  [[nodiscard]] std::unexpected<Error> missing(const NeededFile& needed) const;
  std::unexpected<Error> damaged(const Known& known, WallTime now) const;

  std::vector<std::filesystem::path> programs_;
  std::vector<Known> files_;
  std::string code_;
  std::mutex turn_;   ///< one check at a time: the second finds what the first has read
  std::mutex known_;  ///< for the stamps in files_; never held while something is read
  std::atomic<bool> forsaken_ = false;
};

}  // namespace holdfast
