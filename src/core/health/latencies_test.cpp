#include "core/health/latencies.hpp"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(Latencies, FR_4_PercentilesAreByNearestRank) {
  Latencies latencies;
  EXPECT_EQ(latencies.percentile(50), milliseconds{0});
  for (int i = 100; i >= 1; --i) latencies.add(milliseconds{i});
  EXPECT_EQ(latencies.percentile(50), milliseconds{50});
  EXPECT_EQ(latencies.percentile(95), milliseconds{95});
  EXPECT_EQ(latencies.percentile(99), milliseconds{99});
  EXPECT_EQ(latencies.percentile(100), milliseconds{100});
}

TEST(Latencies, TheWindowForgetsTheOldestAndNeverGrows) {
  Latencies latencies;
  for (std::size_t i = 0; i < Latencies::kKept; ++i) latencies.add(milliseconds{9'000});
  for (std::size_t i = 0; i < Latencies::kKept; ++i) {
    EXPECT_EQ(latencies.percentile(99), milliseconds{9'000}) << i;
    if (i + 4 >= Latencies::kKept) break;
    latencies.add(milliseconds{1});
  }
  for (int i = 0; i < 5; ++i) latencies.add(milliseconds{1});
  EXPECT_EQ(latencies.percentile(100), milliseconds{1});
  EXPECT_EQ(latencies.count(), Latencies::kKept);
}

}  // namespace
}  // namespace holdfast
