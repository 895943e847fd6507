#include "app/data_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace holdfast {

Result<DataFolder> open_data_folder(const std::filesystem::path& root) {
  std::error_code bad;
  const bool fresh = std::filesystem::create_directories(root, bad);
  if (bad)
    return fail(ErrorClass::dependency, "HF-STO-01", "cannot make " + root.string() + ": " + bad.message());
  if (fresh) std::filesystem::permissions(root, std::filesystem::perms::owner_all, bad);

  UniqueFd lock{::open((root / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!lock)
    return fail(ErrorClass::dependency, "HF-STO-01",
                "cannot write in " + root.string() + ": " + std::strerror(errno));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return fail(ErrorClass::conflict, "HF-SRV-05", "another process serves " + root.string());
  }
  return DataFolder{.root = root, .lock = std::move(lock)};
}

}  // namespace holdfast
