#include "core/balance/balance.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace holdfast::balance {
namespace {

/// Who is asked in so many calls of which each is over before the next: "aab".
std::string turns(std::vector<Place>& places, unsigned count) {
  std::string text;
  for (unsigned call = 0; call < count; ++call) {
    const auto chosen = choose(places);
    text += chosen ? static_cast<char>('a' + *chosen) : '-';
  }
  return text;
}

TEST(Balance, SharesCallsOutByWeightWithoutRunsOfThem) {
  std::vector<Place> places{{.weight = 3}, {.weight = 1}, {.weight = 1}};
  EXPECT_EQ(turns(places, 10), "abacaabaca");
}

TEST(Balance, WhatMayNotBeAskedIsNot) {
  std::vector<Place> places{{.weight = 100, .usable = false}, {.weight = 1}};
  EXPECT_EQ(turns(places, 3), "bbb");
  places[1].usable = false;
  EXPECT_EQ(turns(places, 2), "--");
  EXPECT_EQ(choose({}), std::nullopt);
}

TEST(Balance, WhoComesBackHasNothingToMakeUpFor) {
  std::vector<Place> places{{.weight = 1}, {.weight = 1, .usable = false}};
  (void)turns(places, 100);
  places[1].usable = true;
  EXPECT_EQ(turns(places, 4), "abab");
}

TEST(Balance, OneWithoutAShareIsAskedWhereNoOtherMayBe) {
  std::vector<Place> places{{.weight = 0}, {.weight = 1}, {.weight = 0}};
  EXPECT_EQ(turns(places, 3), "bbb");
  places[1].usable = false;
  EXPECT_EQ(turns(places, 4), "acac");
}

TEST(Balance, TheLeastWorkForItsWeightGoesFirst) {
  std::vector<Place> places{{.weight = 2, .in_flight = 3}, {.weight = 1, .in_flight = 1}};
  EXPECT_EQ(choose(places), 1U) << "three for two is more than one for one";
  places[1].in_flight = 2;
  EXPECT_EQ(choose(places), 0U);
  places[0].in_flight = 4;
  EXPECT_TRUE(choose(places)) << "as much for its weight: whose turn it is";
}

}  // namespace
}  // namespace holdfast::balance
