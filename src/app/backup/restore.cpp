#include "app/backup/restore.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "adapters/localfs/layout.hpp"
#include "app/backup/copy_file.hpp"

namespace holdfast::backup {
namespace {

namespace fs = std::filesystem;

Result<void> must_be_free(const path& into) {
  std::error_code bad;
  if (!fs::exists(into, bad)) return {};
  if (fs::is_directory(into, bad) && fs::is_empty(into, bad)) return {};
  return fail(ErrorClass::conflict, "HF-BAK-03", "something is at " + into.string());
}

/// An empty folder that nobody else fills.
Result<UniqueFd> begin_at(const path& folder) {
  std::error_code bad;
  fs::create_directories(folder.parent_path(), bad);
  HF_TRY_VOID(localfs::make_folder(folder));
  HF_TRY(UniqueFd held, localfs::open_file(folder, O_RDONLY | O_DIRECTORY));
  if (::flock(held.get(), LOCK_EX | LOCK_NB) != 0)
    return fail(ErrorClass::conflict, "HF-BAK-04", "something is being restored into " + folder.string());
  for (const auto& left : fs::directory_iterator{folder, bad}) fs::remove_all(left.path(), bad);
  if (bad) return localfs::file_failure(bad.value(), "remove what an earlier restoration left");
  return held;
}

Result<void> bring(const path& backup, const path& folder, const FileEntry& file) {
  const auto copied = holdfast::backup::copy_file(backup / file.name, folder / file.name);
  if (!copied && copied.error().error_class() == ErrorClass::not_found)
    return fail(ErrorClass::corrupt, "HF-BAK-02", file.name + " is not there");
  if (!copied) return std::unexpected{copied.error()};
  if (copied->bytes == file.bytes && copied->sha256 == file.sha256) return {};
  return fail(ErrorClass::corrupt, "HF-BAK-02", file.name + " has other bytes than were written");
}

/// "DIR/" and "DIR" are the same folder, and the name beside it is made of "DIR".
path plain(const path& given) {
  path whole = fs::absolute(given).lexically_normal();
  return whole.has_filename() ? whole : whole.parent_path();
}

}  // namespace

Result<Manifest> restore(const path& backup, const path& given) {
  const path into = plain(given);
  HF_TRY(Manifest manifest, read_manifest(backup));
  HF_TRY_VOID(must_be_free(into));
  const path folder = into.string() + ".restoring";
  HF_TRY(const UniqueFd held, begin_at(folder));
  HF_TRY_VOID(localfs::make_layout(folder));
  HF_TRY_VOID(localfs::make_folder(folder / kSpool));
  for (const FileEntry& file : manifest.files) HF_TRY_VOID(bring(backup, folder, file));
  HF_TRY_VOID(sync_all(folder));
  if (std::rename(folder.c_str(), into.c_str()) != 0) return localfs::file_failure(errno, "rename");
  HF_TRY_VOID(localfs::sync_folder(into.parent_path()));
  return manifest;
}

}  // namespace holdfast::backup
