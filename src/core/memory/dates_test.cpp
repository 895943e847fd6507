#include "core/memory/dates.hpp"

#include <gtest/gtest.h>

#include <array>

#include "core/base/instant.hpp"

namespace holdfast::memory {
namespace {

RecordedAt recorded(std::string_view at, std::optional<int> hours = 1) {
  RecordedAt made{.at = *parse_instant(at)};
  if (hours) made.offset = std::chrono::hours{*hours};
  return made;
}

std::string text_of(const ResolvedDate& date) {
  return date.at + (date.until.empty() ? "" : "/" + date.until) + " " + date.rule;
}
std::string due(std::string_view words, const RecordedAt& when) {
  const auto made = resolve_due(words, when);
  return made ? text_of(*made) : "words";
}

struct Case {
  std::string_view words;
  std::string_view expected;
};

// Wednesday, half past eleven where it was recorded.
const RecordedAt kWednesday = recorded("2026-11-25T10:30:00Z");

TEST(Dates, FR_9_WhatWasSaidIsHeldAgainstTheRecordingsDay) {
  constexpr auto kCases = std::to_array<Case>({
      {"today", "2026-11-25 today"},
      {"Tonight", "2026-11-25 today"},
      {"tomorrow", "2026-11-26 tomorrow"},
      {"by tomorrow morning", "2026-11-26 tomorrow"},
      {"the day after tomorrow", "2026-11-27 day_after_tomorrow"},
      {"Friday", "2026-11-27 weekday_ahead"},
      {"before Friday", "2026-11-27 weekday_ahead"},
      {"on Tuesday afternoon", "2026-12-01 weekday_ahead"},
      {"Wednesday", "words"},  // today, or in a week
      {"this Friday", "2026-11-27 this_weekday"},
      {"this Monday", "words"},  // it is over
      {"next Monday", "2026-11-30 next_weekday"},
      {"next Friday", "words"},  // in two days, or in nine
      {"the coming Friday", "2026-11-27 weekday_ahead"},
      {"in two days", "2026-11-27 days_ahead"},
      {"in 10 days", "2026-12-05 days_ahead"},
      {"within three weeks", "2026-12-16 weeks_ahead"},
      {"in a month", "2026-12-25 months_ahead"},
      {"in a year", "2027-11-25 years_ahead"},
      {"in two hours", "2026-11-25T13:30:00+01:00 hours_ahead"},
      {"in 45 minutes", "2026-11-25T12:15:00+01:00 minutes_ahead"},
      {"in a few days", "words"},
      {"in two to three days", "words"},
      {"next week", "2026-11-30/2026-12-06 next_week"},
      {"this week", "2026-11-23/2026-11-29 this_week"},
      {"next month", "2026-12-01/2026-12-31 next_month"},
      {"next year", "2027-01-01/2027-12-31 next_year"},
      {"this weekend", "2026-11-28/2026-11-29 weekend"},
      {"next weekend", "words"},
      {"by the end of the month", "2026-11-30 end_of_month"},
      {"end of next month", "2026-12-31 end_of_month"},
      {"the end of the year", "2026-12-31 end_of_year"},
      {"end of the day", "2026-11-25 end_of_day"},
      {"end of February", "2027-02-28 end_of_month"},
      {"by the end of the week", "words"},  // Friday, or Sunday
      {"the third of May", "2027-05-03 day_of_month"},
      {"May 3rd", "2027-05-03 day_of_month"},
      {"December 24", "2026-12-24 day_of_month"},
      {"the twenty-first of December", "2026-12-21 day_of_month"},
      {"Monday, December 7th", "2026-12-07 day_of_month"},
      {"Monday, December 7th, 2027", "words"},  // that is a Tuesday
      {"November 25th", "words"},              // today, or in a year
      {"3 May 2028", "2028-05-03 date"},
      {"May 3, 2028", "2028-05-03 date"},
      {"2026-12-24", "2026-12-24 date"},
      {"24.12.2026", "2026-12-24 date"},
      {"12/24/2026", "2026-12-24 date"},
      {"24/12/2026", "2026-12-24 date"},
      {"5/6/2027", "words"},  // a day of May, or of June
      {"5/5/2027", "2027-05-05 date"},
      {"the thirtieth of February", "words"},
      {"February 29", "words"},
      {"in May", "2027-05-01/2027-05-31 month"},
      {"in December", "2026-12-01/2026-12-31 month"},
      {"in November", "words"},
      {"early May", "words"},
      {"at 5 pm", "2026-11-25T17:00:00+01:00 time_today"},
      {"at five in the afternoon", "2026-11-25T17:00:00+01:00 time_today"},
      {"at five", "words"},
      {"at 9 am", "words"},  // that is over
      {"tomorrow at 9 a.m.", "2026-11-26T09:00:00+01:00 tomorrow+time"},
      {"tomorrow at 17:30", "2026-11-26T17:30:00+01:00 tomorrow+time"},
      {"tomorrow at five", "2026-11-26 tomorrow"},
      {"Friday by noon", "2026-11-27T12:00:00+01:00 weekday_ahead+time"},
      {"Friday 12 pm", "2026-11-27T12:00:00+01:00 weekday_ahead+time"},
  });
  for (const auto& [words, expected] : kCases) EXPECT_EQ(due(words, kWednesday), expected) << words;
}

TEST(Dates, FR_9_GermanWordsMeanTheSame) {
  constexpr auto kCases = std::to_array<Case>({
      {"heute Abend", "2026-11-25 today"},
      {"morgen", "2026-11-26 tomorrow"},
      {"Übermorgen", "2026-11-27 day_after_tomorrow"},
      {"am Morgen", "words"},
      {"bis Freitag", "2026-11-27 weekday_ahead"},
      {"nächsten Freitag", "words"},
      {"kommenden Freitag", "2026-11-27 weekday_ahead"},
      {"in zwei Wochen", "2026-12-09 weeks_ahead"},
      {"innerhalb von drei Tagen", "2026-11-28 days_ahead"},
      {"nächste Woche", "2026-11-30/2026-12-06 next_week"},
      {"bis Ende des Monats", "2026-11-30 end_of_month"},
      {"Ende Mai", "2027-05-31 end_of_month"},
      {"am 3. Mai", "2027-05-03 day_of_month"},
      {"am dritten Mai 2028", "2028-05-03 date"},
      {"im März", "2027-03-01/2027-03-31 month"},
      {"morgen um 17 Uhr", "2026-11-26T17:00:00+01:00 tomorrow+time"},
      {"morgen um 5 Uhr", "2026-11-26 tomorrow"},
      {"morgen um 5 Uhr nachmittags", "2026-11-26T17:00:00+01:00 tomorrow+time"},
  });
  for (const auto& [words, expected] : kCases) EXPECT_EQ(due(words, kWednesday), expected) << words;
}

TEST(Dates, FR_9_WhatCanMeanTwoDaysOrNoneStaysWords) {
  for (const std::string_view words :
       {"", "soon", "as soon as possible", "every Friday", "Friday or Saturday", "after Friday", "not before Friday",
        "the week after Friday", "two weeks from tomorrow", "the Friday after next", "Friday week", "Fridays",
        "between Monday and Tuesday", "around Friday", "you may go", "march on", "the second may be wrong", "5",
        "5000000", "in 99999 days", "in 9999 years",
        "0/0/2026", "99.99.2026", "00:00", "at 25", "2026-13-40", "--", "\xff\xfe 3."}) {
    EXPECT_EQ(due(words, kWednesday), "words") << words;
  }
  EXPECT_EQ(due(std::string(100'000, '7'), kWednesday), "words");
}

TEST(Dates, FR_9_EndsOfWeeksMonthsAndYearsAndLeapDays) {
  const auto at = [](std::string_view when, std::string_view words) { return due(words, recorded(when, 0)); };

  EXPECT_EQ(at("2026-12-31T12:00:00Z", "tomorrow"), "2027-01-01 tomorrow");
  EXPECT_EQ(at("2026-12-31T12:00:00Z", "next month"), "2027-01-01/2027-01-31 next_month");
  EXPECT_EQ(at("2026-12-31T12:00:00Z", "in three days"), "2027-01-03 days_ahead");
  EXPECT_EQ(at("2026-12-30T12:00:00Z", "next week"), "2027-01-04/2027-01-10 next_week");
  EXPECT_EQ(at("2028-02-28T12:00:00Z", "tomorrow"), "2028-02-29 tomorrow");
  EXPECT_EQ(at("2027-02-28T12:00:00Z", "tomorrow"), "2027-03-01 tomorrow");
  EXPECT_EQ(at("2028-02-01T12:00:00Z", "end of the month"), "2028-02-29 end_of_month");
  EXPECT_EQ(at("2028-02-01T12:00:00Z", "February 29"), "2028-02-29 day_of_month");
  EXPECT_EQ(at("2028-02-29T12:00:00Z", "in a year"), "words") << "there is no such day";
  EXPECT_EQ(at("2027-01-31T12:00:00Z", "in a month"), "words");
  EXPECT_EQ(at("2026-11-29T12:00:00Z", "next week"), "words") << "on a Sunday";
  EXPECT_EQ(at("2026-11-29T12:00:00Z", "next Monday"), "words") << "tomorrow, or in eight days";
  EXPECT_EQ(at("2026-11-28T12:00:00Z", "this Friday"), "words");
  EXPECT_EQ(at("2026-11-27T12:00:00Z", "next Friday"), "2026-12-04 next_weekday") << "said on a Friday, all agree";
}

TEST(Dates, FR_9_TheDayIsThatOfThePlaceWhereItWasRecorded) {
  EXPECT_EQ(due("tomorrow", recorded("2026-11-25T23:30:00Z", 1)), "2026-11-27 tomorrow");
  EXPECT_EQ(due("tomorrow", recorded("2026-11-25T23:30:00Z", -5)), "2026-11-26 tomorrow");
  EXPECT_EQ(due("tomorrow at 5 pm", recorded("2026-11-25T03:00:00Z", -5)), "2026-11-25T17:00:00-05:00 tomorrow+time");
  EXPECT_EQ(due("tomorrow at 5 pm", recorded("2026-11-25T23:30:00Z", std::nullopt)),
            "2026-11-26T17:00:00Z tomorrow+time")
      << "no offset is known: UTC";
}

std::string in_text(std::string_view text, bool ahead = false) {
  std::string all;
  for (const ResolvedDate& date : dates_in(text, kWednesday, ahead))
    all += "[" + date.said + "] " + text_of(date) + "; ";
  return all;
}

TEST(Dates, FR_9_ASentenceNamesDaysInItsOrderAndTheWordsThatNameThem) {
  EXPECT_EQ(in_text("Yesterday Anna called, and tomorrow she flies to Rome."),
            "[Yesterday] 2026-11-24 yesterday; [tomorrow] 2026-11-26 tomorrow; ");
  EXPECT_EQ(in_text("Leo moved here two years ago."), "[two years ago] 2024-11-25 years_ago; ");
  EXPECT_EQ(in_text("We met last Monday."), "") << "two days ago, or in the week before";
  EXPECT_EQ(in_text("We met last Friday."), "[last Friday] 2026-11-20 last_weekday; ");
  EXPECT_EQ(in_text("The exam is on May 3rd, 2027 at 10 am."), "[May 3rd, 2027] 2027-05-03T10:00:00+01:00 date+time; ");
}

TEST(Dates, FR_9_ADayWithoutADirectionNeedsASentenceThatHasOne) {
  EXPECT_EQ(in_text("We met Anna on Friday."), "") << "the last one, or the next";
  EXPECT_EQ(in_text("Anna will come on Friday."), "[Friday] 2026-11-27 weekday_ahead; ");
  EXPECT_EQ(in_text("She was there on Friday and will come again."), "");
  EXPECT_EQ(in_text("Call Anna on Friday.", true), "[Friday] 2026-11-27 weekday_ahead; ");
  EXPECT_EQ(in_text("The party is on the third of May."), "");
  EXPECT_EQ(in_text("My sister moves to Hamburg in October."), "");
  EXPECT_EQ(in_text("My sister will move to Hamburg in October."),
            "[in October] 2027-10-01/2027-10-31 month; ");
  EXPECT_EQ(in_text("The party will be on the third of May."), "[the third of May] 2027-05-03 day_of_month; ");
}

}  // namespace
}  // namespace holdfast::memory
