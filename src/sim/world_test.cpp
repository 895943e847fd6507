#include "sim/world.hpp"

#include <gtest/gtest.h>

namespace holdfast::sim {
namespace {

Report play(std::uint64_t seed, const PlantedBugs& bugs = {}) {
  World world{draw_scenario(seed, std::chrono::hours{1}, bugs)};
  return world.run(nullptr);
}

TEST(World, KeepsEveryPromiseInTheFirstSeeds) {
  std::size_t acknowledged = 0;
  std::size_t completed = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const Report report = play(seed);
    acknowledged += report.acknowledged;
    completed += report.completed;
    ASSERT_TRUE(report.violations.empty()) << "seed " << seed << ": " << report.violations.front();
  }
  // A run in which everything fails would keep every promise, and prove nothing.
  EXPECT_GT(acknowledged, 2'000U);
  EXPECT_GT(completed * 2, acknowledged);
}

TEST(World, TheSameSeedIsTheSameRun) {
  for (const std::uint64_t seed : {7U, 8U, 9U}) EXPECT_EQ(play(seed).trace, play(seed).trace);
  EXPECT_NE(play(7).trace, play(8).trace);
}

class PlantedBug : public testing::TestWithParam<std::string_view> {};

TEST_P(PlantedBug, IsCaught) {
  constexpr std::uint64_t kSeedsMax = 3'000;
  const auto bugs = planted_bug(GetParam());
  ASSERT_TRUE(bugs.has_value());
  for (std::uint64_t seed = 1; seed <= kSeedsMax; ++seed) {
    if (!play(seed, *bugs).violations.empty()) return;
  }
  FAIL() << "not caught in " << kSeedsMax << " seeds";
}

INSTANTIATE_TEST_SUITE_P(All, PlantedBug, testing::ValuesIn(planted_bug_names()), [](const auto& parameter) {
  std::string name{parameter.param};
  std::ranges::replace(name, '-', '_');
  return name;
});

}  // namespace
}  // namespace holdfast::sim
