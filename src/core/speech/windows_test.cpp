#include "core/speech/windows.hpp"

#include <gmock/gmock.h>

#include "core/base/rng.hpp"

namespace holdfast::speech {
namespace {

using testing::ElementsAre;

const WindowLimits kLimits;

/// Some place in the stretch that depends on it alone, as a real recording would answer.
std::int64_t quietest(Region in) {
  return in.start_ms + (in.start_ms * 7919) % std::max<std::int64_t>(1, length_ms(in));
}

std::vector<Window> plan(const std::vector<Region>& regions, std::int64_t from_ms = 0) {
  return windows_from(from_ms, regions, quietest, kLimits);
}

/// Talk of all kinds: words, monologues longer than a window, short and very long pauses.
std::vector<Region> random_talk(std::uint64_t seed) {
  Rng rng{seed};
  std::vector<Region> regions;
  std::int64_t at = 0;
  for (std::uint64_t i = 0, count = 1 + rng.below(80); i < count; ++i) {
    const bool is_long_pause = rng.below(12) == 0;
    const bool is_monologue = rng.below(15) == 0;
    at += static_cast<std::int64_t>(160 + rng.below(is_long_pause ? 200'000 : 1'500));
    const auto length = static_cast<std::int64_t>(150 + rng.below(is_monologue ? 150'000 : 6'000));
    regions.push_back({at, at + length});
    at += length;
  }
  return regions;
}

TEST(Windows, HasNoneWithoutSpeech) { EXPECT_TRUE(plan({}).empty()); }

TEST(Windows, KeepsAShortRecordingInOneWindowWithAPadAroundIt) {
  const auto windows = plan({{1'000, 3'000}, {3'400, 8'000}});

  ASSERT_EQ(windows.size(), 1U);
  EXPECT_THAT(windows[0].pieces, ElementsAre(Region{800, 8'200}));
}

TEST(Windows, FillsAWindowAndEndsItInTheLongestPauseNearItsEnd) {
  const auto windows =
      plan({{0, 23'000}, {23'200, 25'000}, {25'900, 27'000}, {27'300, 29'000}, {29'200, 40'000}});

  ASSERT_EQ(windows.size(), 2U);
  EXPECT_EQ(windows[0].end_ms, 25'200);
  EXPECT_FALSE(windows[0].cut_in_speech);
  EXPECT_EQ(windows[1].start_ms, 25'700);
}

TEST(Windows, CutsAtTheQuietestPlaceWhereThereIsNoPause) {
  const auto windows = windows_from(0, {{0, 70'000}}, [](Region in) { return in.start_ms + 10; }, kLimits);

  ASSERT_EQ(windows.size(), 3U);
  EXPECT_TRUE(windows[0].cut_in_speech);
  EXPECT_EQ(windows[0].end_ms, 24'010);
  EXPECT_EQ(windows[1].start_ms, 24'010);
  EXPECT_FALSE(windows[2].cut_in_speech);
}

TEST(Windows, LeavesOutALongSilenceButHalfASecondOnEachSide) {
  const auto windows = plan({{0, 5'000}, {15'000, 20'000}});

  ASSERT_EQ(windows.size(), 1U);
  EXPECT_THAT(windows[0].pieces, ElementsAre(Region{0, 5'500}, Region{14'500, 20'200}));
}

TEST(Windows, DoesNotReachFarOverSilence) {
  const auto windows = plan({{0, 5'000}, {200'000, 205'000}});

  ASSERT_EQ(windows.size(), 2U);
  EXPECT_EQ(windows[0].end_ms, 5'200);
  EXPECT_EQ(windows[1].start_ms, 199'800);
}

TEST(Windows, HearAllSpeechOnceInOrderAndNeverMoreThanTheEngineTakes) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const auto regions = random_talk(seed);
    const auto windows = plan(regions);
    std::int64_t heard_speech = 0;
    std::int64_t end = 0;
    for (const Window& window : windows) {
      ASSERT_LE(end, window.start_ms) << "seed " << seed;
      ASSERT_LE(heard_ms(window), kLimits.heard_ms_max) << "seed " << seed;
      ASSERT_LE(window.end_ms - window.start_ms, kLimits.span_ms_max + kLimits.pad_ms) << "seed " << seed;
      for (const Region& region : window.speech) {
        std::int64_t inside = 0;
        for (const Region& piece : window.pieces) inside += overlap_ms(piece, region);
        ASSERT_EQ(inside, length_ms(region)) << "seed " << seed;
      }
      heard_speech += total_ms(window.speech);
      end = window.end_ms;
    }
    ASSERT_EQ(heard_speech, total_ms(regions)) << "seed " << seed;
  }
}

TEST(Windows, S4_FromAWindowsEndAreTheLaterWindowsOfTheWholePlan) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto regions = random_talk(seed);
    const auto whole = plan(regions);
    for (std::size_t i = 0; i < whole.size(); ++i) {
      const std::vector<Window> later(whole.begin() + static_cast<std::ptrdiff_t>(i) + 1, whole.end());
      ASSERT_EQ(plan(regions, whole[i].end_ms), later) << "seed " << seed << " window " << i;
    }
  }
}

TEST(Windows, AreFinalOnceTheLookaheadIsKnown) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto regions = random_talk(seed);
    std::int64_t from = 0;
    for (const Window& window : plan(regions)) {
      const auto first =
          std::ranges::find_if(regions, [&](const Region& region) { return region.end_ms > from; });
      const std::int64_t known = std::max(from, first->start_ms) + lookahead_ms(kLimits);
      std::vector<Region> part;
      for (const Region& region : regions) {
        if (region.start_ms < known) part.push_back({region.start_ms, std::min(region.end_ms, known)});
      }
      ASSERT_EQ(next_window(from, part, quietest, kLimits), window) << "seed " << seed;
      from = window.end_ms;
    }
  }
}

TEST(Windows, AreWellFilledInSteadyTalk) {
  std::vector<Region> regions;
  for (std::int64_t at = 0; at < 600'000; at += 4'000) regions.push_back({at, at + 3'600});

  EXPECT_LE(plan(regions).size(), 23U);
}

TEST(Windows, MapWhatIsHeardBackToTheRecording) {
  const Window window{.start_ms = 0, .end_ms = 20'200, .pieces = {{0, 5'500}, {14'500, 20'200}}};

  EXPECT_EQ(recording_ms(window, 5'000, false), 5'000);
  EXPECT_EQ(recording_ms(window, 5'500, true), 5'500);
  EXPECT_EQ(recording_ms(window, 5'500, false), 14'500);
  EXPECT_EQ(recording_ms(window, 99'000, true), 20'200);
}

TEST(Windows, TellHowMuchSpeechIsLeftAfterAPlace) {
  const Window window{.start_ms = 0,
                      .end_ms = 20'200,
                      .pieces = {{0, 5'500}, {14'500, 20'200}},
                      .speech = {{0, 5'000}, {15'000, 20'000}}};

  EXPECT_EQ(unheard_ms(window, 4'000), 6'000);
  EXPECT_EQ(unheard_ms(window, 5'500), 5'000);
  EXPECT_EQ(unheard_ms(window, 11'200), 0);
}

TEST(Windows, EndWithTheRecording) {
  Window window{.start_ms = 0, .end_ms = 8'200, .pieces = {{0, 8'200}}};

  end_by(window, 8'050);

  EXPECT_EQ(window.end_ms, 8'050);
  EXPECT_THAT(window.pieces, ElementsAre(Region{0, 8'050}));
}

}  // namespace
}  // namespace holdfast::speech
