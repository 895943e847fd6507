#include "core/scale/scale.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/rng.hpp"

namespace holdfast::scale {
namespace {

constexpr Policy kPolicy{.least = 1, .most = 4};
constexpr MonoTime kStart{milliseconds{1'000'000}};

/// Looks every five seconds for so long, with so many waiting.
Scale after(Scale scale, std::uint64_t waiting, milliseconds time, MonoTime& now) {
  for (const MonoTime end = now + time; now < end; now += milliseconds{5'000})
    scale = looked(scale, {.waiting = waiting}, kPolicy, now);
  return scale;
}

TEST(Scale, FG_10_MoreThanAHundredBringOneWorkerAfterTheOtherUpToTheMost) {
  MonoTime now = kStart;
  Scale scale = looked({}, {.waiting = 100}, kPolicy, now);
  EXPECT_EQ(scale.workers, 1U) << "a hundred are not more than a hundred";
  scale = looked(scale, {.waiting = 101}, kPolicy, now);
  EXPECT_EQ(scale.workers, 2U) << "the first comes at once";
  scale = looked(scale, {.waiting = 101}, kPolicy, now + milliseconds{9'999});
  EXPECT_EQ(scale.workers, 2U);
  scale = looked(scale, {.waiting = 101}, kPolicy, now + milliseconds{10'000});
  EXPECT_EQ(scale.workers, 3U);
  now += milliseconds{10'000};
  scale = after(scale, 1'000, milliseconds{600'000}, now);
  EXPECT_EQ(scale.workers, 4U);
}

TEST(Scale, FG_10_FewerAgainOneByOneWhenItHasBeenOverForAWhile) {
  MonoTime now = kStart;
  Scale scale{.workers = 4};
  scale = after(scale, 50, milliseconds{600'000}, now);
  EXPECT_EQ(scale.workers, 4U) << "between the marks nothing changes";
  scale = after(scale, 49, milliseconds{60'000}, now);
  EXPECT_EQ(scale.workers, 4U);
  scale = after(scale, 49, milliseconds{5'000}, now);
  EXPECT_EQ(scale.workers, 3U);
  scale = after(scale, 0, milliseconds{120'000}, now);
  EXPECT_EQ(scale.workers, 1U);
  scale = after(scale, 0, milliseconds{600'000}, now);
  EXPECT_EQ(scale.workers, 1U) << "never less than the least";
}

TEST(Scale, MemoryDecidesAgainstMore) {
  EXPECT_EQ(looked({}, {.waiting = 500, .has_room = false}, kPolicy, kStart).workers, 1U);
  EXPECT_EQ(looked({.workers = 4}, {.waiting = 500, .memory_short = true}, kPolicy, kStart).workers, 1U);
}

TEST(Scale, WhatNobodyKnowsChangesNothing) {
  Scale scale{.workers = 3, .few_since = kStart};
  scale = looked(scale, {}, kPolicy, kStart + milliseconds{600'000});
  EXPECT_EQ(scale.workers, 3U);
  EXPECT_FALSE(scale.few_since) << "few were not seen to wait without a break";
}

TEST(Scale, OneWorkerStaysOneWhereNoMoreAreAllowed) {
  EXPECT_EQ(looked({}, {.waiting = 9'999}, {.least = 1, .most = 1}, kStart).workers, 1U);
}

/// Whatever the queue does: within the bounds, a step at a time, and never down and up again within less_after.
TEST(Scale, FG_10_AQueueThatSwingsDoesNotMakeTheWorkersSwing) {
  Rng dice{7};
  MonoTime now = kStart;
  Scale scale;
  MonoTime went_up = kStart;
  for (int look = 0; look < 20'000; ++look) {
    now += milliseconds{static_cast<std::int64_t>(1 + dice.below(8'000))};
    const unsigned before = scale.workers;
    scale = looked(scale, {.waiting = dice.below(3) == 0 ? dice.below(50) : 40 + dice.below(120)}, kPolicy, now);
    ASSERT_GE(scale.workers, kPolicy.least);
    ASSERT_LE(scale.workers, kPolicy.most);
    ASSERT_LE(std::max(before, scale.workers) - std::min(before, scale.workers), 1U);
    if (scale.workers > before) went_up = now;
    if (scale.workers < before) ASSERT_GE(now - went_up, kPolicy.less_after);
  }
}

}  // namespace
}  // namespace holdfast::scale
