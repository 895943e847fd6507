#include "flow/intake/sweep.hpp"

#include "flow/queue/artifact.hpp"

namespace holdfast::intake {
namespace {

constexpr milliseconds kEvery = std::chrono::hours{1};
constexpr unsigned kPage = 200;

void note_blobs(const Job& job, std::set<BlobId>* used) {
  if (!job.input.blob.empty()) used->insert(job.input.blob);
  const auto audio = queue::converted_audio(job);
  if (audio && !queue::artifacts_over(job)) used->insert(audio->id);
}

Task<Result<std::set<BlobId>>> used_blobs(EngineState* engine) {
  std::set<BlobId> used;
  Query query{.limit = kPage};
  for (;;) {
    HF_CO_TRY(const auto jobs, co_await engine->deps.store.list(query));
    for (const Job& job : jobs) note_blobs(job, &used);
    if (jobs.size() < kPage) co_return used;
    query.before = jobs.back().id;
  }
}

}  // namespace

Task<Result<std::set<BlobId>>> sweep_once(EngineState* engine, std::set<BlobId> suspects) {
  HF_CO_TRY_VOID(co_await engine->deps.blobs.sweep_staging(engine->deps.clock.wall_now() - kEvery));
  // Blobs are listed before jobs: a blob whose job is recorded in between is then seen as used.
  HF_CO_TRY(const auto blobs, co_await engine->deps.blobs.list());
  HF_CO_TRY(const auto used, co_await used_blobs(engine));
  std::set<BlobId> orphans;
  for (const StoredBlob& blob : blobs) {
    if (used.contains(blob.id)) continue;
    if (!suspects.contains(blob.id)) {
      orphans.insert(blob.id);
      continue;
    }
    HF_CO_TRY_VOID(co_await engine->deps.blobs.remove(blob.id));
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
