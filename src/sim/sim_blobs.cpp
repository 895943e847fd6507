#include "sim/sim_blobs.hpp"

namespace holdfast::sim {
namespace {

class SimStaging final : public Staging {
 public:
  explicit SimStaging(SimBlobs& blobs) : blobs_{blobs} {}
  Task<Result<void>> append(std::string chunk) override {
    content_ += chunk;
    co_return Result<void>{};
  }
  Task<Result<BlobInfo>> seal() override { return blobs_.put(std::move(content_)); }

 private:
  SimBlobs& blobs_;
  std::string content_;
};

}  // namespace

std::string fake_sha256(std::string_view content) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a
  for (const char byte : content) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3ULL;
  std::string out;
  while (out.size() < 64) out += make_token({hash, ~hash});
  return out;
}

Task<Result<BlobInfo>> SimBlobs::put(std::string content) {
  co_await clock_.nap(milliseconds{static_cast<std::int64_t>(1 + rng_.below(50))});
  BlobInfo info{
      .id = BlobId{make_token(entropy_.roll())}, .bytes = content.size(), .sha256 = fake_sha256(content)};
  shelf_.blobs[info.id] = {info.bytes, info.sha256, clock_.wall_now(), clock_.mono_now() + sync_lag_};
  co_await clock_.nap(milliseconds{static_cast<std::int64_t>(rng_.below(20))});
  co_return info;
}

Task<Result<std::unique_ptr<Staging>>> SimBlobs::open_staging(std::uint64_t /*expected_bytes*/) {
  co_return std::make_unique<SimStaging>(*this);
}

Task<Result<void>> SimBlobs::remove(BlobId id) {
  shelf_.lost_some = true;
  shelf_.blobs.erase(id);
  co_return Result<void>{};
}

Task<Result<BlobInfo>> SimBlobs::measure(BlobId id) {
  const auto blob = shelf_.blobs.find(id);
  if (blob == shelf_.blobs.end()) co_return fail(ErrorClass::not_found, "HF-STO-03", "no such blob");
  co_return BlobInfo{id, blob->second.bytes, blob->second.sha256};
}

Task<Result<std::vector<StoredBlob>>> SimBlobs::list() {
  std::vector<StoredBlob> all;
  for (const auto& [id, entry] : shelf_.blobs) all.push_back({id, entry.bytes, entry.modified});
  co_return all;
}

Task<Result<std::size_t>> SimBlobs::sweep_staging(WallTime /*older_than*/, bool /*dry_run*/) {
  co_return std::size_t{0};
}
Task<Result<std::uint64_t>> SimBlobs::free_bytes() { co_return std::uint64_t{1} << 40U; }

}  // namespace holdfast::sim
