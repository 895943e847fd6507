#include "flow/recovery/by_hand.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace holdfast::recovery {
namespace {

namespace json = boost::json;

Recipe recipe() {
  Recipe made{.name = "introductions"};
  made.stages = {{.name = "upload", .kind = "upload"},
                 {.name = "stt", .kind = "transcribe"},
                 {.name = "mistral", .kind = "generate", .result = "form"}};
  return made;
}

Job dead() {
  Job job{.id = ItemId{"itm_1"}, .status = JobStatus::failed, .duration_ms = 4'500};
  job.stages = {{.name = "upload", .kind = "upload", .state = StageState::completed},
                {.name = "stt", .kind = "transcribe"},
                {.name = "mistral", .kind = "generate"}};
  job.stage = 1;
  return job;
}

Result<decide::ByHand> made_of(const char* entered) {
  return by_hand(dead(), recipe(), json::parse(entered).as_object(), {.who = "root", .at = WallTime{}});
}

std::string refusal(const char* entered) {
  const auto made = made_of(entered);
  return made ? "" : made.error().code();
}

TEST(ByHand, LAB_13_EachResultSaysWhoEnteredItAndWhen) {
  const auto made = made_of(R"({"transcript":{"text":"Hello.","language":"en"},"form":{"name":"Ana"}})");

  ASSERT_TRUE(made.has_value());
  ASSERT_EQ(made->results.size(), 2U);
  EXPECT_EQ(made->results[0].stage + "/" + made->results[0].name, "stt/transcript");
  EXPECT_EQ(made->results[1].stage + "/" + made->results[1].name, "mistral/form");
  for (const NamedResult& result : made->results) {
    const json::value mark = json::parse(result.json).at("by_hand");
    EXPECT_EQ(mark.at("operator"), "root");
    EXPECT_EQ(mark.at("at"), "1970-01-01T00:00:00.000Z");
  }
  EXPECT_EQ(json::parse(made->results[0].json).at("language"), "en");
  EXPECT_EQ(json::parse(made->results[1].json).at("name"), "Ana");
  ASSERT_EQ(made->segments.size(), 1U);
  EXPECT_EQ(made->segments[0].text, "Hello.");
  EXPECT_EQ(made->segments[0].end_ms, 4'500) << "one for the whole recording";
}

TEST(ByHand, FR_9_MemoriesAreTakenAsTheListTheyAre) {
  Recipe remembering = recipe();
  remembering.stages.back().shape = "action_items";
  const auto entered = [&](const char* text) {
    return by_hand(dead(), remembering, json::parse(text).as_object(), {.who = "root", .at = WallTime{}});
  };

  const auto made = entered(R"({"form":{"items":[{"text":"Call Ana.","owner":"Bob","segments":[3]}]}})");

  ASSERT_TRUE(made.has_value());
  ASSERT_EQ(made->results[0].extractions.size(), 1U);
  EXPECT_EQ(made->results[0].extractions[0].owner, "Bob");
  EXPECT_EQ(made->results[0].extractions[0].kind, ExtractionKind::action);
  EXPECT_TRUE(made->results[0].extractions[0].segments.empty()) << "nobody has looked whether it was said there";
  EXPECT_EQ(json::parse(made->results[0].json).at("by_hand").at("operator"), "root");
  for (const char* bad : {R"({"form":{}})", R"({"form":{"items":[{"owner":"Bob"}]}})", R"({"form":{"items":["a"]}})"})
    EXPECT_FALSE(entered(bad)) << bad;
}

TEST(ByHand, LAB_13_SegmentsAreTakenAsTheyAreEntered) {
  const auto made = made_of(
      R"({"transcript":{"segments":[{"start_s":0,"end_s":1.5,"text":"a"},{"start_s":1.5,"end_s":2,"text":"b"}]}})");

  ASSERT_TRUE(made.has_value());
  ASSERT_EQ(made->segments.size(), 2U);
  EXPECT_EQ(made->segments[1].start_ms, 1'500);
}

TEST(ByHand, LAB_13_WhatDoesNotFitIsRefused) {
  EXPECT_EQ(refusal(R"({"dance":{}})"), "HF-ITM-08");
  EXPECT_EQ(refusal(R"({"form":"Ana"})"), "HF-ITM-08");
  EXPECT_EQ(refusal(R"({"transcript":{}})"), "HF-ITM-08");
  EXPECT_EQ(refusal(R"({"transcript":{"segments":[]}})"), "HF-ITM-08");
  EXPECT_EQ(refusal(R"({"transcript":{"segments":[{"start_s":2,"end_s":1,"text":"a"}]}})"), "HF-ITM-08");
  EXPECT_EQ(refusal(R"({"transcript":{"segments":[{"start_s":-1,"end_s":1,"text":"a"}]}})"), "HF-ITM-08");
  EXPECT_EQ(refusal(R"({"transcript":{"segments":[{"start_s":0,"end_s":1e300,"text":"a"}]}})"), "HF-ITM-08");
  EXPECT_EQ(refusal(R"({"transcript":{"segments":[{"start_s":0,"end_s":1}]}})"), "HF-ITM-08");
  EXPECT_EQ(
      refusal(R"({"transcript":{"segments":[{"start_s":0,"end_s":2,"text":"a"},{"start_s":1,"end_s":3,"text":"b"}]}})"),
      "HF-ITM-08");
}

}  // namespace
}  // namespace holdfast::recovery
