#pragma once

#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <memory>

#include "adapters/localfs/staging.hpp"
#include "ports/blob_store.hpp"
#include "ports/entropy.hpp"

namespace holdfast {

struct LocalBlobConfig {
  std::filesystem::path root;                 ///< the data folder
  std::uint64_t reserve_bytes = 512U << 20U;  ///< stays free on its disk: for the database, logs and repairs
  bool read_only = false;                     ///< only looks: makes no folders
};

/// Blobs as files on a local disk: DATA/staging/<token>.part while they come in, DATA/files/<aa>/<token> when
/// whole. Names are tokens without extension. Blocking calls run on `pool`, which must outlive the store.
class LocalBlobStore final : public BlobStore {
 public:
  /// Creates the folders that are missing, durably. Errors: as localfs/file_io.hpp.
  static Result<std::unique_ptr<LocalBlobStore>> open(LocalBlobConfig config, asio::thread_pool& pool,
                                                      Entropy& entropy);

  Task<Result<std::unique_ptr<Staging>>> open_staging(std::uint64_t expected_bytes) override;
  Task<Result<void>> remove(BlobId id) override;
  Task<Result<BlobInfo>> measure(BlobId id) override;
  Task<Result<std::vector<StoredBlob>>> list() override;
  Task<Result<std::size_t>> sweep_staging(WallTime older_than, bool dry_run) override;
  Task<Result<std::uint64_t>> free_bytes() override;

  /// Makes a finished file of ours a blob: hashed, synced, renamed, folder synced. The file must be a plain
  /// one with one name on the same file system, and nobody may write it any more. Errors: as Staging::seal;
  /// transient HF-ENG-01 (not such a file). After an error the file is gone.
  Task<Result<BlobInfo>> adopt(std::filesystem::path file);
  /// For reading, not inherited by children. Blocks no longer than open(2). Errors: not_found HF-STO-03,
  /// transient HF-STO-01.
  [[nodiscard]] Result<UniqueFd> open_read(const BlobId& id) const;
  /// Where the bytes lie. Errors: not_found HF-STO-03 (`id` is no token; nothing was looked up).
  [[nodiscard]] Result<std::filesystem::path> path_of(const BlobId& id) const;
  [[nodiscard]] const LocalBlobConfig& config() const noexcept { return config_; }

 private:
  LocalBlobStore(LocalBlobConfig config, asio::thread_pool& pool, Entropy& entropy);
  [[nodiscard]] localfs::StagingPlan make_plan(std::uint64_t expected_bytes);

  LocalBlobConfig config_;
  asio::thread_pool& pool_;
  Entropy& entropy_;
  std::shared_ptr<localfs::Writers> writers_ = std::make_shared<localfs::Writers>();
};

}  // namespace holdfast
