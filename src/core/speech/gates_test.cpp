#include "core/speech/gates.hpp"

#include <gmock/gmock.h>

#include <sstream>

namespace holdfast::speech {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// One word per second, from `start_ms` on.
Segment segment(const std::string& text, std::int64_t start_ms = 0) {
  Segment out{.start_ms = start_ms, .text = text};
  std::istringstream words{text};
  for (std::string word; words >> word; start_ms += 1'000)
    out.words.push_back({start_ms, start_ms + 1'000, word, 1});
  out.end_ms = start_ms;
  return out;
}

std::vector<std::string> texts(const std::vector<Segment>& segments) {
  std::vector<std::string> out;
  for (const Segment& each : segments) out.push_back(each.text);
  return out;
}

TEST(Gates, S5_KnowNotesFromWords) {
  for (const char* note :
       {"[Music]", "(silence)", "[BLANK_AUDIO]", "*laughs*", "♪ la la ♪", "...", "[Music] (wind)", "♪"}) {
    EXPECT_TRUE(is_note(note)) << note;
  }
  for (const char* words : {"Music", "(No) thanks", "Call (me)", "[Music] Hello", "4 * 4", "字"})
    EXPECT_FALSE(is_note(words)) << words;
}

TEST(Gates, S5_TakeALoneHumForAWordOnlyWhenTheDecoderIsSure) {
  Segment hum = segment("Hmm.");
  hum.confidence = 0.5;
  EXPECT_TRUE(is_doubtful_hum(hum));
  hum.confidence = 0.8;
  EXPECT_FALSE(is_doubtful_hum(hum));
  Segment answer = segment("Hmm, yes.");
  answer.confidence = 0.5;
  EXPECT_FALSE(is_doubtful_hum(answer));
}

TEST(Gates, S5_DropWhatLiesOutsideSpeech) {
  std::vector<Segment> segments{segment("thank you", 0), segment("hello there", 10'000),
                                segment("[Music]", 12'000)};

  const auto dropped = drop_invented(segments, {{9'500, 13'000}});

  EXPECT_THAT(texts(dropped), ElementsAre("thank you", "[Music]"));

  EXPECT_THAT(texts(segments), ElementsAre("hello there"));
}

TEST(Gates, S5_TakeNoSpeechOnlyWhereBothSignsSaySo) {
  EXPECT_TRUE(is_no_speech(0.9, -1.2));
  EXPECT_FALSE(is_no_speech(0.9, -0.2));
  EXPECT_FALSE(is_no_speech(0.1, -1.2));
}

TEST(Gates, FindALoopAfterItsFirstTime) {
  const auto words = segment("so it goes on. and on and on and on and on then").words;

  EXPECT_EQ(find_loop(words), (Loop{5, 12, 2}));
}

TEST(Gates, LeavePeopleWhoRepeatThemselvesAlone) {
  EXPECT_EQ(find_loop(segment("no no no no no I said no").words), std::nullopt);
  EXPECT_EQ(find_loop(segment("very very good very very good indeed").words), std::nullopt);
}

TEST(Gates, CutALoopThroughSegmentsAndSayWhereItWas) {
  std::vector<Segment> segments{segment("well thank you", 0), segment("thank you thank you", 3'000),
                                segment("Thank you. thank you bye", 7'000)};

  const auto cut = cut_loops(segments, true);

  EXPECT_THAT(cut, ElementsAre(Region{3'000, 11'000}));
  EXPECT_THAT(texts(segments), ElementsAre("well thank you", "bye"));
  EXPECT_EQ(segments[1].start_ms, 11'000);
  EXPECT_FALSE(has_loop(segments));
}

TEST(Gates, SayOnceWhereALoopWasThatACutBroughtForth) {
  std::vector<Segment> segments{segment("a b a b a b b b b b b b b b a b a b", 0)};

  const auto cut = cut_loops(segments, true);

  EXPECT_THAT(cut, ElementsAre(Region{2'000, 18'000}));
  EXPECT_THAT(texts(segments), ElementsAre("a b"));
}

TEST(Gates, CutTheFirstTimeOfALoopAsWellWhereItStandsElsewhere) {
  std::vector<Segment> segments{segment("so come here come here come here come here then", 0)};

  const auto cut = cut_loops(segments, true, false);

  EXPECT_THAT(texts(segments), ElementsAre("so", "then"));
  EXPECT_THAT(cut, ElementsAre(Region{segments[0].end_ms, segments[1].start_ms}));
}

TEST(Gates, MakeTwoSegmentsOfOneThatReachedOverALoop) {
  std::vector<Segment> segments{segment("so no no no no no no no no then", 0)};

  const auto cut = cut_loops(segments, true);

  ASSERT_THAT(texts(segments), ElementsAre("so no", "then"));
  EXPECT_EQ(segments[0].end_ms, cut.at(0).start_ms);
  EXPECT_EQ(segments[1].start_ms, cut.at(0).end_ms);
}

TEST(Gates, LeaveSegmentsWithoutALoopAsTheyAre) {
  std::vector<Segment> segments{segment("all is well", 0)};

  EXPECT_THAT(cut_loops(segments, true), IsEmpty());
  EXPECT_THAT(texts(segments), ElementsAre("all is well"));
}

}  // namespace
}  // namespace holdfast::speech
