#include "core/similar/likeness.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::similar {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// The lines of tests/data/likeness/NAME that hold a pair.
Pairs pairs_of(const std::string& name) {
  std::ifstream lines{std::string{HF_SOURCE_DIR} + "/tests/data/likeness/" + name};
  Pairs pairs;
  for (std::string line; std::getline(lines, line);) {
    const auto bar = line.find(" | ");
    if (line.starts_with('#') || bar == std::string::npos) continue;
    pairs.emplace_back(line.substr(0, bar), line.substr(bar + 3));
  }
  return pairs;
}

std::string seen(const std::string& request, const std::string& earlier) {
  const Verdict verdict = may_answer(request, earlier);
  return std::string{to_word(verdict.difference)} + (verdict.about.empty() ? "" : " " + verdict.about);
}

TEST(Likeness, FG_3_OppositeAndNumericallyDifferentRequestsNeverMatch) {
  const Pairs pairs = pairs_of("apart.txt");
  ASSERT_GE(pairs.size(), 100U);
  for (const auto& [request, earlier] : pairs) {
    EXPECT_FALSE(may_answer(request, earlier).may_answer()) << request << " | " << earlier;
    EXPECT_FALSE(may_answer(earlier, request).may_answer()) << earlier << " | " << request;
  }
}

/// A refusal costs a slower answer, not a wrong one: most is enough, and which ones are refused is no matter.
TEST(Likeness, FG_3_MostRequestsThatMeanTheSameMatch) {
  constexpr double kFloor = 0.9;
  const Pairs pairs = pairs_of("alike.txt");
  ASSERT_GE(pairs.size(), 60U);
  std::size_t matched = 0;
  std::string refused;
  for (const auto& [request, earlier] : pairs) {
    EXPECT_EQ(may_answer(request, earlier).may_answer(), may_answer(earlier, request).may_answer()) << request;
    if (may_answer(request, earlier).may_answer()) {
      ++matched;
    } else {
      refused += "\n" + seen(request, earlier) + ": " + request + " | " + earlier;
    }
  }
  const double share = static_cast<double>(matched) / static_cast<double>(pairs.size());
  RecordProperty("share", std::to_string(share));
  RecordProperty("refused", refused);
  EXPECT_GE(share, kFloor) << matched << " of " << pairs.size() << refused;
}

TEST(Likeness, FG_3_ARequestIsLikeItself) {
  for (const char* name : {"apart.txt", "alike.txt"}) {
    for (const auto& [request, earlier] : pairs_of(name)) {
      EXPECT_EQ(seen(request, request), "none") << request;
      EXPECT_EQ(seen(earlier, earlier), "none") << earlier;
    }
  }
}

TEST(Likeness, FG_3_ItSaysWhatSetsThemApart) {
  EXPECT_EQ(seen("with vanilla", "without vanilla"), "denial vanilla");
  EXPECT_EQ(seen("50 ml of rose", "100 ml of rose"), "number 100 ml");
  EXPECT_EQ(seen("a light rose", "a heavy rose"), "opposite light");
  EXPECT_EQ(seen("scented soap", "unscented soap"), "opposite scented");
  EXPECT_EQ(seen("a rose EDP", "a rose EDT"), "category edp");
  EXPECT_EQ(seen("rose and musk", "rose and leather"), "name musk");
  EXPECT_EQ(seen("only rose", "rose"), "only");
  EXPECT_EQ(seen("more citrus than wood", "more wood than citrus"), "order citrus");
  EXPECT_EQ(seen("advice for people who like sailing", "advice for people who like skiing"), "exchanged sailing");
  EXPECT_EQ(seen("insurance for sailors about to retire", "for farmers about to retire, an insurance"),
            "exchanged sailors");
}

TEST(Likeness, FG_3_NumbersAreReadWithTheirUnits) {
  EXPECT_EQ(seen("50ml for two weeks", "50 millilitres for 2 weeks"), "none");
  EXPECT_EQ(seen("3,500 ml", "3500 ml"), "none");
  EXPECT_EQ(seen("1.5 l", "15 l"), "number 1.5 l");
  EXPECT_EQ(seen("under $20", "under 20 dollars"), "none");
  EXPECT_EQ(seen("20 %", "20 percent"), "none");
}

TEST(Likeness, WhatCannotBeComparedIsRefused) {
  std::string words;
  for (std::size_t i = 0; i <= kComparedWordsMax; ++i) words += "rose ";
  EXPECT_EQ(seen(words, "rose"), "too_long");
  EXPECT_EQ(seen(std::string(1U << 20U, 'a'), "rose"), "too_long");
  EXPECT_EQ(seen("", ""), "none");
  EXPECT_EQ(seen("\xff\xfe without", "\xff\xfe"), "denial \ufffd\ufffd");
}

}  // namespace
}  // namespace holdfast::similar
