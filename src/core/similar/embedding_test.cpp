#include "core/similar/embedding.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace holdfast::similar {
namespace {

TEST(Embedding, FG_3_WhatCannotBeEmbeddedIsRefused) {
  const std::string longest(kTextBytesMax, 'x');
  const std::vector<std::vector<std::string>> unfit{
      {}, {""}, {"a", " \n\t"}, {longest + "x"}, std::vector<std::string>(kTextsMax + 1, "a")};
  for (const auto& texts : unfit) {
    const auto checked = check_texts(texts);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code(), "HF-EMB-04");
  }
  EXPECT_TRUE(check_texts(std::vector<std::string>(kTextsMax, longest)));
}

TEST(Embedding, AVectorIsMadeOfLengthOneUnlessItHasNoDirection) {
  std::vector<float> vector{3, 4};
  ASSERT_TRUE(normalise(vector));
  EXPECT_FLOAT_EQ(vector[0], 0.6F);
  EXPECT_FLOAT_EQ(vector[1], 0.8F);
  std::vector<float> nothing{0, 0};
  EXPECT_FALSE(normalise(nothing));
  std::vector<float> no_number{std::numeric_limits<float>::quiet_NaN(), 1};
  EXPECT_FALSE(normalise(no_number));
  std::vector<float> too_much{std::numeric_limits<float>::infinity(), 1};
  EXPECT_FALSE(normalise(too_much));
}

}  // namespace
}  // namespace holdfast::similar
