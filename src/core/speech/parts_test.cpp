#include "core/speech/parts.hpp"

#include <gmock/gmock.h>

namespace holdfast::speech {
namespace {

using testing::ElementsAre;

std::int64_t middle_of(Region stretch) { return (stretch.start_ms + stretch.end_ms) / 2; }

const Window kWindow{.start_ms = 0,
                     .end_ms = 30'000,
                     .pieces = {{0, 10'000}, {14'000, 30'000}},
                     .speech = {{500, 9'000}, {15'000, 29'000}}};

TEST(Parts, AWindowThatIsShortEnoughStaysWhole) {
  EXPECT_THAT(parts_of(kWindow, 0, middle_of), ElementsAre(kWindow));
  EXPECT_THAT(parts_of(kWindow, 30'000, middle_of), ElementsAre(kWindow));
}

TEST(Parts, AreShortEnoughFollowEachOtherAndHoldAllSpeech) {
  for (const std::int64_t most : {13'000, 8'000, 3'000}) {
    std::int64_t at = 0;
    std::int64_t speech = 0;
    for (const Window& part : parts_of(kWindow, most, middle_of)) {
      EXPECT_GE(part.start_ms, at);
      EXPECT_LE(heard_ms(part), most);
      EXPECT_FALSE(part.speech.empty());
      at = part.end_ms;
      speech += total_ms(part.speech);
    }
    EXPECT_LE(at, kWindow.end_ms);
    EXPECT_EQ(speech, total_ms(kWindow.speech));
  }
}

TEST(Parts, AreCutWhereItIsQuiet) {
  const auto parts = parts_of(kWindow, 20'000, [](Region) { return std::int64_t{14'500}; });

  EXPECT_THAT(parts, testing::SizeIs(2));
  EXPECT_EQ(parts[0].end_ms, 14'500);
  EXPECT_THAT(parts[1].speech, ElementsAre(Region{15'000, 29'000}));
}

TEST(Parts, EndEvenWhereTheQuietestPlaceIsAlwaysTheSame) {
  EXPECT_LT(parts_of(kWindow, 1, [](Region in) { return in.start_ms; }).size(), 1'000U);
}

TEST(Parts, WithinASpanIsWhatLiesInIt) {
  EXPECT_THAT(within(kWindow.speech, {8'000, 16'000}), ElementsAre(Region{8'000, 9'000}, Region{15'000, 16'000}));
  EXPECT_THAT(within(kWindow.speech, {9'000, 15'000}), testing::IsEmpty());
}

}  // namespace
}  // namespace holdfast::speech
