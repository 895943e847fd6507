#include "sim/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "sim/races.hpp"

namespace holdfast::sim {
namespace {

Report play(std::uint64_t seed, const PlantedBugs& bugs = {}, StoreChoice store = std::nullopt) {
  World world{draw_scenario(seed, std::chrono::hours{1}, bugs, store)};
  return world.run(nullptr);
}

TEST(World, KeepsEveryPromiseInTheFirstSeeds) {
  std::size_t acknowledged = 0;
  std::size_t completed = 0;
  Coverage coverage;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const Report report = play(seed);
    acknowledged += report.acknowledged;
    completed += report.completed;
    coverage.add(report.coverage);
    ASSERT_TRUE(report.violations.empty()) << "seed " << seed << ": " << report.violations.front();
  }
  for (const auto& [what, times] : coverage.counts()) {
    EXPECT_GT(times, 0U) << "never reached: " << what;
    const bool listed = std::ranges::find(Coverage::expected(), what) != Coverage::expected().end();
    EXPECT_TRUE(listed) << "reached, and not on the list: " << what;
  }
  // A run in which everything fails would keep every promise, and prove nothing.
  EXPECT_GT(acknowledged, 2'000U);
  EXPECT_GT(completed * 2, acknowledged);
}

/// A slow node let jobs go for what they had been held for when it looked, though they were held for something else.
TEST(World, KeepsItsPromisesInSeedsThatOnceBrokeThem) {
  for (const std::uint64_t seed : {7'425U, 8'186U}) {
    const Report report = play(seed);
    EXPECT_TRUE(report.violations.empty()) << "seed " << seed << ": " << report.violations.front();
  }
}

/// Power cuts, torn writes, failed syncs and full disks under the store that a server has.
TEST(World, KeepsEveryPromiseOnTheRealStore) {
  std::size_t acknowledged = 0;
  std::size_t completed = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const Report report = play(seed, {}, StoreKind::sqlite);
    acknowledged += report.acknowledged;
    completed += report.completed;
    ASSERT_TRUE(report.violations.empty()) << "seed " << seed << ": " << report.violations.front();
  }
  EXPECT_GT(acknowledged, 400U);
  EXPECT_GT(completed * 2, acknowledged);
}

TEST(World, TheSameSeedIsTheSameRunOnTheRealStore) {
  for (const std::uint64_t seed : {7U, 8U, 9U})
    EXPECT_EQ(play(seed, {}, StoreKind::sqlite).trace, play(seed, {}, StoreKind::sqlite).trace);
}

TEST(Scenario, OneSeedInEightRunsOnTheRealStoreAndTheOthersAreAsTheyWere) {
  int on_sqlite = 0;
  for (std::uint64_t seed = 1; seed <= 4'000; ++seed) {
    const Scenario drawn = draw_scenario(seed, std::chrono::hours{1}, {});
    on_sqlite += drawn.store == StoreKind::sqlite ? 1 : 0;
    if (drawn.store == StoreKind::sqlite) EXPECT_EQ(drawn.nodes, 1);
    Scenario in_memory = draw_scenario(seed, std::chrono::hours{1}, {}, StoreKind::memory);
    EXPECT_EQ(in_memory.lease_for, drawn.lease_for);
    EXPECT_FALSE(in_memory.disk_trouble);
  }
  EXPECT_NEAR(on_sqlite, 500, 60);
}

TEST(World, TheSameSeedIsTheSameRun) {
  for (const std::uint64_t seed : {7U, 8U, 9U}) EXPECT_EQ(play(seed).trace, play(seed).trace);
  EXPECT_NE(play(7).trace, play(8).trace);
}

/// Three recordings that kill their worker whenever they are worked on, among a hundred good ones.
TEST(World, FR_3_ThreePoisonFilesDoNotHoldUpAHundredGoodOnes) {
  std::vector<std::string> ends;
  World world{make_race(*find_race("poison-among-good"), 11, {}, std::nullopt)};
  const Report report = world.run([&ends](const std::string& line) {
    if (line.find("job.completed") != std::string::npos) ends.emplace_back("completed");
    if (line.find("job.dead") != std::string::npos) ends.emplace_back("dead");
    if (line.find("peace") != std::string::npos) ends.emplace_back("peace");
  });

  EXPECT_TRUE(report.violations.empty());
  EXPECT_EQ(report.completed, 100U);
  EXPECT_EQ(report.failed, 3U);
  EXPECT_EQ(ends.back(), "peace") << "all were over before the faults ended";
}

/// What operators do and what workers leave undone, in worlds that have both.
TEST(World, FR_3_KeepsEveryPromiseWhileOperatorsRedriveAndWorkersIdle) {
  std::size_t completed = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Scenario scenario = draw_scenario(seed, std::chrono::hours{1}, {});
    scenario.idlers = scenario.operators = scenario.crashes = scenario.store_trouble = true;
    scenario.trouble = 0.08;
    const Report report = World{scenario}.run(nullptr);
    completed += report.completed;
    ASSERT_TRUE(report.violations.empty()) << "seed " << seed << ": " << report.violations.front();
  }
  EXPECT_GT(completed, 100U);
}

class PlantedBug : public testing::TestWithParam<std::string_view> {};

TEST_P(PlantedBug, IsCaught) {
  constexpr std::uint64_t kSeedsMax = 3'000;
  constexpr std::uint64_t kSeedsOfARace = 5;
  const auto bugs = planted_bug(GetParam());
  ASSERT_TRUE(bugs.has_value());
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    if (!play(seed, *bugs).violations.empty()) return;
  }
  for (std::uint64_t seed = 1; seed <= kSeedsOfARace; ++seed) {  // some need a race that is hardly ever drawn
    for (const Race& race : races()) {
      if (!World{make_race(race, seed, *bugs, std::nullopt)}.run(nullptr).violations.empty()) return;
    }
  }
  for (std::uint64_t seed = 201; seed <= kSeedsMax; ++seed) {
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
