#include "core/health/inference.hpp"

#include <gtest/gtest.h>

namespace holdfast::inference {
namespace {

constexpr milliseconds kMinute{60'000};
constexpr MonoTime kStart{milliseconds{1'000'000}};
constexpr Policy kPolicy{.every = 60 * kMinute, .again = kMinute, .again_max = 5 * kMinute};

TEST(Inference, FR_4_AModelIsAskedAtTheStartAndThenSeldom) {
  EXPECT_TRUE(is_due({}, kPolicy, kStart));
  const Standing well = worked(kStart);
  EXPECT_FALSE(is_due(well, kPolicy, kStart + 59 * kMinute));
  EXPECT_TRUE(is_due(well, kPolicy, kStart + 60 * kMinute));
}

TEST(Inference, FR_4_AfterAFailureItIsAskedAtOnceAndThenAfterPausesThatGrow) {
  Standing standing = failed(worked(kStart), kStart);
  EXPECT_TRUE(is_due(standing, kPolicy, kStart));
  for (const int minutes : {1, 2, 4, 5, 5}) {
    standing = failed(standing, kStart);
    EXPECT_FALSE(is_due(standing, kPolicy, kStart + minutes * kMinute - milliseconds{1})) << minutes;
    EXPECT_TRUE(is_due(standing, kPolicy, kStart + minutes * kMinute)) << minutes;
  }
  EXPECT_FALSE(is_due(worked(kStart), kPolicy, kStart + kMinute)) << "it works again: nothing is left of that";
}

TEST(Inference, FR_4_WhereItIsNotWantedItIsNeverAsked) {
  const Policy never{.every = milliseconds{0}};
  EXPECT_FALSE(is_due({}, never, kStart));
  EXPECT_FALSE(is_due(failed({}, kStart), never, kStart + 60 * kMinute));
}

TEST(Inference, AModelThatNobodyHasUsedIsNotLoadedForAQuestion) {
  const Policy when_used{.every = 60 * kMinute, .unused_too = false};
  EXPECT_FALSE(is_due({}, when_used, kStart));
  EXPECT_TRUE(is_due(worked(kStart), when_used, kStart + 60 * kMinute)) << "used once, it is one of us";
  EXPECT_TRUE(is_due(failed({}, kStart), when_used, kStart)) << "tried once and failed: is it back?";
}

}  // namespace
}  // namespace holdfast::inference
