#include "flow/intake/sweep.hpp"

#include "flow/queue/artifact.hpp"

namespace holdfast::intake {
namespace {

constexpr milliseconds kEvery = std::chrono::hours{1};
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
    need(job.input.blob);
    const auto audio = queue::converted_audio(job);
    if (audio && !queue::artifacts_over(job)) need(audio->id);
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

}  // namespace

Task<Result<std::set<BlobId>>> sweep_once(EngineState* engine, std::set<BlobId> suspects) {
  HF_CO_TRY_VOID(co_await engine->deps.blobs.sweep_staging(engine->deps.clock.wall_now() - kEvery));
  // Blobs are listed before jobs: a blob whose job is recorded in between is then seen as needed.
  HF_CO_TRY(auto blobs, co_await engine->deps.blobs.list());
  Inventory inventory{std::move(blobs)};
  HF_CO_TRY_VOID(co_await ask_jobs(engine, &inventory));
  std::set<BlobId> orphans;
  for (std::size_t i = 0; i < inventory.stored.size(); ++i) {
    if (inventory.needed[i]) continue;
    const BlobId& id = inventory.stored[i].id;
    if (!suspects.contains(id)) {
      orphans.insert(id);
      continue;
    }
    HF_CO_TRY_VOID(co_await engine->deps.blobs.remove(id));
  }
  co_return orphans;
}

Task<void> sweep(EngineState* engine) {
  std::set<BlobId> suspects;
  while (!engine->draining) {
    auto found = co_await sweep_once(engine, suspects);  // what a pass could not do the next one does
    if (found) suspects = std::move(*found);
    if (engine->draining) co_return;
    const auto slept = co_await engine->deps.clock.sleep_until(engine->deps.clock.mono_now() + kEvery);
    if (!slept) co_return;
  }
}

}  // namespace holdfast::intake
