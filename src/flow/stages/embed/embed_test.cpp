#include "flow/stages/embed/embed.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace holdfast::stages {
namespace {

namespace json = boost::json;

StageInput a_call(const std::string& text) {
  StageInput input{.config = {.name = "embed", .kind = "embed", .result = "embeddings"}};
  input.job.input.payload = text;
  input.job.stages = {{.name = "upload", .kind = "upload"}, {.name = "embed", .kind = "embed"}};
  input.job.stage = 1;
  return input;
}

TEST(Embed, AsksForAVectorOfEachText) {
  const auto plan = Embed{}.prepare(a_call(to_embed_text("mini", {"one", "two"})));
  const auto& request = std::get<WorkRequest>(plan.value());
  EXPECT_EQ(request.worker, WorkerKind::embedding);
  EXPECT_EQ(json::parse(request.body).at("texts"), (json::array{"one", "two"}));

  const auto plain = Embed{}.prepare(a_call("a text of another origin"));
  EXPECT_EQ(json::parse(std::get<WorkRequest>(plain.value()).body).at("texts").at(0), "a text of another origin");
}

TEST(Embed, WhatCannotBeEmbeddedIsRefusedForGood) {
  for (const char* text : {R"({"input":[]})", R"({"input":[""]})", R"({"input":[7]})"}) {
    const auto plan = Embed{}.prepare(a_call(text));
    ASSERT_FALSE(plan) << text;
    EXPECT_EQ(plan.error().code(), "HF-EMB-04");
  }
}

TEST(Embed, PublishesTheVectorsAsBytes) {
  const auto outcome = Embed{}.conclude(a_call(to_embed_text("mini", {"one", "two"})),
                                        Finished{.body = R"({"model":"m","vectors":[[1,0],[0,-1]],"cut":1})"});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->publish.at(0).json,
            R"({"model":"m","dimension":2,"cut":1,"vectors":"AACAPwAAAAAAAAAAAACAvw=="})");
  EXPECT_EQ(outcome->warnings.size(), 1U);
}

TEST(Embed, AnAnswerThatCannotBeUsedIsTriedAgain) {
  for (const char* body : {"", "{}", R"({"model":"m","vectors":[[1,0]]})", R"({"model":"m","vectors":[[1],[0,1]]})",
                           R"({"model":"m","vectors":[[0,0],[1,0]]})"}) {
    const auto outcome = Embed{}.conclude(a_call(to_embed_text("mini", {"one", "two"})), Finished{.body = body});
    ASSERT_FALSE(outcome) << body;
    EXPECT_EQ(outcome.error().code(), "HF-EMB-03");
  }
}

}  // namespace
}  // namespace holdfast::stages
