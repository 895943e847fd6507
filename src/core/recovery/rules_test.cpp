#include "core/recovery/rules.hpp"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

using namespace std::chrono_literals;

StageConfig stage() {
  StageConfig config{.name = "stt", .kind = "transcribe"};
  config.retry = {.backoff = {.base = 15s, .ceiling = 15min}, .attempts_max = 4, .crashes_max = 2};
  return config;
}

std::string refusal(const RecoveryRules& rules) {
  const auto checked = check_rules(rules, {"convert", "transcribe"});
  return checked ? "" : checked.error().code() + " " + checked.error().what();
}

TEST(Rules, FR_3_WhatIsNotSaidIsAsTheRecipeSays) {
  EXPECT_EQ(policy_under({}, stage()).attempts_max, 4U);
  const RecoveryRules rules{{"transcribe", {.attempts_max = 9}}, {"convert", {.crashes_max = 7}}};
  const RetryPolicy policy = policy_under(rules, stage());

  EXPECT_EQ(policy.attempts_max, 9U);
  EXPECT_EQ(policy.crashes_max, 2U);
  EXPECT_EQ(policy.backoff.base, 15s);
}

TEST(Rules, FR_3_ABackoffThatIsSaidIsKeptWhateverTheRecipeSaysOfTheOtherEnd) {
  const RetryPolicy longer = policy_under({{"transcribe", {.backoff_base = 2h}}}, stage());
  EXPECT_EQ(longer.backoff.base, 2h);
  EXPECT_EQ(longer.backoff.ceiling, 2h);

  const RetryPolicy shorter = policy_under({{"transcribe", {.backoff_ceiling = 5s}}}, stage());
  EXPECT_EQ(shorter.backoff.base, 5s);
  EXPECT_EQ(shorter.backoff.ceiling, 5s);
}

TEST(Rules, FR_3_ThePatienceIsThatOfTheRuleOrItsOwn) {
  EXPECT_EQ(patience_under({}, "transcribe", 10min), 10min);
  EXPECT_EQ(patience_under({{"transcribe", {.no_progress = 20s}}}, "transcribe", 10min), 20s);
  EXPECT_EQ(patience_under({{"transcribe", {.attempts_max = 1}}}, "transcribe", 10min), 10min);
}

TEST(Rules, TheLaterRulesWinWhereTheySaySomething) {
  const RecoveryRules both = merged({{"transcribe", {.attempts_max = 2, .no_progress = 1min}}},
                                    {{"transcribe", {.attempts_max = 5}}, {"convert", {.crashes_max = 3}}});

  EXPECT_EQ(both.at("transcribe").attempts_max, 5U);
  EXPECT_EQ(both.at("transcribe").no_progress, 1min);
  EXPECT_EQ(both.at("convert").crashes_max, 3U);
}

TEST(Rules, FR_3_RulesThatCannotBeAreRefusedByName) {
  EXPECT_EQ(refusal({{"transcribe", {.attempts_max = 100, .no_progress = 1s}}}), "");
  EXPECT_EQ(refusal({{"dance", {}}}), "HF-QUE-03 dance: there is no stage of that kind");
  EXPECT_NE(refusal({{"convert", {.attempts_max = 0}}}).find("convert: attempts_max"), std::string::npos);
  EXPECT_NE(refusal({{"convert", {.crashes_max = 101}}}).find("crashes_max"), std::string::npos);
  EXPECT_NE(refusal({{"convert", {.no_progress = 999ms}}}).find("no_progress"), std::string::npos);
  EXPECT_NE(refusal({{"convert", {.backoff_base = -1ms}}}).find("backoff_base"), std::string::npos);
  EXPECT_NE(refusal({{"convert", {.backoff_base = 2s, .backoff_ceiling = 1s}}}).find("shorter"), std::string::npos);
}

}  // namespace
}  // namespace holdfast
