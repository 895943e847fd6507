#include "core/transcript/fill.hpp"

#include <gmock/gmock.h>

namespace holdfast::transcript {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> said(const Whole& whole) {
  std::vector<std::string> out;
  for (const Segment& segment : whole.segments)
    out.push_back(std::to_string(segment.start_ms) + ".." + std::to_string(segment.end_ms) + " " + segment.text);
  return out;
}
std::vector<std::string> holes(const Whole& whole) {
  std::vector<std::string> out;
  for (const Gap& gap : whole.gaps)
    out.push_back(std::to_string(gap.start_ms) + ".." + std::to_string(gap.end_ms) + " " + gap.cause);
  return out;
}

Whole holey() {
  return {.segments = {{.start_ms = 0, .end_ms = 1'000, .text = "one"},
                       {.start_ms = 5'000, .end_ms = 9'000, .text = "two"}},
          .gaps = {{1'000, 5'000, "a loop"}, {9'000, 12'000, "noise"}}};
}

TEST(Fill, PutsTheTextInThePlaceOfTheGapAndLeavesAllElseAsItIs) {
  const Filled filled = fill(holey(), {{.span = {1'000, 5'000}, .segments = {{1'200, 4'800, "new", 0.9, {}}}}});

  EXPECT_THAT(said(filled.whole), ElementsAre("0..1000 one", "1200..4800 new", "5000..9000 two"));
  EXPECT_THAT(holes(filled.whole), ElementsAre("9000..12000 noise"));
  EXPECT_EQ(filled.segments_gained, 1U);
  EXPECT_EQ(filled.filled, 1U);
}

TEST(Fill, AGapWithoutTextStaysWithItsCauseAndSaysOnceThatItWasTriedAgain) {
  Filled filled = fill(holey(), {{.span = {1'000, 5'000}, .gaps = {{1'000, 5'000, "other"}}}});
  filled = fill(std::move(filled.whole), {{.span = {1'000, 5'000}}});

  EXPECT_THAT(said(filled.whole), ElementsAre("0..1000 one", "5000..9000 two"));
  EXPECT_THAT(holes(filled.whole), ElementsAre("1000..5000 a loop (tried again)", "9000..12000 noise"));
  EXPECT_EQ(filled.segments_gained, 0U);
}

TEST(Fill, WhatIsLeftOfAGapIsAGapOfItsOwn) {
  const Filled filled = fill(holey(), {{.span = {1'000, 5'000},
                                        .segments = {{1'000, 2'000, "new", 0.9, {}}},
                                        .gaps = {{2'000, 5'000, "a guess"}}}});

  EXPECT_THAT(holes(filled.whole), ElementsAre("2000..5000 a guess (tried again)", "9000..12000 noise"));
}

TEST(Fill, LeavesOutWhateverLiesOutsideTheGapThatItIsSaidOf) {
  const Filled filled = fill(holey(), {{.span = {1'000, 5'000},
                                        .segments = {{900, 2'000, "early", 0.9, {}},
                                                     {3'000, 4'000, "in", 0.9, {}},
                                                     {2'000, 3'000, "back", 0.9, {}},
                                                     {4'500, 5'100, "late", 0.9, {}},
                                                     {4'500, 4'600, "", 0.9, {}}},
                                        .gaps = {{500, 1'000, "x"}, {4'000, 6'000, "y"}}},
                                       {.span = {2'000, 3'000}, .segments = {{2'100, 2'200, "no gap", 0.9, {}}}}});

  EXPECT_THAT(said(filled.whole), ElementsAre("0..1000 one", "3000..4000 in", "5000..9000 two"));
  EXPECT_THAT(holes(filled.whole), ElementsAre("9000..12000 noise"));
}

TEST(Fill, AllGapsOrTheOneThatIsNamed) {
  const auto gaps = holey().gaps;
  EXPECT_EQ(gaps_to_fill(gaps, kAll).size(), 2U);
  EXPECT_THAT(gaps_to_fill(gaps, 9'000), ElementsAre(speech::Region{9'000, 12'000}));
  EXPECT_THAT(gaps_to_fill(gaps, 9'001), IsEmpty());
}

TEST(Fill, KnowsTheWarningsThatItMakes) {
  EXPECT_EQ(gaps_warning(1), "1 part of the recording could not be transcribed");
  EXPECT_TRUE(is_about_lack(gaps_warning(12)));
  EXPECT_TRUE(is_about_lack("no speech"));
  EXPECT_FALSE(is_about_lack("a smaller model was used"));
}

}  // namespace
}  // namespace holdfast::transcript
