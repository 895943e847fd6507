#include "core/base/nearest.hpp"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(Nearest, CountsSingleCharacterChanges) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("time_max", "tim_max"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
}

TEST(Nearest, FindsTheWordThatWasMeant) {
  constexpr std::string_view kKnown[] = {"name", "time_max", "title"};
  EXPECT_EQ(nearest("tilte", kKnown), "title");
  EXPECT_EQ(nearest("timemax", kKnown), "time_max");
}

}  // namespace
}  // namespace holdfast
