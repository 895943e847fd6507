#include "flow/similar/worker_embedder.hpp"

#include <utility>

#include "ports/embedding_body.hpp"

namespace holdfast::similar {
namespace {

/// A worker says how far it is, at most so often; more is a broken one.
constexpr unsigned kEventsMax = 10'000;

Task<Result<Finished>> last_event(WorkRun* run) {
  for (unsigned events = 0; events < kEventsMax; ++events) {
    HF_CO_TRY(auto event, co_await run->next());
    if (auto* finished = std::get_if<Finished>(&event)) co_return std::move(*finished);
  }
  co_return fail(ErrorClass::transient, "HF-EMB-03", "the embedding has no end");
}

}  // namespace

Task<Result<Embeddings>> WorkerEmbedder::embed(std::vector<std::string> texts) {
  HF_CO_TRY_VOID(check_texts(texts));
  WorkRequest request{.worker = WorkerKind::embedding,
                      .body = make_embedding_request(texts),
                      .time_max = limits_.time_max,
                      .silence_max = limits_.silence_max};
  auto starting = pool_.start(std::move(request));
  HF_CO_TRY(const auto run, co_await std::move(starting));
  auto working = last_event(run.get());
  HF_CO_TRY(const Finished finished, co_await std::move(working));
  auto made = read_embedding_answer(finished.body, texts.size());
  run->judge(made ? nullptr : &made.error());
  co_return made;
}

}  // namespace holdfast::similar
