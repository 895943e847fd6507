#include "core/similar/fusion.hpp"

#include <gtest/gtest.h>

namespace holdfast::similar {
namespace {

using Rankings = std::vector<std::vector<std::string>>;

std::string order(const Rankings& rankings) {
  std::string keys;
  for (const Fused& one : fuse(rankings)) keys += one.key + " ";
  return keys;
}

TEST(Fusion, FR_9_WhatSeveralRankingsNameComesBeforeWhatOneNamesFirst) {
  const Rankings rankings{{"a", "b", "c"}, {"d", "c"}};

  const auto fused = fuse(rankings);

  ASSERT_EQ(fused.size(), 4U);
  EXPECT_EQ(fused[0].key, "c");
  EXPECT_DOUBLE_EQ(fused[0].score, 1.0 / 63 + 1.0 / 62);
  EXPECT_EQ(fused[0].rankings, (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(order(rankings), "c a d b ");
  EXPECT_DOUBLE_EQ(fused[1].score, 1.0 / 61);
}

TEST(Fusion, FR_9_EqualsAreOrderedByBestPlaceAndThenByKeySoThatTheOrderIsAlwaysTheSame) {
  EXPECT_EQ(order({{"b"}, {"a"}}), "a b ");
  EXPECT_EQ(order({{"x", "y"}, {"y", "x"}}), "x y ");
  EXPECT_EQ(order({{"y", "x"}, {"x", "y"}}), "x y ");
}

TEST(Fusion, FR_9_ARankingThatNamesSomethingTwiceCountsItOnce) {
  const auto fused = fuse(Rankings{{"a", "a", "b"}});

  ASSERT_EQ(fused.size(), 2U);
  EXPECT_DOUBLE_EQ(fused[0].score, 1.0 / 61);
  EXPECT_DOUBLE_EQ(fused[1].score, 1.0 / 63);
}

TEST(Fusion, FR_9_NothingRankedIsNothingFound) {
  EXPECT_TRUE(fuse({}).empty());
  EXPECT_TRUE(fuse(Rankings{{}, {}}).empty());
  EXPECT_EQ(order({{}, {"a"}}), "a ");
}

}  // namespace
}  // namespace holdfast::similar
