#include "core/ladder/ladder.hpp"

#include <gtest/gtest.h>

namespace holdfast::ladder {
namespace {

constexpr milliseconds kMinute{60'000};
constexpr MonoTime kStart{milliseconds{1'000'000}};
constexpr Policy kPolicy{.up_after = kMinute, .doublings_max = 2};

std::vector<Step> three_steps() {
  return {{.needs_bytes = 400}, {.needs_bytes = 200}, {.needs_bytes = 100}};
}

TEST(Ladder, FG_14_RunningOutTakesOneStepDownAndNeverBelowTheLast) {
  const auto steps = three_steps();
  Ladder ladder;
  std::vector<std::size_t> taken;
  for (int times = 0; times < 4; ++times) {
    ladder = fallen(ladder, steps, kPolicy, kStart);
    taken.push_back(ladder.step);
  }
  EXPECT_EQ(taken, (std::vector<std::size_t>{1, 2, 2, 2}));
  EXPECT_EQ(fallen({}, {Step{}}, kPolicy, kStart).step, 0U) << "one way only: there is nothing smaller";
}

TEST(Ladder, FG_14_AStepWhoseModelIsNotThereIsPassedOver) {
  auto steps = three_steps();
  steps[1].usable = false;

  const Ladder down = fallen({}, steps, kPolicy, kStart);
  EXPECT_EQ(down.step, 2U);
  EXPECT_EQ(climbed(down, steps, kPolicy, std::nullopt, kStart + kMinute)->step, 0U);
  steps[2].usable = false;
  EXPECT_EQ(fallen({}, steps, kPolicy, kStart).step, 0U);
}

TEST(Ladder, FG_14_GoesUpAfterAWhileAndOnlyWithMemoryToSpare) {
  const auto steps = three_steps();
  const Ladder down = fallen(fallen({}, steps, kPolicy, kStart), steps, kPolicy, kStart);
  const MonoTime later = kStart + kMinute;

  EXPECT_FALSE(climbed(down, steps, kPolicy, 10'000, later - milliseconds{1})) << "too soon";
  EXPECT_FALSE(climbed(down, steps, kPolicy, 249, later)) << "room for 200 and a quarter of it to spare";
  const auto up = climbed(down, steps, kPolicy, 250, later);
  ASSERT_TRUE(up);
  EXPECT_EQ(up->step, 1U) << "one step at a time";
  EXPECT_FALSE(climbed(*up, steps, kPolicy, 10'000, later)) << "and another while before the next";
  EXPECT_EQ(climbed(proven(*up), steps, kPolicy, 10'000, later + kMinute)->step, 0U);
  EXPECT_FALSE(climbed({}, steps, kPolicy, 10'000, later)) << "nothing is larger than what was configured";
}

TEST(Ladder, FG_14_WhereNobodyKnowsTheFreeMemoryTimeAloneDecides) {
  const auto steps = three_steps();
  const Ladder down = fallen({}, steps, kPolicy, kStart);
  EXPECT_TRUE(climbed(down, steps, kPolicy, std::nullopt, kStart + kMinute));
}

TEST(Ladder, FG_14_EachTryThatRunsOutAgainDoublesTheWaitUpToALimit) {
  const auto steps = three_steps();
  MonoTime now = kStart;
  Ladder ladder = fallen({}, steps, kPolicy, now);
  std::vector<std::int64_t> minutes;
  for (int tries = 0; tries < 5; ++tries) {
    now = ladder.up_at;
    ladder = climbed(ladder, steps, kPolicy, std::nullopt, now).value();
    ladder = fallen(ladder, steps, kPolicy, now);
    EXPECT_EQ(ladder.step, 1U);
    minutes.push_back((ladder.up_at - now) / kMinute);
  }
  EXPECT_EQ(minutes, (std::vector<std::int64_t>{2, 4, 4, 4, 4}));
}

TEST(Ladder, FG_14_WorkThatEndsWellOnTheLargerStepMakesTheNextWaitShortAgain) {
  const auto steps = three_steps();
  Ladder ladder{.step = 1, .relapses = 2};
  EXPECT_EQ(proven(ladder).relapses, 2U) << "work on the smaller step says nothing of the larger one";
  ladder = climbed(ladder, steps, kPolicy, std::nullopt, kStart).value();

  const Ladder held = proven(ladder);
  EXPECT_EQ(held.step, 0U);
  EXPECT_EQ(fallen(held, steps, kPolicy, kStart).up_at, kStart + kMinute);
}

}  // namespace
}  // namespace holdfast::ladder
