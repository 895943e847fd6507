#include "flow/views/downshift_view.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace holdfast::views {
namespace {

namespace json = boost::json;

Recipe a_recipe() {
  Recipe recipe{.name = "fragrance"};
  recipe.stages = {{.name = "qwen"}, {.name = "llama", .gives = "hints"}};
  recipe.modes = {{.name = "creative", .stages = {"qwen", "llama"}},
                  {.name = "fast", .stages = {"qwen"}, .latency = "5 s", .quality = "good"},
                  {.name = "fallback", .latency = "at once", .quality = "low"}};
  return recipe;
}

constexpr WallTime kEnd{milliseconds{1'000'000}};

Job a_job() {
  Job job{.recipe = "fragrance", .requested_mode = "creative", .mode = "creative"};
  job.stages = {{.name = "upload", .kind = "upload", .state = StageState::completed},
                {.name = "qwen", .kind = "generate", .title = "Writing", .state = StageState::completed},
                {.name = "llama", .kind = "generate", .title = "Hints", .state = StageState::completed}};
  for (StageRecord& stage : job.stages) stage.finished_at = kEnd;
  job.stages[1].output = R"({"model":"qwen2.5"})";
  job.stage = 3;
  return job;
}

TEST(DownshiftView, FG_2_WhatWasDoneAsAskedSaysNothing) {
  EXPECT_TRUE(downshift_value(a_job(), a_recipe()).is_null());
  const auto metadata = metadata_value(a_job(), a_recipe());
  EXPECT_EQ(json::serialize(metadata),
            R"({"model":"qwen2.5","reliability":"high","warning":null,"similarity":null,"age_s":null})");
}

TEST(DownshiftView, FG_2_ALesserModeIsToldWithReasonAndImpact) {
  Job job = a_job();
  job.mode = "fast";
  job.stages[2].fallback = Fallback{.strategy = "template", .cause = "HF-LLM-01", .reliability = "medium"};

  const auto told = downshift_value(job, a_recipe()).as_object();

  EXPECT_EQ(told.at("warning"), "Done in mode \"fast\" instead of \"creative\".");
  EXPECT_TRUE(told.at("reason").as_string().starts_with("Hints: ")) << told.at("reason");
  EXPECT_TRUE(told.at("reason").as_string().ends_with("(HF-LLM-01)"));
  EXPECT_EQ(json::serialize(told.at("impact")), R"({"latency":"5 s","quality":"good","lost":["hints"]})");
  EXPECT_EQ(told.at("stages").at(0).at("strategy"), "template");
  EXPECT_EQ(metadata_value(job, a_recipe()).at("reliability"), "high") << "the first result is a model's";
}

TEST(DownshiftView, FG_3_ASimilarAnswerTellsWhatItAnsweredHowLikeAndHowOldItIs) {
  Job job = a_job();
  job.mode = "fallback";
  job.stages[1].output.clear();
  job.stages[1].fallback = Fallback{.strategy = "similar",
                                    .cause = "HF-ENG-03",
                                    .reliability = "medium",
                                    .similarity = 0.875,
                                    .answered = "a fresh summer scent",
                                    .made_at = kEnd - milliseconds{90'500}};

  const auto stage = downshift_value(job, a_recipe()).at("stages").at(0).as_object();
  EXPECT_EQ(stage.at("similarity"), 0.875);
  EXPECT_EQ(stage.at("answered"), "a fresh summer scent");
  EXPECT_EQ(stage.at("age_s"), 90);
  const auto metadata = metadata_value(job, a_recipe()).as_object();
  EXPECT_TRUE(metadata.at("model").is_null());
  EXPECT_EQ(metadata.at("reliability"), "medium");
  EXPECT_EQ(metadata.at("similarity"), 0.875);
  EXPECT_TRUE(metadata.at("warning").is_string());
}

TEST(DownshiftView, FG_6_TheSameAnswerAsBeforeIsNoLesserOneButTellsItsAge) {
  Job job = a_job();
  job.stages[1].fallback =
      Fallback{.strategy = "exact", .reliability = "high", .made_at = kEnd - milliseconds{5'000}};

  EXPECT_TRUE(downshift_value(job, a_recipe()).is_null());
  const auto metadata = metadata_value(job, a_recipe()).as_object();
  EXPECT_EQ(metadata.at("age_s"), 5);
  EXPECT_TRUE(metadata.at("warning").is_null());
}

TEST(DownshiftView, FG_6_AnEarlierAnswerInTheLastResortSaysThatNothingElseAnswers) {
  Job job = a_job();
  job.mode = "fallback";
  job.stages[1].fallback = Fallback{.strategy = "exact"};

  const auto told = downshift_value(job, a_recipe()).as_object();
  EXPECT_TRUE(told.at("stages").as_array().empty());
  EXPECT_TRUE(told.at("reason").as_string().starts_with("Nothing that this needs answers"));
}

TEST(DownshiftView, FG_14_ASmallerModelIsAReasonAndLeavesNothingOut) {
  Job job = a_job();
  job.mode = "fast";
  job.stages[2].fallback =
      Fallback{.strategy = std::string{kSmallerModel}, .cause = "HF-ENG-04", .reliability = "medium"};
  const auto told = downshift_value(job, a_recipe()).as_object();
  EXPECT_TRUE(told.at("reason").as_string().ends_with("(HF-ENG-04)")) << told.at("reason");
  EXPECT_TRUE(told.at("impact").at("lost").as_array().empty()) << "it is all there";
  EXPECT_EQ(told.at("stages").at(0).at("strategy"), "smaller");
}

TEST(DownshiftView, ARecipeWithOneWayHasNeither) {
  EXPECT_TRUE(downshift_value(a_job(), Recipe{}).is_null());
  EXPECT_TRUE(metadata_value(a_job(), Recipe{}).is_null());
}

}  // namespace
}  // namespace holdfast::views
