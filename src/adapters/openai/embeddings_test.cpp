#include "adapters/openai/embeddings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json.hpp>

#include "adapters/openai/fake_endpoint.hpp"
#include "adapters/openai/openai_workers.hpp"
#include "ports/embedding_body.hpp"

namespace holdfast::openai {
namespace {

namespace json = boost::json;
using Act = Scripted::Act;
using testing::HasSubstr;

Scripted says(int status, const std::string& body, const std::string& headers = {}) {
  return {.bytes = http_answer(status, body, headers)};
}

std::string listed(const std::string& entries) { return R"({"model":"big-embedder","data":[)" + entries + "]}"; }

template <class T>
T run(Task<T> task) {
  static asio::io_context io;  // outlives the pools, whose lines are of it
  io.restart();
  auto result = asio::co_spawn(io, std::move(task), asio::use_future);
  io.run();
  return result.get();
}

OpenAiConfig config_of(const FakeEndpoint& endpoint) {
  return {.base_url = endpoint.base_url(), .model = "m", .serves = WorkerKind::embedding};
}

Task<Result<Finished>> ask_once(WorkerPool* pool, WorkRequest request) {
  auto starting = pool->start(std::move(request));
  HF_CO_TRY(auto work_run, co_await std::move(starting));
  HF_CO_TRY(auto event, co_await work_run->next());
  co_return std::get<Finished>(std::move(event));
}

WorkRequest work(const std::vector<std::string>& texts = {"a", "b"}) {
  return {.worker = WorkerKind::embedding, .body = make_embedding_request(texts)};
}

Result<Finished> ask(const FakeEndpoint& endpoint, WorkRequest request = work()) {
  auto pool = OpenAiWorkers::make(config_of(endpoint));
  return run(ask_once(pool->get(), std::move(request)));
}

TEST(Embeddings, FG_3_AsksForVectorsAndGivesTheWorkersAnswerInTheOrderOfTheTexts) {
  FakeEndpoint endpoint{
      {says(200, listed(R"({"index":1,"embedding":[0,2]},{"index":0,"embedding":[3,4]})"))}};

  const auto finished = ask(endpoint);

  ASSERT_TRUE(finished) << finished.error().what();
  const auto request = endpoint.next_request();
  EXPECT_EQ(request.target(), "/v1/embeddings");
  EXPECT_EQ(json::parse(request.body()), json::parse(R"({"model":"m","input":["a","b"],"encoding_format":"float"})"));
  const auto made = read_embedding_answer(finished->body, 2);
  ASSERT_TRUE(made) << made.error().what();
  EXPECT_EQ(made->model, "big-embedder");
  EXPECT_EQ(made->dimension, 2U);
  EXPECT_EQ(made->values, (std::vector<float>{0.6F, 0.8F, 0, 1})) << "of length 1, whoever gave them";
}

struct Fault {
  const char* what;
  Scripted script;
  ErrorClass cls;
  const char* code;
};

TEST(Embeddings, FG_3_EveryFaultOfAnEndpointHasItsClass) {
  using enum ErrorClass;
  const std::string first = R"({"index":0,"embedding":[1,0]})";
  const std::vector<Fault> faults{
      {"busy", says(429, "{}", "Retry-After: 7\r\n"), dependency, "HF-EMB-02"},
      {"fault", says(500, "boom"), transient, "HF-EMB-01"},
      {"being started", says(503, "{}"), dependency, "HF-EMB-01"},
      {"key refused", says(401, "{}"), dependency, "HF-EMB-01"},
      {"not found", says(404, "{}"), transient, "HF-EMB-03"},
      {"closed at once", {.act = Act::close_at_once}, transient, "HF-EMB-01"},
      {"no JSON", says(200, "<html>"), transient, "HF-EMB-03"},
      {"no data", says(200, R"({"data":7})"), transient, "HF-EMB-03"},
      {"one vector too few", says(200, listed(first)), transient, "HF-EMB-03"},
      {"one vector twice", says(200, listed(first + "," + first)), transient, "HF-EMB-03"},
      {"one vector too many", says(200, listed(first + R"(,{"index":1,"embedding":[1,0]},)" + first)), transient,
       "HF-EMB-03"},
      {"of no text", says(200, listed(first + R"(,{"index":2,"embedding":[1,0]})")), transient, "HF-EMB-03"},
      {"a negative number", says(200, listed(first + R"(,{"index":-1,"embedding":[1,0]})")), transient, "HF-EMB-03"},
      {"base64", says(200, listed(first + R"(,{"index":1,"embedding":"AACAPw=="})")), transient, "HF-EMB-03"}};
  for (const auto& fault : faults) {
    FakeEndpoint endpoint{{fault.script}};
    const auto finished = ask(endpoint);
    ASSERT_FALSE(finished) << fault.what;
    EXPECT_EQ(finished.error().error_class(), fault.cls) << fault.what << ": " << finished.error().what();
    EXPECT_EQ(finished.error().code(), fault.code) << fault.what << ": " << finished.error().what();
  }
}

TEST(Embeddings, FG_3_WhatIsNoVectorIsFoundByWhoReadsTheAnswer) {
  for (const char* vectors : {"[[1,0],[1]]", "[[1,0],[0,0]]", "[[1,0],[\"x\",0]]", "[[1,0],[1e999,0]]", "[[1,0],[]]",
                              "[[1,0]]", "[[1,0],7]", "7"}) {
    const auto made = read_embedding_answer(std::string{R"({"model":"m","vectors":)"} + vectors + "}", 2);
    ASSERT_FALSE(made) << vectors;
    EXPECT_EQ(made.error().code(), "HF-EMB-03") << vectors;
  }
}

TEST(Embeddings, FG_3_AnEndpointThatIsToBeLeftAloneIsLeftAloneByItsOwnCode) {
  FakeEndpoint endpoint{{says(429, "{}", "Retry-After: 60\r\n"), says(200, "{}")}};
  const auto pool = OpenAiWorkers::make(config_of(endpoint));
  ASSERT_FALSE(run(ask_once(pool->get(), work())));

  const auto probed = run((*pool)->probe(WorkerKind::embedding));
  const auto refused = run(ask_once(pool->get(), work()));

  EXPECT_EQ(probed.error().code(), "HF-EMB-02");
  EXPECT_EQ(refused.error().code(), "HF-EMB-02");
  EXPECT_EQ((*pool)->status().front().kind, WorkerKind::embedding);
}

TEST(Embeddings, AnEndpointServesWhatItIsThereForAndNothingElse) {
  FakeEndpoint endpoint{{}};
  const auto refusal = ask(endpoint, {.worker = WorkerKind::language, .body = make_embedding_request({{"a"}})});
  EXPECT_EQ(refusal.error().code(), "HF-SRV-01");
  EXPECT_EQ(ask(endpoint, {.worker = WorkerKind::embedding, .body = "{}"}).error().code(), "HF-SRV-01");
  EXPECT_EQ(ask(endpoint, work({})).error().code(), "HF-EMB-04");
  EXPECT_TRUE(run(OpenAiWorkers::make(config_of(endpoint)).value()->probe(WorkerKind::language))) << "not its concern";
}

TEST(Embeddings, TellsHowLongABusyEndpointWantsToBeLeftAlone) {
  FakeEndpoint endpoint{{says(429, "{}", "Retry-After: 7\r\n")}};
  const auto refused = ask(endpoint);
  EXPECT_EQ(refused.error().retry_after(), milliseconds{7000});
  EXPECT_THAT(refused.error().what(), HasSubstr("Retry-After: 7"));
}

}  // namespace
}  // namespace holdfast::openai
