#include "flow/fallback/outcome_json.hpp"

#include <gtest/gtest.h>

namespace holdfast::fallback {
namespace {

TEST(OutcomeJson, FG_7_AnOutcomeComesBackAsItWas) {
  decide::StageOutcome outcome{.output = R"({"model":"m"})", .warnings = {"shortened"}};
  outcome.publish.push_back({.name = "brief", .json = R"({"style":"fresh"})"});

  const auto back = outcome_of(to_json(outcome));

  ASSERT_TRUE(back) << back.error().what();
  EXPECT_EQ(back->output, outcome.output);
  EXPECT_EQ(back->warnings, outcome.warnings);
  ASSERT_EQ(back->publish.size(), 1U);
  EXPECT_EQ(back->publish[0].name, "brief");
  EXPECT_EQ(back->publish[0].json, outcome.publish[0].json);
  EXPECT_FALSE(back->fallback);
}

TEST(OutcomeJson, FG_7_WhatIsNoOutcomeIsRefused) {
  for (const char* text : {"", "[]", "{}", R"({"output":1,"warnings":[],"publish":[]})",
                           R"({"output":"","warnings":[1],"publish":[]})",
                           R"({"output":"","warnings":[],"publish":[{"name":"brief"}]})"}) {
    const auto back = outcome_of(text);
    ASSERT_FALSE(back) << text;
    EXPECT_EQ(back.error().code(), "HF-STO-03");
  }
}

}  // namespace
}  // namespace holdfast::fallback
