#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "worker/unique_fd.hpp"

/// Blocking file calls with every return looked at. Errors everywhere: resource HF-STO-02 (no room, quota,
/// size limit), not_found HF-STO-03 (no such file), transient HF-STO-01 (all else).
namespace holdfast::localfs {

using std::filesystem::path;

/// The failure for `error` (an errno) while doing `what`.
std::unexpected<Error> file_failure(int error, std::string_view what);

/// Never follows a symbolic link at the end of the path; the descriptor is not inherited by children.
Result<UniqueFd> open_file(const path& file, int flags, unsigned mode = 0600);
/// Writes all of it, however many calls that takes.
Result<void> write_all(int fd, std::string_view bytes);
Result<void> sync_file(int fd);
/// Makes creations, renames and removals in the folder durable.
Result<void> sync_folder(const path& folder);
/// Refuses to replace what is already called `to`.
Result<void> rename_new(const path& from, const path& to);
/// Creates the folder, readable by us alone, unless it is there.
Result<void> make_folder(const path& folder);
/// Bytes that an unprivileged process may still write on the file system of `place`.
Result<std::uint64_t> free_bytes_at(const path& place);

/// SHA-256 over what is given to it piece by piece.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  ~Sha256();
  void add(std::string_view bytes);
  /// 64 hexadecimal digits. The hasher is used up then.
  std::string digest();

 private:
  struct Free {
    void operator()(void* context) const noexcept;
  };
  std::unique_ptr<void, Free> context_;
};

struct Measured {
  std::uint64_t bytes = 0;
  std::string sha256;
};
/// Reads from the start to the end.
Result<Measured> measure_file(int fd);

}  // namespace holdfast::localfs
