#include <gtest/gtest.h>

#include "core/admission/limits.hpp"

namespace holdfast::admission {
namespace {

constexpr Watermarks kMarks{.close_below = 0.2, .open_above = 0.5};

std::string refusal(const Limits& limits, const Load& load, const std::string& owner = "ada") {
  const auto admitted = admit(limits, load, owner, {"media", "engine"});
  return admitted ? "" : admitted.error().code();
}

TEST(Watermarks, LAB_7_AGateClosesBelowTheLowMarkAndOpensAboveTheHighOne) {
  EXPECT_EQ(next_gate(Gate::open, 0.21, kMarks), Gate::open);
  EXPECT_EQ(next_gate(Gate::open, 0.19, kMarks), Gate::closed);
  EXPECT_EQ(next_gate(Gate::closed, 0.51, kMarks), Gate::open);
}

TEST(Watermarks, LAB_7_BetweenTheMarksAGateStaysAsItWas) {
  for (const double available : {0.2, 0.35, 0.5}) {
    EXPECT_EQ(next_gate(Gate::open, available, kMarks), Gate::open) << available;
    EXPECT_EQ(next_gate(Gate::closed, available, kMarks), Gate::closed) << available;
  }
}

TEST(Pace, LAB_7_AClosedGateBeginsNothingAndThenOneAtATime) {
  EXPECT_EQ(pace_of(Gate::open, kPatience * 2), Pace::full);
  EXPECT_EQ(pace_of(Gate::closed, milliseconds{0}), Pace::none);
  EXPECT_EQ(pace_of(Gate::closed, kPatience - milliseconds{1}), Pace::none);
  EXPECT_EQ(pace_of(Gate::closed, kPatience), Pace::one_at_a_time);
}

TEST(Admission, LAB_8_NobodyIsLetInWhileMemoryIsShort) {
  EXPECT_EQ(refusal({}, {.uploads = Gate::closed, .active_users = {"ada"}}), "HF-ADM-01");
  EXPECT_EQ(refusal({}, {.uploads = Gate::open}), "");
}

TEST(Admission, LAB_11_ANewUserWaitsWhileAsManyAsAllowedAreActive) {
  const Limits limits{.active_users_max = 2};

  EXPECT_EQ(refusal(limits, {.active_users = {"bo"}}), "");
  EXPECT_EQ(refusal(limits, {.active_users = {"bo", "cy"}}), "HF-ADM-03");
}

TEST(Admission, LAB_11_AnActiveUserMayBringMore) {
  const Limits limits{.active_users_max = 2};

  EXPECT_EQ(refusal(limits, {.active_users = {"bo", "ada"}}), "");
  EXPECT_EQ(refusal(limits, {.active_users = {"bo", "ada", "cy"}}), "");
}

TEST(Admission, FG_9_AFullQueueRefusesAndSaysHowLongItIs) {
  const Limits limits{.waiting_max = 500};

  EXPECT_EQ(refusal(limits, {.waiting = {{"media", 499}}}), "");
  const auto refused = admit(limits, {.waiting = {{"engine", 500}}}, "ada", {"media", "engine"});

  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), "HF-ADM-02");
  ASSERT_EQ(refused.error().facts().size(), 1U);
  EXPECT_EQ(refused.error().facts().front(), (Error::Fact{"queue_size", 500}));
}

TEST(Admission, LAB_11_AQueueMayHaveALimitOfItsOwn) {
  const Limits limits{.waiting_max = 500, .waiting_max_of = {{"engine", 5}, {"media", 0}}};

  EXPECT_EQ(refusal(limits, {.waiting = {{"engine", 5}}}), "HF-ADM-02");
  EXPECT_EQ(refusal(limits, {.waiting = {{"media", 100'000}}}), "");
}

TEST(Admission, AQueueThatTheItemDoesNotPassIsNoReason) {
  EXPECT_TRUE(admit({.waiting_max = 1}, {.waiting = {{"media", 9}}}, "ada", {"engine"}).has_value());
}

TEST(Admission, LAB_11_LimitsThatMakeNoSenseAreRefused) {
  const std::set<std::string> bulkheads{"media", "engine"};
  EXPECT_TRUE(check({}, bulkheads).has_value());
  EXPECT_FALSE(check({.work = {0.5, 0.2}}, bulkheads).has_value());
  EXPECT_FALSE(check({.work = {-0.1, 0.2}}, bulkheads).has_value());
  EXPECT_FALSE(check({.uploads = {0.1, 1.0}}, bulkheads).has_value());
  EXPECT_FALSE(check({.waiting_max_of = {{"nowhere", 1}}}, bulkheads).has_value());
}

}  // namespace
}  // namespace holdfast::admission
