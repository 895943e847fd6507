#include "flow/similar/neighbours.hpp"

#include <algorithm>

#include "core/similar/likeness.hpp"

namespace holdfast::similar {
namespace {

std::string space_of(const Job& job, const std::string& stage) { return job.recipe + '/' + stage; }

/// The result that the stage made in its own way; empty: there is none.
std::string own_result(const ItemRecord& record, const StageConfig& stage) {
  const auto done = std::ranges::find(record.job.stages, stage.name, &StageRecord::name);
  if (done == record.job.stages.end() || done->state != StageState::completed) return {};
  if (done->fallback && done->fallback->strategy != "exact") return {};
  const auto made = std::ranges::find(record.results, stage.result, &StoredResult::name);
  return made != record.results.end() ? made->json : std::string{};
}

}  // namespace

bool compares(const StageConfig& stage) {
  return std::ranges::find(stage.fallbacks, "similar", &FallbackStep::strategy) != stage.fallbacks.end();
}

bool compares(const RecipeBook& recipes) {
  return std::ranges::any_of(recipes, [](const auto& named) {
    return std::ranges::any_of(named.second.stages, [](const StageConfig& stage) { return compares(stage); });
  });
}

Task<Result<std::optional<Neighbour>>> Neighbours::find(Job job, StageConfig stage, double similarity_min) {
  const Place place{.space = space_of(job, stage.name), .owner = job.owner};
  auto looking = deps_.shelf.nearest(place, job.input.payload, kReadMax, similarity_min);
  HF_CO_TRY(const auto nearest, co_await std::move(looking));
  for (const Found& near : nearest) {
    if (near.item == job.id) continue;
    HF_CO_TRY(const auto record, co_await deps_.jobs.record(near.item));
    if (!record) {
      deps_.shelf.forget(place, near.id);
      continue;
    }
    const std::string& earlier = record->job.input.payload;
    if (record->job.owner != job.owner || earlier.empty()) continue;
    if (!may_answer(job.input.payload, earlier).may_answer()) continue;
    std::string result = own_result(*record, stage);
    if (result.empty()) continue;
    co_return Neighbour{.request = earlier,
                        .similarity = std::min(near.similarity, 1.0),
                        .made_at = near.made_at,
                        .result = std::move(result)};
  }
  co_return std::optional<Neighbour>{};
}

Task<Result<void>> Neighbours::remember(Job job, std::string stage) {
  ShelvedText text{.item = job.id, .space = space_of(job, stage), .subject = "request", .text = job.input.payload};
  text.stage = std::move(stage);
  co_return co_await deps_.shelf.put(std::move(text));
}

}  // namespace holdfast::similar
