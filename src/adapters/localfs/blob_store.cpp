#include "adapters/localfs/blob_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "adapters/localfs/layout.hpp"
#include "async/offload.hpp"

namespace holdfast {
namespace {

using localfs::path;

std::unexpected<Error> no_such_blob() {
  return fail(ErrorClass::not_found, "HF-STO-03", "there is no such file in the store");
}

Result<void> remove_blob(const path& file) {
  if (::unlink(file.c_str()) != 0) {
    if (errno == ENOENT) return {};
    return localfs::file_failure(errno, "unlink");
  }
  return localfs::sync_folder(file.parent_path());
}

Result<BlobInfo> measure_blob(const path& file, const BlobId& id) {
  HF_TRY(const UniqueFd fd, localfs::open_file(file, O_RDONLY));
  HF_TRY(auto measured, localfs::measure_file(fd.get()));
  return BlobInfo{.id = id, .bytes = measured.bytes, .sha256 = std::move(measured.sha256)};
}

/// A sandboxed program made this file: what it could have put there instead is refused.
Result<void> check_adoptable(int fd) {
  struct stat info{};
  if (::fstat(fd, &info) != 0) return localfs::file_failure(errno, "fstat");
  if (S_ISREG(info.st_mode) && info.st_nlink == 1) return {};
  return fail(ErrorClass::transient, "HF-ENG-01", "the result is not a plain file with one name");
}

Result<BlobInfo> make_blob(const path& file, const path& folder, const BlobId& id) {
  HF_TRY(const UniqueFd fd, localfs::open_file(file, O_RDONLY | O_NONBLOCK));
  HF_TRY_VOID(check_adoptable(fd.get()));
  HF_TRY(auto measured, localfs::measure_file(fd.get()));
  HF_TRY_VOID(localfs::sync_file(fd.get()));
  HF_TRY_VOID(localfs::rename_new(file, folder / id.text()));
  if (auto synced = localfs::sync_folder(folder); !synced) {
    ::unlink((folder / id.text()).c_str());
    return std::unexpected{synced.error()};
  }
  return BlobInfo{.id = id, .bytes = measured.bytes, .sha256 = std::move(measured.sha256)};
}

Result<std::size_t> sweep(const path& root, localfs::Writers& writers, WallTime older_than, bool dry_run) {
  HF_TRY(const auto parts, localfs::list_parts(root));
  std::size_t found = 0;
  for (const auto& part : parts) {
    if (part.modified >= older_than || writers.has(part.token)) continue;
    if (!dry_run && ::unlink(part.file.c_str()) != 0) return localfs::file_failure(errno, "unlink");
    ++found;
  }
  return found;
}

}  // namespace

LocalBlobStore::LocalBlobStore(LocalBlobConfig config, asio::thread_pool& pool, Entropy& entropy)
    : config_{std::move(config)}, pool_{pool}, entropy_{entropy} {}

Result<std::unique_ptr<LocalBlobStore>> LocalBlobStore::open(LocalBlobConfig config, asio::thread_pool& pool,
                                                             Entropy& entropy) {
  if (!config.read_only) HF_TRY_VOID(localfs::make_layout(config.root));
  return std::unique_ptr<LocalBlobStore>{new LocalBlobStore{std::move(config), pool, entropy}};
}

localfs::StagingPlan LocalBlobStore::make_plan(std::uint64_t expected_bytes) {
  const std::string token = make_token(entropy_.roll());
  return {.token = token,
          .part = localfs::staging_folder(config_.root) / (token + std::string{localfs::kPartEnding}),
          .folder = localfs::blob_folder(config_.root, token),
          .reserve = config_.reserve_bytes,
          .expected = expected_bytes};
}

Task<Result<std::unique_ptr<Staging>>> LocalBlobStore::open_staging(std::uint64_t expected_bytes) {
  auto call = [plan = make_plan(expected_bytes), writers = writers_] {
    return localfs::PartFile::create(plan, writers);
  };
  auto there = offload(pool_, std::move(call));
  HF_CO_TRY(auto part, co_await std::move(there));
  co_return std::make_unique<localfs::LocalStaging>(pool_, std::move(part));
}

Task<Result<void>> LocalBlobStore::remove(BlobId id) {
  auto file = path_of(id);
  if (!file) co_return Result<void>{};  // no token, so no blob
  auto call = [where = *std::move(file)] { return remove_blob(where); };
  auto there = offload(pool_, std::move(call));
  co_return co_await std::move(there);
}

Task<Result<BlobInfo>> LocalBlobStore::measure(BlobId id) {
  HF_CO_TRY(auto file, path_of(id));
  auto call = [where = std::move(file), id] { return measure_blob(where, id); };
  auto there = offload(pool_, std::move(call));
  co_return co_await std::move(there);
}

Task<Result<std::vector<StoredBlob>>> LocalBlobStore::list() {
  auto call = [root = config_.root] { return localfs::list_blobs(root); };
  auto there = offload(pool_, std::move(call));
  co_return co_await std::move(there);
}

Task<Result<std::size_t>> LocalBlobStore::sweep_staging(WallTime older_than, bool dry_run) {
  auto call = [root = config_.root, writers = writers_, older_than, dry_run] {
    return sweep(root, *writers, older_than, dry_run);
  };
  auto there = offload(pool_, std::move(call));
  co_return co_await std::move(there);
}

Task<Result<std::uint64_t>> LocalBlobStore::free_bytes() {
  auto call = [root = config_.root] { return localfs::free_bytes_at(root); };
  auto there = offload(pool_, std::move(call));
  co_return co_await std::move(there);
}

Task<Result<BlobInfo>> LocalBlobStore::adopt(path file) {
  const std::string token = make_token(entropy_.roll());
  auto call = [file = std::move(file), folder = localfs::blob_folder(config_.root, token),
               id = BlobId{token}] {
    auto made = make_blob(file, folder, id);
    if (!made) ::unlink(file.c_str());
    return made;
  };
  auto there = offload(pool_, std::move(call));
  co_return co_await std::move(there);
}

Result<UniqueFd> LocalBlobStore::open_read(const BlobId& id) const {
  HF_TRY(const auto file, path_of(id));
  return localfs::open_file(file, O_RDONLY);
}

Result<path> LocalBlobStore::path_of(const BlobId& id) const {
  if (!localfs::is_token(id.text())) return no_such_blob();
  return localfs::blob_folder(config_.root, id.text()) / id.text();
}

}  // namespace holdfast
