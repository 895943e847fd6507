#include "sim/races.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/world.hpp"

namespace holdfast::sim {
namespace {

/// The first broken promise of a few seeds; empty: all were kept.
std::string broken(const Race& race, std::uint64_t seeds, StoreChoice store, const PlantedBugs& bugs = {}) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const Report report = World{make_race(race, seed, bugs, store)}.run(nullptr);
    if (!report.violations.empty()) return "seed " + std::to_string(seed) + ": " + report.violations.front();
  }
  return "";
}

class KnownRace : public testing::TestWithParam<Race> {};

TEST_P(KnownRace, FR_3_KeepsEveryPromise) { EXPECT_EQ(broken(GetParam(), 12, StoreKind::memory), ""); }
TEST_P(KnownRace, FR_3_KeepsEveryPromiseOnTheRealStore) { EXPECT_EQ(broken(GetParam(), 3, StoreKind::sqlite), ""); }

INSTANTIATE_TEST_SUITE_P(All, KnownRace, testing::ValuesIn(races().begin(), races().end()),
                         [](const auto& parameter) {
                           std::string name{parameter.param.name};
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

/// Each race is about something: with that broken, it is lost.
struct Loss {
  const char* race;
  const char* bug;
};
class LostRace : public testing::TestWithParam<Loss> {};

TEST_P(LostRace, IsSeen) {
  const auto bugs = planted_bug(GetParam().bug);
  ASSERT_TRUE(bugs.has_value());
  EXPECT_NE(broken(*find_race(GetParam().race), 20, StoreKind::memory, *bugs), "") << GetParam().race;
}

INSTANTIATE_TEST_SUITE_P(Each, LostRace,
                         testing::Values(Loss{"store-restarts-in-recovery", "no-recovery"},
                                         Loss{"hung-step-loses-its-lease", "missing-fence"},
                                         Loss{"replacement-hangs-at-start", "uncounted-crash"},
                                         Loss{"store-away-ten-minutes", "store-that-never-answers"},
                                         Loss{"poison-among-good", "uncounted-crash"},
                                         Loss{"one-service-away", "claimed-while-held"},
                                         Loss{"no-memory-for-any-model", "refuses-for-ever"},
                                         Loss{"throttled-users", "hidden-users"},
                                         Loss{"burst-of-uploads", "dropped-tickets"},
                                         Loss{"gaps-of-lost-chunks", "forgotten-gaps"},
                                         Loss{"job-longer-than-lease", "no-heartbeat"},
                                         Loss{"lease-longer-than-job", "no-recovery"},
                                         Loss{"calendar-jumps", "no-heartbeat"}),
                         [](const auto& parameter) {
                           std::string name{parameter.param.race};
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST(Races, HaveNamesThatAreFound) {
  for (const Race& race : races()) EXPECT_EQ(find_race(race.name), &race);
  EXPECT_EQ(find_race("no such race"), nullptr);
}

}  // namespace
}  // namespace holdfast::sim
