#pragma once

#include <map>

#include "ports/blob_store.hpp"
#include "ports/entropy.hpp"
#include "sim/sim_clock.hpp"

namespace holdfast::sim {

/// The shared disk: what is on it survives a crash only if it was synced in time.
struct Shelf {
  struct Entry {
    std::uint64_t bytes = 0;
    std::string sha256;
    WallTime modified{};
    MonoTime durable_at{};
  };
  std::map<BlobId, Entry> blobs;
  bool lost_some = false;  ///< something went since the checker looked last

  /// A power cut: what was not durable by now is gone.
  void cut(MonoTime now) {
    lost_some = true;
    std::erase_if(blobs, [now](const auto& blob) { return blob.second.durable_at > now; });
  }
};

/// A stand-in for SHA-256 that tells contents apart.
std::string fake_sha256(std::string_view content);

class SimBlobs final : public BlobStore {
 public:
  SimBlobs(Shelf& shelf, SimClock& clock, Entropy& entropy, Rng& rng, milliseconds sync_lag)
      : shelf_{shelf}, clock_{clock}, entropy_{entropy}, rng_{rng}, sync_lag_{sync_lag} {}

  Task<Result<std::unique_ptr<Staging>>> open_staging(std::uint64_t expected_bytes) override;
  Task<Result<void>> remove(BlobId id) override;
  Task<Result<BlobInfo>> measure(BlobId id) override;
  Task<Result<std::vector<StoredBlob>>> list() override;
  Task<Result<std::size_t>> sweep_staging(WallTime older_than, bool dry_run) override;
  Task<Result<std::uint64_t>> free_bytes() override;

  /// Puts content on the shelf under a new name. `sync_lag`: how long after the answer it is durable (a
  /// planted bug; 0).
  Task<Result<BlobInfo>> put(std::string content);

 private:
  Shelf& shelf_;
  SimClock& clock_;
  Entropy& entropy_;
  Rng& rng_;
  milliseconds sync_lag_;
};

}  // namespace holdfast::sim
