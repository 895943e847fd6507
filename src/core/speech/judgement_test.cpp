#include "core/speech/judgement.hpp"

#include <gmock/gmock.h>

#include <set>
#include <sstream>

#include "core/speech/cause.hpp"
#include "core/speech/hearing.hpp"

namespace holdfast::speech {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A segment of words that each last half a second.
Segment said(std::int64_t start_ms, const std::string& text) {
  Segment segment{.start_ms = start_ms, .text = text, .confidence = 0.9};
  std::istringstream words{text};
  std::int64_t at = start_ms;
  for (std::string word; words >> word; at += 500) segment.words.push_back({at, at + 500, word, 0.9});
  segment.end_ms = at;
  return segment;
}

Heard heard(std::vector<Region> speech, std::vector<Segment> segments) {
  Window part{.start_ms = speech.front().start_ms, .end_ms = speech.back().end_ms, .speech = std::move(speech)};
  part.pieces = {{part.start_ms, part.end_ms}};
  return {.part = std::move(part), .segments = std::move(segments), .log_probability_mean = -0.3};
}

std::vector<std::string> gaps_of(const Take& take) {
  std::vector<std::string> out;
  for (const Gap& gap : take.gaps)
    out.push_back(std::to_string(gap.start_ms) + ".." + std::to_string(gap.end_ms) + " " + gap.cause);
  return out;
}
std::string text_of(const Take& take) {
  std::string out;
  for (const Segment& segment : take.segments) out += segment.text + "|";
  return out;
}

TEST(Judgement, WordsWhereSomebodySpeaksAreGood) {
  const Take take = judge({heard({{0, 4'000}}, {said(0, "all is well and good my friend")})}, {});

  EXPECT_TRUE(is_good(take));
  EXPECT_EQ(text_of(take), "all is well and good my friend|");
}

TEST(Judgement, ClearSpeechWithoutWordsIsAGap) {
  EXPECT_THAT(gaps_of(judge({heard({{1'000, 3'000}, {3'200, 5'000}}, {})}, {})),
              ElementsAre("1000..5000 somebody speaks, and no words were made out"));
  EXPECT_THAT(gaps_of(judge({heard({{1'000, 3'000}, {3'200, 4'000}}, {})}, {})), IsEmpty()) << "that is a cough";
}

TEST(Judgement, WhatIsOnlyLoudIsNoSpeechToMiss) {
  EXPECT_THAT(gaps_of(judge({heard({{0, 20'000}}, {})}, {.voice = false})), IsEmpty());
}

TEST(Judgement, ThePartThatTextDoesNotReachIsAGap) {
  const std::vector<Region> speech{{0, 2'000}, {2'500, 8'000}, {9'000, 12'000}};
  const auto take = judge({heard(speech, {said(0, "well"), said(9'500, "bye")})}, {});

  EXPECT_THAT(gaps_of(take), ElementsAre("500..9500 somebody speaks, and no words were made out"));
  EXPECT_EQ(text_of(take), "well|bye|");
  EXPECT_EQ(take.lost_ms, 1'500 + 5'500 + 500);
}

TEST(Judgement, HardlyAWordInALotOfSpeechIsNoText) {
  Segment one = said(0, "you");
  one.end_ms = one.words[0].end_ms = 20'000;
  const auto take = judge({heard({{0, 20'000}}, {one})}, {});

  EXPECT_EQ(text_of(take), "");
  EXPECT_THAT(gaps_of(take), ElementsAre("0..20000 somebody speaks, and no words were made out"));
}

TEST(Judgement, GuessesAreNoText) {
  Heard guess = heard({{0, 4'000}}, {said(0, "or is it so that")});
  guess.log_probability_mean = -1.5;

  const auto take = judge({guess}, {});

  EXPECT_EQ(text_of(take), "");
  EXPECT_THAT(gaps_of(take), ElementsAre("0..4000 the words were only guessed"));
}

TEST(Judgement, APartThatTheEngineFailedAtIsAGapAndTheOthersAreKept) {
  Heard failed = heard({{4'000, 8'000}}, {});
  failed.failed = true;
  const auto take = judge({heard({{0, 4'000}}, {said(0, "one two three four five six seven")}), failed}, {});

  EXPECT_EQ(text_of(take), "one two three four five six seven|");
  EXPECT_THAT(gaps_of(take), ElementsAre("4000..8000 the speech engine failed here"));
}

TEST(Judgement, ALoopIsCutOutAndWhatComesAfterItStandsByItself) {
  const auto take = judge({heard({{0, 6'000}}, {said(0, "so no no no no no no no no end")})}, {});

  EXPECT_EQ(text_of(take), "so no|end|");
  EXPECT_THAT(gaps_of(take), ElementsAre("1000..4500 the same words again and again"));
}

TEST(Judgement, ALoopInAGapThatIsFilledIsNoTextAtAll) {
  const auto take = judge({heard({{0, 6'000}}, {said(0, "no no no no no no no no no end")})}, {.fills = true});

  EXPECT_EQ(text_of(take), "end|");
  EXPECT_THAT(gaps_of(take), ElementsAre("0..4500 the same words again and again"));
}

TEST(Judgement, ALoopIsSeenThroughAllParts) {
  const auto take = judge({heard({{0, 2'000}}, {said(0, "thank you thank you")}),
                           heard({{2'000, 4'000}}, {said(2'000, "thank you thank you")})},
                          {});

  EXPECT_EQ(text_of(take), "thank you|");
  EXPECT_THAT(gaps_of(take), ElementsAre("1000..4000 the same words again and again"));
}

TEST(Judgement, S5_WordsInSilenceAreDroppedAndSilenceIsNoGap) {
  const Segment spoken = said(0, "one two three four five six seven");
  const auto take = judge({heard({{0, 4'000}}, {spoken, said(9'000, "thank you")})}, {});

  EXPECT_EQ(text_of(take), "one two three four five six seven|");
  EXPECT_THAT(take.gaps, IsEmpty());
  EXPECT_EQ(take.invented, 1U);
  EXPECT_FALSE(is_good(take)) << "another way may hear it better";
}

TEST(Judgement, S5_NotesInThePlaceOfSpeechAreAGapThatSaysSo) {
  EXPECT_THAT(gaps_of(judge({heard({{0, 4'000}}, {said(0, "[Music]")})}, {})),
              ElementsAre("0..4000 nothing that was heard there was said"));
}

TEST(Judgement, KeepsWhatLosesLeastAndThenWhatInventsLeast) {
  const Take none{.lost_ms = 0, .invented = 2};
  const Take some{.lost_ms = 500, .invented = 0};
  const Take clean{.lost_ms = 0, .invented = 0};
  EXPECT_TRUE(is_better(none, some));
  EXPECT_FALSE(is_better(some, none));
  EXPECT_TRUE(is_better(clean, none));
  EXPECT_FALSE(is_better(clean, clean)) << "the first one stays";
}

TEST(Judgement, GapsAreInOrderAndApart) {
  Heard failed = heard({{0, 4'000}}, {});
  failed.failed = true;
  Heard also = heard({{4'100, 8'000}}, {});
  also.failed = true;

  EXPECT_THAT(gaps_of(judge({failed, also}, {})), ElementsAre("0..8000 the speech engine failed here"));
}

TEST(Judgement, EachCauseHasWordsOfItsOwnAndTheWaysToFillAreOthers) {
  std::set<std::string_view> words;
  for (const Cause cause : kCauses) words.insert(words_for(cause));
  EXPECT_EQ(words.size(), kCauses.size());

  EXPECT_EQ(kFirstHearings[0].temperature, 0);
  EXPECT_EQ(kFirstHearings[0].part_ms_max, 0);
  for (const Hearing& fill : kFillHearings) {
    for (const Hearing& first : kFirstHearings)
      EXPECT_TRUE(fill.part_ms_max != first.part_ms_max || fill.temperature != first.temperature) << fill.name;
  }
}

}  // namespace
}  // namespace holdfast::speech
