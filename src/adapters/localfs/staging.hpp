#pragma once

#include <boost/asio/thread_pool.hpp>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "adapters/localfs/file_io.hpp"
#include "ports/blob_store.hpp"

namespace holdfast::localfs {

/// Names of the bodies that this process is writing now, so that the sweeper leaves them alone. Any thread.
class Writers {
 public:
  void enter(const std::string& token);
  void leave(const std::string& token);
  bool has(const std::string& token);

 private:
  std::mutex lock_;
  std::set<std::string> tokens_;
};

/// Where a body is written and what it will be called.
struct StagingPlan {
  std::string token;
  path part;                   ///< DATA/staging/<token>.part
  path folder;                 ///< DATA/files/<aa>
  std::uint64_t reserve = 0;   ///< bytes that must stay free
  std::uint64_t expected = 0;  ///< bytes announced; 0: not known
};

/// A body on its way to disk. Its blocking half; one call at a time.
class PartFile {
 public:
  /// Creates the file and sets the announced room aside. Errors: file_failure.
  static Result<std::unique_ptr<PartFile>> create(StagingPlan plan, std::shared_ptr<Writers> writers);
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;
  /// Removes the file unless it was sealed.
  ~PartFile();

  Result<void> append(std::string_view chunk);
  Result<BlobInfo> seal();

 private:
  PartFile(StagingPlan plan, std::shared_ptr<Writers> writers);
  Result<void> open();
  Result<void> set_room_aside();
  Result<void> check_reserve();
  void start_writeback();
  Result<void> make_durable();
  void drop();

  StagingPlan plan_;
  std::shared_ptr<Writers>
      writers_;  // shared with the store: the pool may let go of a part after the store is gone
  UniqueFd fd_;
  Sha256 hash_;
  std::uint64_t written_ = 0;
  std::uint64_t checked_at_ = 0;  ///< `written_` when the reserve was last looked at
  std::uint64_t pushed_to_ = 0;   ///< up to here the kernel was told to start writing to the disk
};

/// The port's answer: every blocking call of a PartFile on the pool.
class LocalStaging final : public Staging {
 public:
  LocalStaging(asio::thread_pool& pool, std::unique_ptr<PartFile> part)
      : pool_{pool}, part_{std::move(part)} {}
  /// Lets go of the body on the pool: removing a large file takes a while.
  ~LocalStaging() override;
  Task<Result<void>> append(std::string chunk) override;
  Task<Result<BlobInfo>> seal() override;

 private:
  asio::thread_pool& pool_;
  // Shared with the call on the pool, which may outlive this when the waiting coroutine is destroyed under
  // it.
  std::shared_ptr<PartFile> part_;
};

}  // namespace holdfast::localfs
