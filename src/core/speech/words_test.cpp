#include "core/speech/words.hpp"

#include <gmock/gmock.h>

#include "core/base/rng.hpp"
#include "core/grounding/utf8.hpp"
#include "core/speech/text.hpp"

namespace holdfast::speech {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Window kWindow{
    .start_ms = 10'000, .end_ms = 20'000, .pieces = {{10'000, 20'000}}, .speech = {{10'000, 20'000}}};

TimedToken mark(std::int64_t time_ms) { return {.is_mark = true, .time_ms = time_ms}; }
TimedToken said(std::string bytes, std::int64_t time_ms = -1) {
  return {.bytes = std::move(bytes), .probability = 0.5, .time_ms = time_ms};
}

std::vector<std::string> texts(const std::vector<Word>& words) {
  std::vector<std::string> out;
  for (const Word& word : words) out.push_back(word.text);
  return out;
}

TEST(Words, MakeSegmentsBetweenTimeMarks) {
  const std::vector<TimedToken> tokens{mark(0),     said(" Hello"), said(" world"), said("."),
                                       mark(2'000), mark(4'000),    said(" Bye"),   mark(5'000)};

  const auto segments = segments_of(tokens, kWindow, true);

  ASSERT_EQ(segments.size(), 2U);
  EXPECT_EQ(segments[0].text, "Hello world.");
  EXPECT_THAT(texts(segments[0].words), ElementsAre("Hello", "world."));
  EXPECT_EQ(segments[0].start_ms, 10'000);
  EXPECT_EQ(segments[0].end_ms, 12'000);
  EXPECT_EQ(segments[1].start_ms, 14'000);
  EXPECT_EQ(segments[1].end_ms, 15'000);
  EXPECT_DOUBLE_EQ(segments[1].confidence, 0.5);
}

TEST(Words, PutACharacterTogetherThatTokensSplit) {
  const std::vector<TimedToken> tokens{mark(0),          said(" na\xC3"), said("\xAFve"),
                                       said("\xE5\xAD"), said("\x97"),    mark(1'000)};

  EXPECT_EQ(segments_of(tokens, kWindow, true)[0].text, "naïve字");
  EXPECT_THAT(texts(segments_of(tokens, kWindow, false)[0].words), ElementsAre("naïve", "字"));
}

TEST(Words, TakeTheDecodersGuessOfATimeAndShareTheRestByLength) {
  const std::vector<TimedToken> tokens{mark(0), said(" aa"), said(" bb", 600), said(" cc"), mark(1'000)};

  const auto words = segments_of(tokens, kWindow, true)[0].words;

  EXPECT_EQ(words[0].end_ms, 10'600);
  EXPECT_EQ(words[1].end_ms, 10'800);
  EXPECT_EQ(words[2].end_ms, 11'000);
}

TEST(Words, BeginAndEndInSpeech) {
  const Window window{
      .start_ms = 0, .end_ms = 10'000, .pieces = {{0, 10'000}}, .speech = {{1'000, 2'000}, {6'000, 7'000}}};
  const std::vector<TimedToken> tokens{mark(0), said(" one"), said(" two", 4'000), mark(10'000)};

  const auto segments = segments_of(tokens, window, true);

  EXPECT_EQ(segments[0].start_ms, 1'000);
  EXPECT_EQ(segments[0].words[0].end_ms, 2'000);
  EXPECT_EQ(segments[0].words[1].start_ms, 6'000);
  EXPECT_EQ(segments[0].end_ms, 7'000);
}

TEST(Words, AreInOrderInsideTheirSegmentAndTheWindowWhateverTheDecoderSays) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    Rng rng{seed};
    std::vector<TimedToken> tokens;
    for (int i = 0; i < 60; ++i) {
      const auto time = static_cast<std::int64_t>(rng.below(40'000)) - 2'000;
      if (rng.below(5) == 0)
        tokens.push_back(mark(std::max<std::int64_t>(0, time)));
      else
        tokens.push_back(said(rng.below(3) == 0 ? "x." : " word", rng.below(2) == 0 ? -1 : time));
    }
    const Window window{.start_ms = 3'000,
                        .end_ms = 30'000,
                        .pieces = {{3'000, 12'000}, {20'000, 30'000}},
                        .speech = {{3'200, 11'500}, {20'500, 29'800}}};
    std::int64_t at = window.start_ms;
    for (const Segment& segment : segments_of(tokens, window, true)) {
      ASSERT_LE(at, segment.start_ms) << "seed " << seed;
      for (const Word& word : segment.words) {
        ASSERT_LE(at, word.start_ms) << "seed " << seed;
        ASSERT_LE(word.start_ms, word.end_ms) << "seed " << seed;
        at = word.end_ms;
      }
      ASSERT_LE(at, segment.end_ms) << "seed " << seed;
      ASSERT_LE(segment.end_ms, window.end_ms) << "seed " << seed;
      at = segment.end_ms;
    }
  }
}

TEST(Words, AddWhatWasHeardLater) {
  std::vector<TimedToken> tokens{mark(0), said(" one"), mark(4'000)};

  EXPECT_EQ(append_tokens(tokens, {mark(0), said(" two", 100), mark(3'000)}, 4'000), 7'000);

  EXPECT_THAT(texts(segments_of(tokens, kWindow, true)[1].words), ElementsAre("two"));
  EXPECT_EQ(segments_of(tokens, kWindow, true)[1].end_ms, 17'000);
}

TEST(Text, DropsBrokenCharactersAndControlsAndTrims) {
  EXPECT_EQ(clean_text(" a\x01\x7F\xC2\x85z \n"), "az");
  EXPECT_EQ(clean_text("\xC3"), "");
  EXPECT_EQ(clean_text("\xC0\xAF\xED\xA0\x80x\xEF\xBF\xBD"), "x");
  EXPECT_EQ(clean_text("  字 "), "字");
}

TEST(Text, IsAlwaysValidUtf8) {
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    Rng rng{seed};
    std::string bytes;
    for (int i = 0; i < 40; ++i)
      bytes += static_cast<char>(rng.below(2) == 0 ? 0x80 + rng.below(0x80) : rng.below(0x100));
    const std::string text = clean_text(bytes);
    for (std::string_view rest = text; !rest.empty();) {
      ASSERT_NE(grounding::take_character(rest), grounding::kReplacement) << "seed " << seed;
    }
  }
}

TEST(Text, KnowsACharacterThatIsCutOff) {
  for (const char* cut : {"a\xC3", "\xE5\xAD", "\xF0\x9F\x8E"})
    EXPECT_TRUE(ends_inside_character(cut)) << cut;
  for (const char* whole : {"", "a", "\xC3\xAF", "\xAF", "字"})
    EXPECT_FALSE(ends_inside_character(whole)) << whole;
}

TEST(Text, HasWordsInAnyScript) {
  for (const char* text : {"a", "7", "é", "字", "한", "я", "ª"}) EXPECT_TRUE(has_words(text)) << text;
  for (const char* text : {"", " ", "...", "♪♪", "。、", "¿?", "—", "🎵"})
    EXPECT_FALSE(has_words(text)) << text;
}

}  // namespace
}  // namespace holdfast::speech
