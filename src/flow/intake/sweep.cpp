#include "flow/intake/sweep.hpp"

#include "flow/queue/artifact.hpp"

namespace holdfast::intake {
namespace {

constexpr milliseconds kEvery = std::chrono::hours{1};
constexpr milliseconds kCertainAfter = std::chrono::minutes{59};  ///< so that the next pass finds it old enough
constexpr unsigned kPage = 200;

/// The stored files by name, and which of them some job needs. One bit a file on top of the list: there may be
/// very many.
struct Inventory {
  explicit Inventory(std::vector<StoredBlob> blobs) : stored{std::move(blobs)}, needed(stored.size(), false) {
    std::ranges::sort(stored, {}, &StoredBlob::id);
  }
  void need(const BlobId& id) {
    const auto at = std::ranges::lower_bound(stored, id, {}, &StoredBlob::id);
    if (at != stored.end() && at->id == id) needed[static_cast<std::size_t>(at - stored.begin())] = true;
  }
  void need_files_of(const Job& job) {
    if (job.discarded.empty()) need(job.input.blob);
    const auto audio = queue::converted_audio(job);
    if (audio && !queue::artifacts_over(job)) need(audio->id);
  }

  [[nodiscard]] std::vector<BlobId> orphans() const {
    std::vector<BlobId> found;
    for (std::size_t i = 0; i < stored.size(); ++i) {
      if (!needed[i]) found.push_back(stored[i].id);
    }
    return found;
  }

  std::vector<StoredBlob> stored;
  std::vector<bool> needed;
};

Task<Result<void>> ask_jobs(EngineState* engine, Inventory* inventory) {
  Query query{.limit = kPage};
  for (;;) {
    HF_CO_TRY(const auto jobs, co_await engine->deps.store.list(query));
    for (const Job& job : jobs) inventory->need_files_of(job);
    if (jobs.size() < kPage) co_return Result<void>{};
    query.before = jobs.back().id;
  }
}

/// Old enough: no upload takes so long between the naming of its file and the record of its job.
bool is_certain(EngineState* engine, const BlobId& id) {
  const auto seen = engine->suspects.find(id);
  return seen != engine->suspects.end() && engine->deps.clock.mono_now() - seen->second >= kCertainAfter;
}

/// Keeps when each was first seen, and forgets those that some job needs after all.
void suspect(EngineState* engine, const std::vector<BlobId>& orphans) {
  std::map<BlobId, MonoTime> now;
  for (const BlobId& id : orphans) {
    const auto seen = engine->suspects.find(id);
    now.emplace(id, seen == engine->suspects.end() ? engine->deps.clock.mono_now() : seen->second);
  }
  engine->suspects = std::move(now);
}

}  // namespace

Task<Result<Swept>> sweep_once(EngineState* engine, bool dry_run) {
  Swept swept;
  const WallTime old = engine->deps.clock.wall_now() - kEvery;
  if (!dry_run) {
    HF_CO_TRY(swept.staged, co_await engine->deps.blobs.sweep_staging(old));
  }
  // Blobs are listed before jobs: a blob whose job is recorded in between is then seen as needed.
  HF_CO_TRY(auto blobs, co_await engine->deps.blobs.list());
  Inventory inventory{std::move(blobs)};
  HF_CO_TRY_VOID(co_await ask_jobs(engine, &inventory));
  std::vector<BlobId> orphans = inventory.orphans();
  suspect(engine, orphans);
  for (const BlobId& id : orphans) {
    const bool certain = is_certain(engine, id);
    (certain ? swept.orphans : swept.suspects) += 1;
    if (!certain || dry_run) continue;
    HF_CO_TRY_VOID(co_await engine->deps.blobs.remove(id));
    engine->suspects.erase(id);
  }
  co_return swept;
}

Task<void> sweep(EngineState* engine) {
  while (!engine->draining) {
    (void)co_await sweep_once(engine, false);  // what a pass could not do the next one does
    if (engine->draining) co_return;
    const auto slept = co_await engine->deps.clock.sleep_until(engine->deps.clock.mono_now() + kEvery);
    if (!slept) co_return;
  }
}

}  // namespace holdfast::intake
