#include "core/mode/mode.hpp"

#include <gtest/gtest.h>

#include <array>


namespace holdfast::modes {
namespace {

std::vector<Mode> fragrance() {
  return {{.name = "creative", .stages = {"qwen", "mistral", "llama"}},
          {.name = "balanced", .stages = {"qwen", "mistral"}},
          {.name = "fast", .stages = {"qwen"}},
          {.name = "fallback"},
          {.name = "emergency", .last_resort = true}};
}

std::string chosen(std::string_view requested, const Stages& out) {
  const auto modes = fragrance();
  return modes[choose(modes, requested, {.out = out})].name;
}

struct Row {
  bool qwen, mistral, llama;
  /// What is done where creative, balanced, fast, fallback, emergency was asked for.
  std::array<std::string_view, 5> done;
};

TEST(Mode, FG_2_TheModeFollowsFromWhatWasAskedAndWhatIsThere) {
  const std::array<Row, 8> table{{
      {true, true, true, {"creative", "balanced", "fast", "fallback", "emergency"}},
      {true, true, false, {"balanced", "balanced", "fast", "fallback", "emergency"}},
      {true, false, true, {"fast", "fast", "fast", "fallback", "emergency"}},
      {true, false, false, {"fast", "fast", "fast", "fallback", "emergency"}},
      {false, true, true, {"fallback", "fallback", "fallback", "fallback", "emergency"}},
      {false, true, false, {"fallback", "fallback", "fallback", "fallback", "emergency"}},
      {false, false, true, {"fallback", "fallback", "fallback", "fallback", "emergency"}},
      {false, false, false, {"emergency", "emergency", "emergency", "emergency", "emergency"}},
  }};
  const auto modes = fragrance();
  for (const Row& row : table) {
    Stages out;
    if (!row.qwen) out.insert("qwen");
    if (!row.mistral) out.insert("mistral");
    if (!row.llama) out.insert("llama");
    for (std::size_t i = 0; i < modes.size(); ++i) {
      EXPECT_EQ(chosen(modes[i].name, out), row.done[i])
          << "asked for " << modes[i].name << ", there: qwen " << row.qwen << ", mistral " << row.mistral << ", llama "
          << row.llama;
    }
  }
}

TEST(Mode, FG_2_WithoutAModeTheFullestIsMeant) {
  EXPECT_EQ(chosen("", {}), "creative");
  EXPECT_EQ(chosen("", {"llama"}), "balanced");
}

TEST(Mode, ARecipeWithoutALastResortStaysInItsLeastMode) {
  const std::vector<Mode> two{{.name = "full", .stages = {"a", "b"}}, {.name = "half", .stages = {"a"}}};
  EXPECT_EQ(two[choose(two, "full", {.out = {"b"}})].name, "half");
  EXPECT_EQ(two[choose(two, "full", {.out = {"a", "b"}})].name, "half");
}

std::vector<Mode> speech() {
  Mode fast{.name = "fast", .stages = {"stt"}};
  fast.settings["stt"].beam_size = 1;
  return {{.name = "accurate", .stages = {"stt"}}, fast, {.name = "small", .smaller = {"stt"}}};
}

TEST(Mode, FG_14_AWorkerWithLessTakesEverybodyToTheModeThatSaysSo) {
  const auto modes = speech();
  for (const char* requested : {"accurate", "fast", "small", ""}) {
    EXPECT_EQ(modes[choose(modes, requested, {.less = {"stt"}})].name, "small") << requested;
    EXPECT_EQ(modes[choose(modes, requested, {.out = {"stt"}, .less = {"stt"}})].name, "small") << requested;
  }
  EXPECT_EQ(modes[choose(modes, "accurate", {})].name, "accurate");
  EXPECT_EQ(modes[choose(modes, "fast", {})].name, "fast");
}

TEST(Mode, FG_2_WhatIsDoneWithLessOrNotAtAllCannotBeAskedFor) {
  const auto modes = speech();
  EXPECT_TRUE(can_be_asked_for(modes[0]));
  EXPECT_FALSE(can_be_asked_for(modes[2])) << "memory decides that";
  EXPECT_FALSE(can_be_asked_for({.name = "some_small", .stages = {"form"}, .smaller = {"stt"}}));
  EXPECT_FALSE(can_be_asked_for({.name = "fallback"}));
}

TEST(Mode, FG_2_AModeSaysHowAStageIsDone) {
  const auto modes = speech();
  EXPECT_EQ(settings_of(modes, "fast", "stt").beam_size, 1U);
  EXPECT_EQ(settings_of(modes, "accurate", "stt"), StageSettings{});
  EXPECT_EQ(settings_of(modes, "fast", "convert"), StageSettings{});
  EXPECT_EQ(settings_of({}, "fast", "stt"), StageSettings{});
  EXPECT_TRUE(tells_of_less(modes, "stt"));
  EXPECT_FALSE(tells_of_less(fragrance(), "qwen"));
  EXPECT_TRUE(has_stage(modes, "small", "stt")) << "a smaller model does it";
  EXPECT_TRUE(is_fuller(modes, "accurate", "fast"));
  EXPECT_FALSE(is_fuller(modes, "fast", "fast"));
}

TEST(Mode, TheLowerOfTwoIsTheOneFurtherDown) {
  const auto modes = fragrance();
  EXPECT_EQ(lower_of(modes, "creative", "fast"), "fast");
  EXPECT_EQ(lower_of(modes, "emergency", "balanced"), "emergency");
  EXPECT_EQ(lower_of(modes, "", "balanced"), "balanced");
}

TEST(Mode, FG_1_AModeLeavesOutTheStagesOfFullerOnesAndNoOthers) {
  const auto modes = fragrance();
  EXPECT_TRUE(has_stage(modes, "fast", "qwen"));
  EXPECT_FALSE(has_stage(modes, "fast", "llama"));
  EXPECT_TRUE(has_stage(modes, "fast", "upload")) << "is in no mode: so in all";
  EXPECT_TRUE(has_stage({}, "", "llama"));
}

}  // namespace
}  // namespace holdfast::modes
