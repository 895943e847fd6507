#include "core/mode/standing.hpp"

#include <gtest/gtest.h>

namespace holdfast::modes {
namespace {

constexpr Dwell kDwell{milliseconds{60'000}};
MonoTime at(int seconds) { return MonoTime{milliseconds{1'000} * seconds}; }

TEST(Standing, FG_2_ItFallsAtOnceAndRisesAfterARest) {
  Standing standing = looked({}, 2, kDwell, at(0));
  EXPECT_EQ(standing.mode, 2U);
  standing = looked(standing, 0, kDwell, at(10));
  EXPECT_EQ(standing.mode, 2U);
  EXPECT_EQ(next_change(standing, kDwell), at(70));
  EXPECT_EQ(looked(standing, 0, kDwell, at(69)).mode, 2U);
  EXPECT_EQ(looked(standing, 0, kDwell, at(70)).mode, 0U);
}

TEST(Standing, FG_2_ABreakBeginsTheRestAnew) {
  Standing standing = looked({}, 2, kDwell, at(0));
  standing = looked(standing, 0, kDwell, at(10));
  standing = looked(standing, 2, kDwell, at(50));
  standing = looked(standing, 0, kDwell, at(60));
  EXPECT_EQ(looked(standing, 0, kDwell, at(119)).mode, 2U);
  EXPECT_EQ(looked(standing, 0, kDwell, at(120)).mode, 0U);
}

TEST(Standing, FG_2_ItRisesToNothingThatWasNotPossibleAllTheTime) {
  Standing standing = looked({}, 2, kDwell, at(0));
  standing = looked(standing, 1, kDwell, at(10));
  standing = looked(standing, 0, kDwell, at(69));
  standing = looked(standing, 0, kDwell, at(70));
  EXPECT_EQ(standing.mode, 1U) << "the fullest came back a second ago";
  EXPECT_EQ(next_change(looked(standing, 0, kDwell, at(71)), kDwell), at(131));
}

TEST(Standing, FG_2_NothingBetterNothingToWaitFor) {
  Standing standing = looked({}, 1, kDwell, at(0));
  standing = looked(standing, 0, kDwell, at(10));
  standing = looked(standing, 1, kDwell, at(20));
  EXPECT_EQ(next_change(standing, kDwell), MonoTime::max());
}

TEST(Standing, FG_2_ServicesThatFlapDoNotMakeItFlap) {
  Standing standing;
  unsigned changes = 0;
  for (int second = 0; second < 600; ++second) {
    const std::size_t possible = second % 50 < 25 ? 2 : 0;
    const Standing after = looked(standing, possible, kDwell, at(second));
    if (after.mode != standing.mode) ++changes;
    standing = after;
  }
  EXPECT_EQ(changes, 1U);
  EXPECT_EQ(standing.mode, 2U);
}

}  // namespace
}  // namespace holdfast::modes
