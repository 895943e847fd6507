#include "adapters/localfs/staging.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <utility>

#include "async/offload.hpp"

namespace holdfast::localfs {
namespace {

/// The free space is looked at once in so many bytes.
constexpr std::uint64_t kReserveEvery = 64U << 20U;
/// Writing to the disk is started once in so many bytes, so that the sync at the end has little left to do.
constexpr std::uint64_t kWritebackEvery = 8U << 20U;
/// Smaller bodies get no room set aside: it would cost more than it saves.
constexpr std::uint64_t kSetAsideMin = 1U << 20U;

std::unexpected<Error> no_room() {
  return fail(ErrorClass::resource, "HF-STO-02", "not enough free space on the data disk");
}
std::unexpected<Error> already_dropped() {
  return fail(ErrorClass::transient, "HF-STO-01", "the body was dropped after an earlier error");
}

}  // namespace

void Writers::enter(const std::string& token) {
  const std::lock_guard guard{lock_};
  tokens_.insert(token);
}
void Writers::leave(const std::string& token) {
  const std::lock_guard guard{lock_};
  tokens_.erase(token);
}
bool Writers::has(const std::string& token) {
  const std::lock_guard guard{lock_};
  return tokens_.contains(token);
}

PartFile::PartFile(StagingPlan plan, std::shared_ptr<Writers> writers)
    : plan_{std::move(plan)}, writers_{std::move(writers)} {
  writers_->enter(plan_.token);
}

PartFile::~PartFile() {
  drop();
  writers_->leave(plan_.token);
}

Result<std::unique_ptr<PartFile>> PartFile::create(StagingPlan plan, std::shared_ptr<Writers> writers) {
  std::unique_ptr<PartFile> part{new PartFile{std::move(plan), std::move(writers)}};
  HF_TRY_VOID(part->open());
  return part;
}

Result<void> PartFile::open() {
  HF_TRY(const std::uint64_t free, free_bytes_at(plan_.part.parent_path()));
  if (free < plan_.reserve || free - plan_.reserve < plan_.expected) return no_room();
  HF_TRY(fd_, open_file(plan_.part, O_WRONLY | O_CREAT | O_EXCL));
  return set_room_aside();
}

/// The end of the room shows before the body arrives. Where the file system cannot do it, the reserve has to
/// do.
Result<void> PartFile::set_room_aside() {
  if (plan_.expected < kSetAsideMin) return {};
  const int done = ::fallocate(fd_.get(), FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(plan_.expected));
  if (done == 0 || errno == EOPNOTSUPP || errno == ENOSYS) return {};
  return file_failure(errno, "fallocate");
}

Result<void> PartFile::check_reserve() {
  if (written_ - checked_at_ < kReserveEvery) return {};
  checked_at_ = written_;
  HF_TRY(const std::uint64_t free, free_bytes_at(plan_.part.parent_path()));
  if (free < plan_.reserve) return no_room();
  return {};
}

/// A hint: its failure is no failure, the sync in seal() is what counts.
void PartFile::start_writeback() {
  if (written_ - pushed_to_ < kWritebackEvery) return;
  (void)::sync_file_range(fd_.get(), static_cast<off_t>(pushed_to_),
                          static_cast<off_t>(written_ - pushed_to_), SYNC_FILE_RANGE_WRITE);
  pushed_to_ = written_;
}

Result<void> PartFile::append(std::string_view chunk) {
  if (!fd_) return already_dropped();
  auto wrote = check_reserve();
  if (wrote) wrote = write_all(fd_.get(), chunk);
  if (!wrote) {
    drop();
    return wrote;
  }
  hash_.add(chunk);
  written_ += chunk.size();
  start_writeback();
  return {};
}

Result<BlobInfo> PartFile::seal() {
  if (!fd_) return already_dropped();
  const auto durable = make_durable();
  if (!durable) {
    drop();
    return std::unexpected{durable.error()};
  }
  fd_.reset();
  return BlobInfo{.id = BlobId{plan_.token}, .bytes = written_, .sha256 = hash_.digest()};
}

/// Crash: before the rename is durable the part file is left for the sweeper; after it, a blob that no record
/// names. Source: fsync(2), rename(2): the name is durable only when its folder is synced too.
Result<void> PartFile::make_durable() {
  if (plan_.expected > written_ && ::ftruncate(fd_.get(), static_cast<off_t>(written_)) != 0) {
    return file_failure(errno, "ftruncate");  // gives back the room that was set aside and not used
  }
  HF_TRY_VOID(sync_file(fd_.get()));
  const path final_name = plan_.folder / plan_.token;
  HF_TRY_VOID(rename_new(plan_.part, final_name));
  plan_.part = final_name;  // from here on this is what drop() has to remove
  return sync_folder(plan_.folder);
}

void PartFile::drop() {
  if (!fd_) return;
  fd_.reset();
  ::unlink(plan_.part.c_str());
}

LocalStaging::~LocalStaging() {
  asio::post(pool_, [part = std::move(part_)] {});
}

Task<Result<void>> LocalStaging::append(std::string chunk) {
  auto call = [part = part_, bytes = std::move(chunk)] { return part->append(bytes); };
  auto there = offload(pool_, std::move(call));
  co_return co_await std::move(there);
}

Task<Result<BlobInfo>> LocalStaging::seal() {
  auto call = [part = part_] { return part->seal(); };
  auto there = offload(pool_, std::move(call));
  co_return co_await std::move(there);
}

}  // namespace holdfast::localfs
