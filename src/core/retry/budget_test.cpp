#include "core/retry/budget.hpp"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(RetryBudget, FR_5_AllowsThreeWhateverIsUnderWayAndAFifthOfMany) {
  constexpr RetryBudget kBudget;
  EXPECT_TRUE(may_retry(kBudget, 0, 0));
  EXPECT_TRUE(may_retry(kBudget, 2, 2));
  EXPECT_FALSE(may_retry(kBudget, 3, 3));
  EXPECT_FALSE(may_retry(kBudget, 19, 3));
  EXPECT_TRUE(may_retry(kBudget, 20, 3));
  EXPECT_FALSE(may_retry(kBudget, 20, 4));
  EXPECT_TRUE(may_retry(kBudget, 100, 19));
  EXPECT_FALSE(may_retry(kBudget, 100, 20));
  EXPECT_EQ(retries_max(kBudget, 4'000'000'000U), 800'000'000U);
}

}  // namespace
}  // namespace holdfast
