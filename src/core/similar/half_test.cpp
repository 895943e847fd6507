#include "core/similar/half.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace holdfast::similar {
namespace {

TEST(Half, EveryHalfComesBackAsItWas) {
  for (unsigned bits = 0; bits <= 0xffffU; ++bits) {
    const auto half = static_cast<Half>(bits);
    if (std::isnan(to_float(half))) {
      EXPECT_TRUE(std::isnan(to_float(to_half(to_float(half))))) << bits;
    } else {
      EXPECT_EQ(to_half(to_float(half)), half) << bits;
    }
  }
}

TEST(Half, IsTheNearestAndOfTwoTheEvenOne) {
  EXPECT_EQ(to_float(0x3c00), 1.0F);
  EXPECT_EQ(to_float(0xc000), -2.0F);
  EXPECT_EQ(to_float(0x0001), 0x1p-24F);
  EXPECT_EQ(to_half(65'504.0F), 0x7bff);
  EXPECT_EQ(to_half(65'519.0F), 0x7bff);
  EXPECT_EQ(to_half(65'520.0F), 0x7c00);
  EXPECT_EQ(to_half(std::numeric_limits<float>::infinity()), 0x7c00);
  for (Half bits = 0; bits < 0x7bff; ++bits) {
    const auto next = static_cast<Half>(bits + 1);
    const float middle = (to_float(bits) + to_float(next)) / 2;  // exact: a float has room for it
    EXPECT_EQ(to_half(middle), bits % 2 == 0 ? bits : next) << bits;
    EXPECT_EQ(to_half(std::nextafter(middle, 0.0F)), bits) << bits;
    EXPECT_EQ(to_half(std::nextafter(middle, 1e9F)), next) << bits;
    EXPECT_EQ(to_half(-std::nextafter(middle, 1e9F)), next | 0x8000) << bits;
  }
}

}  // namespace
}  // namespace holdfast::similar
