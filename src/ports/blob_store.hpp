#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/id.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "ports/task.hpp"

namespace holdfast {

struct BlobInfo {
  BlobId id;
  std::uint64_t bytes = 0;
  std::string sha256;  ///< 64 hexadecimal digits
};

struct StoredBlob {
  BlobId id;
  std::uint64_t bytes = 0;
  WallTime modified{};
};

/// A body on its way in. Destroying it before `seal` leaves nothing that looks whole.
class Staging {
 public:
  virtual ~Staging() = default;
  /// Appends and hashes. At most kChunkMax bytes at a time, so memory does not grow with the file.
  /// Errors: resource HF-STO-02 (no room, or below the reserve), transient HF-STO-01.
  virtual Task<Result<void>> append(std::string chunk) = 0;
  /// Makes the bytes durable under their final name: file synced, renamed, folder synced. Only then it
  /// returns. Errors: as append. After an error the bytes are gone: a failed sync is never repeated.
  virtual Task<Result<BlobInfo>> seal() = 0;

  static constexpr std::size_t kChunkMax = 4U << 20U;
};

/// Port: where bytes live. Names are chosen here and cannot be guessed.
class BlobStore {
 public:
  virtual ~BlobStore() = default;
  /// Errors: resource HF-STO-02 (`expected_bytes`, 0 if not known, would go below the reserve).
  virtual Task<Result<std::unique_ptr<Staging>>> open_staging(std::uint64_t expected_bytes) = 0;
  /// Durable; removing what is not there is no error.
  virtual Task<Result<void>> remove(BlobId id) = 0;
  /// Reads everything and hashes it anew. Errors: not_found HF-STO-03.
  virtual Task<Result<BlobInfo>> measure(BlobId id) = 0;
  /// Every sealed blob.
  virtual Task<Result<std::vector<StoredBlob>>> list() = 0;
  /// Removes staged bodies that nobody writes any more and that are older than this, or in a dry run only counts
  /// them. Returns how many.
  virtual Task<Result<std::size_t>> sweep_staging(WallTime older_than, bool dry_run) = 0;
  virtual Task<Result<std::uint64_t>> free_bytes() = 0;
};

}  // namespace holdfast
