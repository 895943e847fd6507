#include "core/cache/ttl.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace holdfast::cache {
namespace {

using std::chrono::seconds;

constexpr TtlPolicy kPolicy;

/// The times in seconds after each minute with so many waiting.
std::vector<std::int64_t> minutes(const std::vector<std::uint64_t>& waiting, const TtlPolicy& policy = kPolicy) {
  MonoTime now{};
  Ttl ttl = first_ttl(policy, now);
  std::vector<std::int64_t> out;
  for (const std::uint64_t queue : waiting) {
    now += policy.every;
    ttl = next_ttl(ttl, queue, policy, now);
    out.push_back(std::chrono::floor<seconds>(ttl.now).count());
  }
  return out;
}

TEST(CacheTtl, FG_8_BeginsWithTheBaseAndMovesByTheLoad) {
  struct Case {
    std::vector<std::uint64_t> waiting;
    std::vector<std::int64_t> seconds;
  };
  const Case cases[] = {
      {{81}, {7200}},                                     // above 0.8: doubled
      {{80}, {3600}},                                     // not above it
      {{30}, {3600}},                                     // not below 0.3
      {{29}, {1800}},                                     // below it: halved
      {{50, 50, 50}, {3600, 3600, 3600}},                 // between: as it is
      {{0, 0, 0, 0}, {1800, 900, 600, 600}},              // never below 600
      {{100, 100, 100, 100, 100}, {7200, 14400, 28800, 57600, 86400}},  // never above 86400
      {{5'000'000'000, 0}, {7200, 3600}},                 // a load of 1 is the most there is
      {{0, 0, 0, 90, 90}, {1800, 900, 600, 1200, 2400}},  // back from the bound
  };
  for (const Case& one : cases) EXPECT_EQ(minutes(one.waiting), one.seconds) << one.waiting.front();
}

TEST(CacheTtl, FG_8_LoadIsTheQueueOverAHundredAndAtMostOne) {
  EXPECT_EQ(load_of(0, kPolicy), 0.0);
  EXPECT_EQ(load_of(50, kPolicy), 0.5);
  EXPECT_EQ(load_of(100, kPolicy), 1.0);
  EXPECT_EQ(load_of(101, kPolicy), 1.0);
}

TEST(CacheTtl, FG_8_IsJudgedOnceAMinuteHoweverOftenItIsAskedFor) {
  Ttl ttl = first_ttl(kPolicy, MonoTime{});
  ttl = next_ttl(ttl, 100, kPolicy, MonoTime{seconds{59}});
  EXPECT_EQ(ttl.now, seconds{3600});
  ttl = next_ttl(ttl, 100, kPolicy, MonoTime{seconds{60}});
  EXPECT_EQ(ttl.now, seconds{7200});
  ttl = next_ttl(ttl, 100, kPolicy, MonoTime{seconds{119}});
  EXPECT_EQ(ttl.now, seconds{7200});
}

TEST(CacheTtl, ALongPauseIsOneStepAndNotMany) {
  const Ttl ttl = next_ttl(first_ttl(kPolicy, MonoTime{}), 0, kPolicy, MonoTime{seconds{3600}});
  EXPECT_EQ(ttl.now, seconds{1800});
  EXPECT_EQ(ttl.judged_at, MonoTime{seconds{3600}});
}

TEST(CacheTtl, ABaseOutsideOfTheBoundsBeginsAtTheBound) {
  EXPECT_EQ(first_ttl({.base = seconds{1}}, MonoTime{}).now, seconds{600});
  EXPECT_EQ(first_ttl({.base = seconds{1'000'000}}, MonoTime{}).now, seconds{86'400});
}

}  // namespace
}  // namespace holdfast::cache
