#include "adapters/llama/scales.hpp"

#include <gtest/gtest.h>

namespace holdfast::llama {
namespace {

constexpr const char* kSchema = R"({"type":"object","properties":{
  "clarity":{"type":"object","properties":{
    "reason":{"type":"string"},"score":{"type":"number","minimum":0,"maximum":10}}},
  "list":{"type":"array","items":{"type":"object","properties":{"stars":{"type":"integer","minimum":1,"maximum":5}}}},
  "year":{"type":"integer","minimum":1900,"maximum":2100},
  "open":{"type":"number","minimum":0}}})";

TEST(Scales, AreTheNumbersThatAreBoundedOnBothSides) {
  const auto scales = scales_of(kSchema);

  ASSERT_EQ(scales.size(), 2U);
  EXPECT_EQ(scales.at("score").most, 10);
  EXPECT_FALSE(scales.at("score").whole);
  EXPECT_EQ(scales.at("stars").least, 1);
  EXPECT_TRUE(scales.at("stars").whole);
}

TEST(Scales, ANameOfTwoScalesIsNone) {
  EXPECT_TRUE(scales_of(R"({"type":"object","properties":{
    "a":{"type":"object","properties":{"score":{"type":"number","minimum":0,"maximum":10}}},
    "b":{"type":"object","properties":{"score":{"type":"number","minimum":0,"maximum":5}}}}})")
                  .empty());
  EXPECT_TRUE(scales_of("{").empty());
}

TEST(ScaleNext, StandsWhereItsNameHasJustBeenWritten) {
  const auto scales = scales_of(kSchema);

  EXPECT_TRUE(scale_next(scales, R"({"clarity":{"reason":"Clear.","score":)").has_value());
  EXPECT_FALSE(scale_next(scales, R"({"clarity":{"reason":"Clear.","score")").has_value());
  EXPECT_FALSE(scale_next(scales, R"({"clarity":{"reason":)").has_value());
  EXPECT_FALSE(scale_next(scales, R"({"clarity":{"reason":"Clear.","score":7)").has_value());
  EXPECT_FALSE(scale_next(scales, "").has_value());
}

TEST(ExpectedMark, IsWhatTheChancesMeanTogether) {
  const Scale tenths{.least = 0, .most = 10};
  std::vector<double> chances(11, 0.0);
  chances[6] = 0.5;
  chances[9] = 0.25;
  chances[10] = 0.25;

  EXPECT_EQ(expected_mark(tenths, chances), "7.8");
  EXPECT_EQ(expected_mark({.least = 0, .most = 10, .whole = true}, chances), "8");
}

TEST(ExpectedMark, OnlyNumbersOfTheScaleCount) {
  const std::vector<double> chances{100, 0.5, 0, 0, 0, 0.5, 100};

  EXPECT_EQ(expected_mark({.least = 1, .most = 5}, chances), "3.0");
}

TEST(ExpectedMark, WithoutAnyChanceThereIsNone) {
  EXPECT_FALSE(expected_mark({}, std::vector<double>(11, 0.0)).has_value());
  EXPECT_FALSE(expected_mark({}, {}).has_value());
}

}  // namespace
}  // namespace holdfast::llama
