#include "core/alert/book.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast::alert {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr milliseconds kMinute{60'000};
const Rule& kDown = *find_rule("HoldfastModelDown");

class AlertBook : public ::testing::Test {
 protected:
  /// Looks once, `after` the look before.
  std::vector<std::string> look(std::vector<Reading> readings, milliseconds after = kMinute, const Rule& rule = kDown) {
    now_.mono += after;
    now_.wall += after;
    std::vector<std::string> told;
    for (const Event& event : advance(book_, rule, readings, now_))
      told.push_back(event.subject + (event.firing ? " firing" : " resolved"));
    return told;
  }
  static Reading down(std::string subject, std::optional<bool> holds = true) { return {std::move(subject), 1, holds}; }

  Book book_;
  Moment now_{.mono = MonoTime{kMinute}, .wall = WallTime{kMinute}};
};

TEST_F(AlertBook, FG_13_ItIsPendingFirstAndFiresWhenItHasHeldLongEnough) {
  EXPECT_THAT(look({down("speech")}), IsEmpty());
  EXPECT_FALSE(book_.standings.at({"HoldfastModelDown", "speech"}).firing);

  EXPECT_THAT(look({down("speech")}, kMinute - milliseconds{1}), IsEmpty());
  EXPECT_THAT(look({down("speech")}, milliseconds{1}), ElementsAre("speech firing"));
  EXPECT_THAT(look({down("speech")}), IsEmpty());
  EXPECT_THAT(look({down("speech", false)}), ElementsAre("speech resolved"));
  EXPECT_TRUE(book_.standings.empty());
}

TEST_F(AlertBook, FG_13_WhatWasShortIsToldToNobody) {
  look({down("speech")});
  EXPECT_THAT(look({down("speech", false)}, milliseconds{1}), IsEmpty());
  EXPECT_THAT(look({down("speech")}), IsEmpty());
  EXPECT_THAT(look({down("speech")}, kMinute / 2), IsEmpty()) << "its time begins anew";
}

TEST_F(AlertBook, WhatIsNotKnownNeitherFiresNorResolves) {
  look({down("speech")});
  look({down("speech")});
  EXPECT_THAT(look({down("speech", {})}), IsEmpty());
  EXPECT_TRUE(book_.standings.at({"HoldfastModelDown", "speech"}).firing);
  look({down("speech", {}), down("language")});
  EXPECT_THAT(look({down("speech", {}), down("language", {})}), IsEmpty());
}

TEST_F(AlertBook, WhatIsGoneIsResolved) {
  look({down("speech"), down("language")});
  look({down("speech"), down("language")});
  EXPECT_THAT(look({down("speech")}), ElementsAre("language resolved"));
}

TEST_F(AlertBook, ARuleLeavesTheOthersAlone) {
  look({down("speech")});
  look({down("speech")});
  EXPECT_THAT(look({}, kMinute, *find_rule("HoldfastServiceDown")), IsEmpty());
  EXPECT_EQ(book_.standings.size(), 1U);
}

TEST_F(AlertBook, ARuleWithoutTimeFiresAtOnce) {
  EXPECT_THAT(look({{.value = 6, .holds = true}}, kMinute, *find_rule("HoldfastDeadLettersGrowing")),
              ElementsAre(" firing"));
}

TEST_F(AlertBook, MoreThanSoManyAreNotBegun) {
  std::vector<Reading> all;
  for (std::size_t i = 0; i < Book::kStandingsMax + 5; ++i) all.push_back(down(std::to_string(1000 + i)));
  look(all);
  EXPECT_EQ(look(all).size(), Book::kStandingsMax);
}

Event event(const std::string& subject, bool firing) {
  return {.id = subject + (firing ? "+" : "-"), .rule = "r", .subject = subject, .firing = firing};
}

std::string ids(const std::deque<Event>& events, std::size_t first) {
  std::string text;
  for (const Event& event : events) {
    if (first-- > 0) text += event.id + " ";
    if (first == 0) return text;
  }
  return text;
}

TEST_F(AlertBook, WhenTooManyWaitTheOldestThatIsOverGoesWithBothItsEvents) {
  note(book_, event("old", false), true);  // that it fired was delivered
  note(book_, event("a", true), true);
  note(book_, event("b", true), true);
  note(book_, event("b", false), true);
  while (book_.waiting.size() < Book::kWaitingMax) note(book_, event("c", true), true);
  EXPECT_EQ(book_.dropped, 0U);

  note(book_, event("d", true), true);

  EXPECT_EQ(book_.dropped, 2U);
  EXPECT_EQ(book_.waiting.size(), Book::kWaitingMax - 1);
  EXPECT_EQ(ids(book_.waiting, 3), "old- a+ c+ ");
}

TEST_F(AlertBook, WhenNoneOfThoseThatWaitIsOverTheOldestGoes) {
  for (std::size_t i = 0; i <= Book::kWaitingMax; ++i) note(book_, event(std::to_string(i), true), true);

  EXPECT_EQ(book_.dropped, 1U);
  EXPECT_EQ(book_.waiting.front().id, "1+");
}

TEST_F(AlertBook, WhereNobodyIsToldNothingWaits) {
  for (std::size_t i = 0; i < 2 * Book::kRecentMax; ++i) note(book_, event(std::to_string(i), true), false);

  EXPECT_TRUE(book_.waiting.empty());
  EXPECT_EQ(book_.recent.size(), Book::kRecentMax);
  EXPECT_EQ(book_.recent.back().id, "99+");
}

}  // namespace
}  // namespace holdfast::alert
