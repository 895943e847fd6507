#include "flow/similar/worker_embedder.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <deque>

#include "ports/embedding_body.hpp"

namespace holdfast::similar {
namespace {

/// Gives the events that it was told to, and keeps what it was asked and how it was judged.
class ScriptedPool final : public WorkerPool {
 public:
  class Run final : public WorkRun {
   public:
    explicit Run(ScriptedPool& pool) : pool_{pool} {}
    Task<Result<WorkEvent>> next() override {
      Result<WorkEvent> event = std::move(pool_.events.front());
      pool_.events.pop_front();
      co_return event;
    }
    void judge(const Error* unusable) override { pool_.judged = unusable == nullptr ? "well" : unusable->code(); }

   private:
    ScriptedPool& pool_;
  };
  Task<Result<std::unique_ptr<WorkRun>>> start(WorkRequest request) override {
    asked.push_back(std::move(request));
    if (refusal) co_return std::unexpected{*refusal};
    co_return std::make_unique<Run>(*this);
  }
  Task<Result<void>> probe(WorkerKind) override { co_return Result<void>{}; }
  std::vector<WorkerStatus> status() override { return {}; }

  std::deque<Result<WorkEvent>> events;
  std::optional<Error> refusal;
  std::vector<WorkRequest> asked;
  std::string judged;
};

class WorkerEmbedderTest : public testing::Test {
 protected:
  Result<Embeddings> embed(std::vector<std::string> texts) {
    asio::io_context io;
    WorkerEmbedder embedder{pool_};
    auto made = asio::co_spawn(io, embedder.embed(std::move(texts)), asio::use_future);
    io.run();
    return made.get();
  }
  void finish(std::string body) { pool_.events.emplace_back(WorkEvent{Finished{.body = std::move(body)}}); }

  ScriptedPool pool_;
};

TEST_F(WorkerEmbedderTest, FG_3_AsksTheWorkerForItsKindAndReadsItsVectors) {
  pool_.events.emplace_back(WorkEvent{Progress{0.5}});
  finish(R"({"model":"minilm","vectors":[[1,0],[0,2]],"cut":0})");

  const auto made = embed({"a", "b"});

  ASSERT_TRUE(made) << made.error().what();
  EXPECT_EQ(made->model, "minilm");
  EXPECT_EQ(made->count(), 2U);
  EXPECT_EQ(made->values, (std::vector<float>{1, 0, 0, 1}));
  ASSERT_EQ(pool_.asked.size(), 1U);
  EXPECT_EQ(pool_.asked[0].worker, WorkerKind::embedding);
  EXPECT_EQ(read_embedding_request(pool_.asked[0].body).value(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(pool_.judged, "well");
}

TEST_F(WorkerEmbedderTest, FG_3_WhatCannotBeUsedIsToldToWhoeverWatchesTheWorker) {
  finish(R"({"model":"minilm","vectors":[[1,0]]})");

  EXPECT_EQ(embed({"a", "b"}).error().code(), "HF-EMB-03");
  EXPECT_EQ(pool_.judged, "HF-EMB-03");
}

TEST_F(WorkerEmbedderTest, FG_3_NothingIsAskedThatCannotBeAnsweredAndRefusalsComeThrough) {
  EXPECT_EQ(embed({}).error().code(), "HF-EMB-04");
  EXPECT_EQ(embed({"a", " "}).error().code(), "HF-EMB-04");
  EXPECT_TRUE(pool_.asked.empty());

  pool_.refusal = Error{ErrorClass::dependency, "HF-EMB-05", "missing"};
  EXPECT_EQ(embed({"a"}).error().code(), "HF-EMB-05");
}

}  // namespace
}  // namespace holdfast::similar
