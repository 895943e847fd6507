#pragma once

#include "ports/embedder.hpp"
#include "ports/worker_pool.hpp"

namespace holdfast::similar {

/// Embeds by the pool's worker of that kind, or by the endpoint that stands in for it. `pool` outlives it.
class WorkerEmbedder final : public Embedder {
 public:
  struct Limits {
    milliseconds time_max{30'000};  ///< one request, from when the worker has taken it
    milliseconds silence_max{15'000};
  };
  explicit WorkerEmbedder(WorkerPool& pool) : pool_{pool} {}
  WorkerEmbedder(WorkerPool& pool, Limits limits) : pool_{pool}, limits_{limits} {}

  Task<Result<Embeddings>> embed(std::vector<std::string> texts) override;

 private:
  WorkerPool& pool_;
  Limits limits_{};
};

}  // namespace holdfast::similar
