#include "app/drill/report.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>

namespace holdfast::drill {
namespace {

const Drill kDrill{.id = "LAB_9", .title = "A worker hangs", .rows = {"LAB_9", "FR_3"}};

Findings kept() {
  return {.broken = "SIGSTOP", .seen = {"user: told"}, .recovery = milliseconds{1'500}, .sent = 2};
}

TEST(DrillReport, JsonHasTheFieldsThatScriptsRelyOn) {
  const auto list = boost::json::parse(played_json({{&kDrill, kept()}})).as_array();

  const auto& one = list.at(0).as_object();
  EXPECT_EQ(one.at("id"), "LAB_9");
  EXPECT_EQ(one.at("ok"), true);
  EXPECT_EQ(one.at("recovery_s"), 1.5);
  EXPECT_EQ(one.at("lost"), 0);
  EXPECT_EQ(one.at("seen").as_array().at(0), "user: told");
  EXPECT_TRUE(one.at("failure").is_null());
}

TEST(DrillReport, WhatIsLostOrBrokenOrSkippedIsNotKept) {
  Findings lost = kept();
  lost.lost = 1;
  Findings broken = kept();
  broken.failure = "not told";
  Findings skipped = kept();
  skipped.skipped = "no mounts here";

  const auto told = boost::json::parse(played_json({{&kDrill, broken}})).as_array();
  EXPECT_EQ(told.at(0).at("failure"), "not told");
  EXPECT_TRUE(kept().ok());
  EXPECT_FALSE(lost.ok());
  EXPECT_FALSE(broken.ok());
  EXPECT_FALSE(skipped.ok());
  EXPECT_EQ(sum_text({{&kDrill, kept()}, {&kDrill, broken}, {&kDrill, skipped}}),
            "3 drills: 1 kept, 1 broken, 1 skipped\n");
}

TEST(DrillReport, APageCellHasNoLineBreakAndNoBar) {
  Findings found = kept();
  found.broken = "one | two\nthree";

  EXPECT_NE(played_page({{&kDrill, found}}).find("| one / two three | 1.5 s | 2 | 0 | kept |"), std::string::npos);
}

TEST(DrillReport, EachDrillHasAnIdOfItsOwnThatBeginsWithItsRow) {
  std::set<std::string_view> ids;
  for (const Drill& drill : drills()) {
    EXPECT_TRUE(ids.insert(drill.id).second) << drill.id;
    EXPECT_TRUE(std::ranges::any_of(drill.rows, [&](std::string_view row) { return drill.id.starts_with(row); }))
        << drill.id;
    EXPECT_NE(drill.play, nullptr);
    EXPECT_EQ(find_drill(drill.id), &drill);
  }
  EXPECT_EQ(find_drill("LAB_99"), nullptr);
}

TEST(DrillReport, AnAcceptanceWithoutFiguresOrWithABrokenLimitIsNone) {
  EXPECT_FALSE(Acceptance{}.ok());
  EXPECT_TRUE((Acceptance{.figures = {{.name = "files lost"}}}.ok()));
  EXPECT_FALSE((Acceptance{.figures = {{.name = "files lost", .value = 1, .kept = false}}}.ok()));
  EXPECT_FALSE((Acceptance{.figures = {{.name = "files lost"}}, .failure = "it ended"}.ok()));
}

}  // namespace
}  // namespace holdfast::drill
