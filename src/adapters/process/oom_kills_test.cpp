#include "adapters/process/oom_kills.hpp"

#include <gtest/gtest.h>

namespace holdfast::process {
namespace {

TEST(OomKills, FG_14_ReadsWhatEachKernelFileSays) {
  EXPECT_EQ(parse_oom_kills("low 0\nhigh 0\nmax 7\noom 3\noom_kill 2\noom_group_kill 0\n"), 2U);
  EXPECT_EQ(parse_oom_kills("oom_kill_disable 0\nunder_oom 0\noom_kill 5\n"), 5U);
  EXPECT_EQ(parse_oom_kills("pgfault 12\noom_kill 41"), 41U);
  EXPECT_EQ(parse_oom_kills(""), 0U);
  EXPECT_EQ(parse_oom_kills("oom_kill many\n"), 0U);
}

TEST(OomKills, FG_14_NeverGoesBackHere) {
  const auto before = oom_kills();
  EXPECT_GE(oom_kills(), before);
}

}  // namespace
}  // namespace holdfast::process
