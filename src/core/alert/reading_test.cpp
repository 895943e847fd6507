#include "core/alert/reading.hpp"

#include <gtest/gtest.h>

namespace holdfast::alert {
namespace {

constexpr milliseconds kMinute{60'000};
constexpr milliseconds kHour{3'600'000};

/// Moments a minute apart, the newest of which is now.
class Told {
 public:
  Told& then(Figures figures) {
    now_ = std::move(figures);
    history_.add(at_, now_.counters, kHour);
    at_ += kMinute;
    return *this;
  }
  Told& for_minutes(int minutes, const Figures& figures) {
    for (int i = 0; i < minutes; ++i) then(figures);
    return *this;
  }
  [[nodiscard]] std::string of(std::string_view rule) const {
    const auto readings = read(*find_rule(rule), now_, history_);
    if (!readings) return "unknown";
    std::string text;
    for (const Reading& reading : *readings) {
      text += text.empty() ? "" : ", ";
      text += reading.subject.empty() ? "" : reading.subject + " ";
      text += !reading.holds ? "unknown" : *reading.holds ? "holds" : "no";
    }
    return text;
  }

 private:
  History history_;
  Figures now_;
  MonoTime at_{kMinute};
};

Figures answered(std::uint64_t requests, std::uint64_t errors) {
  return {.counters = {.requests = requests, .errors = errors}};
}
Figures attempted(const std::string& kind, std::uint64_t ended, std::uint64_t failed) {
  return {.counters = {.attempts = {{kind, {ended, failed}}}}};
}
Figures dead(std::uint64_t items) { return {.counters = {.failed_items = items}}; }
Figures waiting(std::uint64_t items, std::uint64_t ended = 0) {
  Figures figures = attempted("transcribe", ended, 0);
  figures.waiting = {{"engine", items}};
  return figures;
}

TEST(AlertReading, FG_13_AModelAndAnyOtherServiceAreAwayByTheirOwnRules) {
  const Told told =
      Told{}.then({.services_up = {{"ffmpeg", false}, {"language", {}}, {"speech", false}, {"store", true}}});

  EXPECT_EQ(told.of("HoldfastModelDown"), "language unknown, speech holds");
  EXPECT_EQ(told.of("HoldfastServiceDown"), "ffmpeg holds, store no");
}

TEST(AlertReading, FG_13_AQueueIsLongAboveAHundred) {
  EXPECT_EQ(Told{}.then(waiting(100)).of("HoldfastQueueLong"), "engine no");
  EXPECT_EQ(Told{}.then(waiting(101)).of("HoldfastQueueLong"), "engine holds");
  EXPECT_EQ(Told{}.then({}).of("HoldfastQueueLong"), "unknown");
}

TEST(AlertReading, FG_13_TheErrorRateIsThatOfTheLastFiveMinutes) {
  EXPECT_EQ(Told{}.then(answered(0, 0)).then(answered(100, 10)).of("HoldfastErrorRateHigh"), "no");
  EXPECT_EQ(Told{}.then(answered(0, 0)).then(answered(100, 11)).of("HoldfastErrorRateHigh"), "holds");
  const auto quiet = Told{}.then(answered(0, 0)).for_minutes(4, answered(100, 50));
  EXPECT_EQ(quiet.of("HoldfastErrorRateHigh"), "holds");
  EXPECT_EQ(Told{quiet}.for_minutes(2, answered(100, 50)).of("HoldfastErrorRateHigh"), "no");
}

TEST(AlertReading, ARateOfNothingIsNotKnownBeforeItsTimeIsOver) {
  EXPECT_EQ(Told{}.for_minutes(5, answered(0, 0)).of("HoldfastErrorRateHigh"), "unknown");
  EXPECT_EQ(Told{}.for_minutes(6, answered(0, 0)).of("HoldfastErrorRateHigh"), "no");
}

TEST(AlertReading, FG_13_AModelFailsTooOftenByItsOwnShare) {
  const auto failed = [](const std::string& kind, std::uint64_t ended) {
    return Told{}.then(attempted(kind, 0, 0)).then(attempted(kind, ended, 1)).of("HoldfastModelFailureRateHigh");
  };
  EXPECT_EQ(failed("generate", 9), "generate holds");
  EXPECT_EQ(failed("generate", 10), "generate no");
  EXPECT_EQ(failed("convert", 1), "");
}

TEST(AlertReading, DeadLettersGrowByMoreThanFiveInAnHour) {
  EXPECT_EQ(Told{}.then(dead(3)).then(dead(9)).of("HoldfastDeadLettersGrowing"), "holds");
  EXPECT_EQ(Told{}.then(dead(3)).then(dead(8)).of("HoldfastDeadLettersGrowing"), "unknown");
  EXPECT_EQ(Told{}.then(dead(3)).for_minutes(61, dead(9)).of("HoldfastDeadLettersGrowing"), "no");
  EXPECT_EQ(Told{}.then(dead(3)).then({}).of("HoldfastDeadLettersGrowing"), "unknown");
}

TEST(AlertReading, NoProgressIsThatItemsWaitAndNothingEndsForAQuarterOfAnHour) {
  EXPECT_EQ(Told{}.for_minutes(15, waiting(1)).of("HoldfastNoProgress"), "unknown");
  EXPECT_EQ(Told{}.for_minutes(16, waiting(1)).of("HoldfastNoProgress"), "holds");
  EXPECT_EQ(Told{}.for_minutes(16, waiting(1)).then(waiting(1, 1)).of("HoldfastNoProgress"), "no");
  EXPECT_EQ(Told{}.for_minutes(16, waiting(0)).of("HoldfastNoProgress"), "no");
}

TEST(AlertReading, FG_9_EveryTenthRefusalByAFullQueueCounts) {
  const auto refused = [](std::uint64_t count) { return Figures{.counters = {.queue_refusals = count}}; };
  EXPECT_EQ(Told{}.then(refused(0)).then(refused(9)).of("HoldfastQueueRefusals"), "no");
  EXPECT_EQ(Told{}.then(refused(9)).then(refused(10)).of("HoldfastQueueRefusals"), "holds");
  EXPECT_EQ(Told{}.then(refused(10)).then(refused(19)).of("HoldfastQueueRefusals"), "no");
  EXPECT_EQ(Told{}.then(refused(19)).then(refused(20)).of("HoldfastQueueRefusals"), "holds");
  EXPECT_EQ(Told{}.then(refused(9)).for_minutes(6, refused(10)).of("HoldfastQueueRefusals"), "no");
}

TEST(AlertReading, FG_13_TheCacheMissesTooOftenByItsShareOfTenMinutes) {
  const auto asked = [](std::uint64_t hits, std::uint64_t misses) {
    return Figures{.counters = {.cache_hits = hits, .cache_misses = misses}};
  };
  EXPECT_EQ(Told{}.then(asked(0, 0)).then(asked(20, 80)).of("HoldfastCacheMissesHigh"), "no");
  EXPECT_EQ(Told{}.then(asked(0, 0)).then(asked(19, 81)).of("HoldfastCacheMissesHigh"), "holds");
  EXPECT_EQ(Told{}.then(asked(0, 81)).then(asked(10, 90)).of("HoldfastCacheMissesHigh"), "no");
  const auto later = Told{}.then(asked(0, 0)).for_minutes(9, asked(0, 50));
  EXPECT_EQ(later.of("HoldfastCacheMissesHigh"), "holds");
  EXPECT_EQ(Told{later}.for_minutes(2, asked(0, 50)).of("HoldfastCacheMissesHigh"), "no");
  EXPECT_EQ(Told{}.for_minutes(5, asked(0, 0)).of("HoldfastCacheMissesHigh"), "unknown");
}

TEST(AlertReading, DiskBreakerMemoryAreReadAsTheyAre) {
  const Told told = Told{}.then({.breakers_open = {{"speech", true}, {"language", false}},
                                 .free_bytes = 1'999'999'999,
                                 .work_paused = true,
                                 .uploads_refused = false});

  EXPECT_EQ(told.of("HoldfastDiskReserveLow"), "holds");
  EXPECT_EQ(told.of("HoldfastBreakerOpen"), "language no, speech holds");
  EXPECT_EQ(told.of("HoldfastWorkPaused"), "holds");
  EXPECT_EQ(told.of("HoldfastUploadsRefused"), "no");
  EXPECT_EQ(Told{}.then({}).of("HoldfastDiskReserveLow"), "unknown");
}

TEST(AlertReading, FG_11_MoreInTheSpoolThanTheRuleOrTheConfigurationSaysIsAnAlert) {
  EXPECT_EQ(Told{}.then({.spool_records = 100}).of("HoldfastSpoolLong"), "no");
  EXPECT_EQ(Told{}.then({.spool_records = 101}).of("HoldfastSpoolLong"), "holds");
  EXPECT_EQ(Told{}.then({.spool_records = 11, .spool_limit = 10}).of("HoldfastSpoolLong"), "holds");
  EXPECT_EQ(Told{}.then({.spool_records = 150, .spool_limit = 200}).of("HoldfastSpoolLong"), "no");
}

TEST(AlertHistory, HoldsOnlySoManyMoments) {
  History history;
  for (std::uint64_t i = 1; i <= 10'000; ++i)
    history.add(MonoTime{milliseconds{i}}, {.requests = i}, kHour);

  EXPECT_EQ(history.before(kHour).requests, 10'000 - History::kMomentsMax + 1);
  EXPECT_EQ(history.before(milliseconds{10}).requests, 9'990U);
}

}  // namespace
}  // namespace holdfast::alert
