#include "flow/similar/neighbours.hpp"

#include <algorithm>

#include "core/similar/likeness.hpp"

namespace holdfast::similar {
namespace {

std::string space_of(const Job& job, const std::string& stage) { return job.recipe + '/' + stage; }

struct Candidate {
  ItemId item;
  WallTime made_at{};
  double similarity = 0;
};

double product(std::span<const float> left, std::span<const Half> right) {
  if (left.size() != right.size()) return -1;
  double sum = 0;
  for (std::size_t i = 0; i < left.size(); ++i) sum += double{left[i]} * double{to_float(right[i])};
  return sum;
}

/// The owner's vectors that are near enough, the nearest first, of equally near ones the newer first.
Task<Result<std::vector<Candidate>>> near_enough(VectorStore* store, VectorQuery query, std::vector<float> to,
                                                 double least) {
  std::vector<Candidate> found;
  for (std::size_t seen = 0; seen < Neighbours::kLookedAtMax;) {
    HF_CO_TRY(const auto page, co_await store->load(query));
    for (const StoredVector& stored : page) {
      const double similarity = product(to, stored.made.vector);
      if (similarity >= least) found.push_back({stored.item, stored.made_at, similarity});
    }
    if (page.size() < query.limit) break;
    seen += page.size();
    query.after = page.back().id;
  }
  std::ranges::sort(found, [](const Candidate& a, const Candidate& b) {
    return a.similarity != b.similarity ? a.similarity > b.similarity : a.made_at > b.made_at;
  });
  if (found.size() > Neighbours::kReadMax) found.resize(Neighbours::kReadMax);
  co_return found;
}

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
  std::vector<std::string> texts{job.input.payload};
  HF_CO_TRY(const Embeddings asked, co_await deps_.embedder.embed(std::move(texts)));
  VectorQuery query{.space = space_of(job, stage.name), .model = asked.model, .owner = job.owner};
  const auto row = asked.row(0);
  auto looking = near_enough(&deps_.vectors, std::move(query), {row.begin(), row.end()}, similarity_min);
  HF_CO_TRY(const auto candidates, co_await std::move(looking));
  for (const Candidate& candidate : candidates) {
    if (candidate.item == job.id) continue;
    HF_CO_TRY(const auto record, co_await deps_.jobs.record(candidate.item));
    if (!record || record->job.owner != job.owner) continue;
    const std::string& earlier = record->job.input.payload;
    if (earlier.empty() || !may_answer(job.input.payload, earlier).may_answer()) continue;
    std::string result = own_result(*record, stage);
    if (result.empty()) continue;
    co_return Neighbour{.item = candidate.item,
                        .request = earlier,
                        .similarity = std::min(candidate.similarity, 1.0),
                        .made_at = candidate.made_at,
                        .result = std::move(result)};
  }
  co_return std::optional<Neighbour>{};
}

Task<Result<void>> Neighbours::remember(Job job, std::string stage) {
  std::vector<std::string> texts{job.input.payload};
  HF_CO_TRY(const Embeddings made, co_await deps_.embedder.embed(std::move(texts)));
  std::vector<NewVector> vectors;
  vectors.push_back({.space = space_of(job, stage),
                     .stage = std::move(stage),
                     .subject = "request",
                     .model = made.model,
                     .vector = to_halves(made.row(0))});
  co_return co_await deps_.vectors.put(job.id, std::move(vectors));
}

}  // namespace holdfast::similar
