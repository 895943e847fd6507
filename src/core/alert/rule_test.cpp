#include "core/alert/rule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace holdfast::alert {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

/// What only somebody outside can see.
const std::set<std::string> kOutsideOnly{"HoldfastDown"};

/// The rules of Prometheus by name: the lines of each.
std::map<std::string, std::string> rules_of_prometheus() {
  std::ifstream file{HF_SOURCE_DIR "/deploy/prometheus/holdfast.rules.yml"};
  std::map<std::string, std::string> found;
  std::string name;
  const std::regex begins{"      - alert: (\\w+)"};
  for (std::string line; std::getline(file, line);) {
    std::smatch words;
    if (std::regex_match(line, words, begins)) name = words[1];
    if (!name.empty()) found[name] += line + '\n';
  }
  return found;
}

std::string minutes(milliseconds time) { return std::to_string(time.count() / 60'000) + "m"; }

/// As it is written there: the subject is a label.
std::string in_prometheus(std::string_view words) {
  std::string text = std::regex_replace(std::string{words}, std::regex{"\\{subject\\}"}, "{{ $$labels.LABEL }}");
  return std::regex_replace(text, std::regex{"\\{value\\}"}, "{{ $$value }}");
}

std::string plain(const std::string& rule) {
  const std::string text = std::regex_replace(rule, std::regex{"\\$labels\\.\\w+"}, "$$labels.LABEL");
  return std::regex_replace(text, std::regex{"\\$value \\| humanize1024"}, "$$value");
}

std::string threshold_of(const Rule& rule) {
  switch (rule.measure) {
    case Measure::model_down:
    case Measure::service_down:
      return " == 0";
    case Measure::free_bytes:
      return " < 2e9";
    case Measure::breaker_open:
    case Measure::last_resort:
    case Measure::work_paused:
    case Measure::uploads_refused:
      return " == 1";
    case Measure::no_progress:
    case Measure::workers_added:
      return "> 0";
    case Measure::queue_refusals:
      return "/ 10) > floor";
    default: {
      std::ostringstream number;
      number << " > " << rule.threshold;
      return number.str();
    }
  }
}

TEST(AlertRules, FG_13_AreTheSameAsThoseOfPrometheus) {
  auto theirs = rules_of_prometheus();
  for (const Rule& rule : rules()) {
    const std::string text = plain(theirs[std::string{rule.name}]);
    SCOPED_TRACE(std::string{rule.name} + ":\n" + text);
    EXPECT_THAT(text, HasSubstr("severity: " + std::string{to_word(rule.severity)} + "}"));
    EXPECT_THAT(text, HasSubstr("summary: \"" + in_prometheus(rule.summary) + "\""));
    EXPECT_THAT(text, HasSubstr("what_to_do: \"" + std::string{rule.what_to_do} + "\""));
    EXPECT_THAT(text, HasSubstr(threshold_of(rule)));
    const std::string lasts = "for: " + minutes(rule.lasts) + "\n";
    EXPECT_EQ(text.find("for: ") != std::string::npos, rule.lasts.count() > 0);
    if (rule.lasts.count() > 0) EXPECT_THAT(text, HasSubstr(lasts));
    const std::string over = rule.over == milliseconds{3'600'000} ? "1h" : minutes(rule.over);
    if (rule.over.count() > 0) EXPECT_TRUE(text.contains("[" + over + "]") || text.contains("offset " + over));
    theirs.erase(std::string{rule.name});
  }
  for (const auto& [name, text] : theirs) EXPECT_TRUE(kOutsideOnly.contains(name)) << name << " is only in Prometheus";
}

TEST(AlertRules, FG_13_HaveTheThresholdsThatWereAskedFor) {
  const auto is = [](std::string_view name, Severity severity, double threshold, int minutes_long) {
    const Rule* rule = find_rule(name);
    return rule != nullptr && rule->severity == severity && rule->threshold == threshold &&
           rule->lasts == milliseconds{60'000} * minutes_long;
  };
  EXPECT_TRUE(is("HoldfastModelDown", Severity::high, 0, 1));
  EXPECT_TRUE(is("HoldfastQueueLong", Severity::medium, 100, 5));
  EXPECT_TRUE(is("HoldfastErrorRateHigh", Severity::high, 0.10, 5));
  EXPECT_TRUE(is("HoldfastModelFailureRateHigh", Severity::high, 0.10, 5));
  EXPECT_TRUE(is("HoldfastCacheMissesHigh", Severity::low, 0.80, 10));
  EXPECT_EQ(find_rule("HoldfastModelFailureRateHigh")->over, milliseconds{300'000});
  EXPECT_EQ(find_rule("HoldfastQueueRefusals")->threshold, 10);
}

TEST(AlertRules, TheDiskIsLowBelowTwoGigabytes) { EXPECT_EQ(find_rule("HoldfastDiskReserveLow")->threshold, 2e9); }

TEST(AlertRules, ASummarySaysWhatItIsAbout) {
  EXPECT_EQ(summary_of(*find_rule("HoldfastQueueLong"), "engine", 101), "101 items wait for engine.");
  EXPECT_EQ(summary_of(*find_rule("HoldfastDiskReserveLow"), "", 1.9e9), "1.8GiB are free where files are stored.");
  for (const Rule& rule : rules()) EXPECT_THAT(summary_of(rule, "x", 1), MatchesRegex("[^{}]+\\."));
}

TEST(AlertRules, ADrillOnlyShortensTimes) {
  const auto fast = sped_up(60);
  ASSERT_EQ(fast.size(), rules().size());
  for (std::size_t at = 0; at < fast.size(); ++at) {
    EXPECT_EQ(fast[at].lasts * 60, rules()[at].lasts);
    EXPECT_EQ(fast[at].over * 60, rules()[at].over);
    EXPECT_EQ(fast[at].threshold, rules()[at].threshold);
  }
  EXPECT_EQ(sped_up(0).front().lasts, rules().front().lasts);
}

}  // namespace
}  // namespace holdfast::alert
