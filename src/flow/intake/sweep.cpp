#include "flow/intake/sweep.hpp"

#include "flow/queue/artifact.hpp"

namespace holdfast::intake {
namespace {

constexpr milliseconds kEvery = std::chrono::hours{1};
constexpr milliseconds kCertainAfter = std::chrono::minutes{59};  ///< so that the next pass finds it old enough
constexpr unsigned kPage = 200;

/// The stored files by name, and which of them some job needs, or needed and gave up. Two bits a file on top of the
/// list: there may be very many.
struct Inventory {
  explicit Inventory(std::vector<StoredBlob> blobs)
      : stored{std::move(blobs)}, needed(stored.size(), false), given_up(stored.size(), false) {
    std::ranges::sort(stored, {}, &StoredBlob::id);
  }
  void mark(const BlobId& id, std::vector<bool>& as) const {
    const auto at = std::ranges::lower_bound(stored, id, {}, &StoredBlob::id);
    if (at != stored.end() && at->id == id) as[static_cast<std::size_t>(at - stored.begin())] = true;
  }
  void need_files_of(const Job& job) {
    mark(job.input.blob, keeps_file(job) ? needed : given_up);
    const auto audio = queue::converted_audio(job);
    if (audio && !queue::artifacts_over(job)) mark(audio->id, needed);
    if (audio && !keeps_file(job)) mark(audio->id, given_up);
  }

  /// Calls `visit` with each file that no job needs, and whether one says that it gave it up.
  template <class Visit>
  void each_orphan(Visit visit) const {
    for (std::size_t i = 0; i < stored.size(); ++i) {
      if (!needed[i]) visit(stored[i].id, given_up[i]);
    }
  }

  std::vector<StoredBlob> stored;
  std::vector<bool> needed;
  std::vector<bool> given_up;
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
  HF_CO_TRY(swept.staged, co_await engine->deps.blobs.sweep_staging(old, dry_run));
  // Blobs are listed before jobs: a blob whose job is recorded in between is then seen as needed.
  HF_CO_TRY(auto blobs, co_await engine->deps.blobs.list());
  Inventory inventory{std::move(blobs)};
  HF_CO_TRY_VOID(co_await ask_jobs(engine, &inventory));
  std::vector<BlobId> orphans;
  std::vector<bool> given_up;
  inventory.each_orphan([&](const BlobId& id, bool certain) {
    orphans.push_back(id);
    given_up.push_back(certain);
  });
  suspect(engine, orphans);
  for (std::size_t i = 0; i < orphans.size(); ++i) {
    const BlobId& id = orphans[i];
    const bool certain = given_up[i] || is_certain(engine, id);
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
