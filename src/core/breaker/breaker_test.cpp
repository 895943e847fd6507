#include "core/breaker/breaker.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "core/base/rng.hpp"

namespace holdfast::breaker {
namespace {

MonoTime at(std::int64_t seconds) { return MonoTime{milliseconds{seconds * 1'000}}; }

/// A breaker that is called one call at a time, each of which takes no time.
class Line {
 public:
  explicit Line(Policy policy = {}) : policy_{policy} {}

  /// Lets a call through and ends it so. False: it was not let through.
  bool call(std::int64_t second, Outcome outcome) {
    const Admission admission = admit(breaker, policy_, at(second));
    breaker = admission.after;
    if (admission.refusal != Refusal::none) return false;
    breaker = record(breaker, policy_, admission.era, outcome, 0, at(second));
    return true;
  }
  void calls(std::int64_t second, const std::vector<Outcome>& outcomes) {
    for (const Outcome outcome : outcomes) ASSERT_TRUE(call(second, outcome));
  }
  [[nodiscard]] Refusal refusal(std::int64_t second) const { return admit(breaker, policy_, at(second)).refusal; }
  [[nodiscard]] const Policy& policy() const { return policy_; }

  Breaker breaker;

 private:
  Policy policy_;
};

using enum Outcome;

TEST(Breaker, FR_5_OpensAfterFailuresInARowOfDifferentInputs) {
  Line line;
  line.calls(100, {failure, failure, success, failure, failure});
  EXPECT_EQ(line.breaker.state, State::closed);
  line.calls(100, {repeated, repeated});
  EXPECT_EQ(line.breaker.state, State::closed) << "one bad file is not a sick service";

  line.calls(101, {failure});

  EXPECT_EQ(line.breaker.state, State::open);
  EXPECT_EQ(line.breaker.since, at(101));
  EXPECT_EQ(line.breaker.retry_at, at(131));
  EXPECT_EQ(line.refusal(130), Refusal::open);
  EXPECT_EQ(line.refusal(131), Refusal::none);
}

TEST(Breaker, FailuresThatLieFarApartAreNoRow) {
  Line line;
  for (int i = 1; i <= 20; ++i) line.calls(i * 61, {failure});
  EXPECT_EQ(line.breaker.state, State::closed);
}

TEST(Breaker, ARepeatedFailureBeginsARow) {
  Line line;
  line.calls(1, {repeated, failure, failure});
  EXPECT_EQ(line.breaker.state, State::open);
}

TEST(Breaker, FR_5_OpensAtTheFailureRateOfEnoughCallsInTheWindow) {
  Line line{Policy{.row_max = 0}};
  line.calls(10, {failure, failure, failure, failure, failure, success, success, success, success});
  EXPECT_EQ(line.breaker.state, State::closed) << "nine calls have no rate";
  line.calls(10, {success});
  EXPECT_EQ(line.breaker.state, State::open) << "five of ten";
}

TEST(Breaker, BelowTheRateItStaysClosed) {
  Line line{Policy{.row_max = 0}};
  line.calls(10, {failure, failure, failure, failure, success, success, success, success, success, success});
  EXPECT_EQ(line.breaker.state, State::closed);
}

TEST(Breaker, WhatIsOlderThanTheWindowIsForgotten) {
  Line line{Policy{.row_max = 0}};
  line.calls(10, std::vector<Outcome>(9, failure));
  line.calls(75, {failure});
  EXPECT_EQ(line.breaker.state, State::closed);
  EXPECT_EQ(counted(line.breaker, line.policy(), at(75)).calls, 1U);
  EXPECT_EQ(counted(line.breaker, line.policy(), at(100'000)).calls, 0U);
}

TEST(Breaker, FR_5_OpensAtTheSlowCallRate) {
  Line line;
  line.calls(10, {success, success, slow, slow, slow, slow, slow, slow, slow});
  EXPECT_EQ(line.breaker.state, State::closed);
  line.calls(10, {slow});
  EXPECT_EQ(line.breaker.state, State::open) << "eight of ten";
}

TEST(Breaker, FR_5_HalfOpenLetsOneThroughThenThreeAndCloses) {
  Line line;
  line.calls(0, {failure, failure, failure});
  const Policy& policy = line.policy();
  EXPECT_EQ(room(line.breaker, policy, at(30)), 1U);

  const Admission first = admit(line.breaker, policy, at(30));
  ASSERT_EQ(first.refusal, Refusal::none);
  EXPECT_EQ(first.after.state, State::half_open);
  EXPECT_EQ(admit(first.after, policy, at(30)).refusal, Refusal::proving);
  Breaker breaker = record(first.after, policy, first.era, success, 0, at(31));
  EXPECT_EQ(room(breaker, policy, at(31)), 3U);

  for (int i = 0; i < 3; ++i) breaker = admit(breaker, policy, at(31)).after;
  EXPECT_EQ(admit(breaker, policy, at(31)).refusal, Refusal::proving);
  for (int i = 0; i < 2; ++i) breaker = record(breaker, policy, first.era, success, 0, at(32));
  EXPECT_EQ(breaker.state, State::half_open);
  EXPECT_EQ(room(breaker, policy, at(32)), 0U) << "one is still under way, two have been used";
  breaker = record(breaker, policy, first.era, success, 0, at(32));

  EXPECT_EQ(breaker.state, State::closed);
  EXPECT_EQ(breaker.trips, 0U);
  EXPECT_EQ(room(breaker, policy, at(32)), kRoomForAll);
}

TEST(Breaker, WhatWasCountedBeforeItOpenedDoesNotOpenItAgain) {
  Line line{Policy{.calls_min = 2, .row_max = 0, .permits = {1, 1}, .open_for = milliseconds{1'000}}};
  line.calls(10, {failure, failure});
  ASSERT_EQ(line.breaker.state, State::open);
  line.calls(11, {success, success});
  ASSERT_EQ(line.breaker.state, State::closed);
  line.calls(12, {failure});
  EXPECT_EQ(line.breaker.state, State::closed);
}

TEST(Breaker, FR_5_TheOpenTimeGrowsWithEveryOpeningInARowUpToACap) {
  Line line;
  line.calls(0, {failure, failure, failure});
  for (const std::int64_t rest : {30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300, 300}) {
    EXPECT_EQ(line.breaker.retry_at - line.breaker.since, at(rest).time_since_epoch());
    const auto when = line.breaker.retry_at.time_since_epoch().count() / 1'000;
    ASSERT_TRUE(line.call(when, rest % 20 == 0 ? failure : slow));
    ASSERT_EQ(line.breaker.state, State::open);
  }
}

TEST(Breaker, TheOpenTimeHasATenthOfJitter) {
  Breaker breaker;
  const Policy policy{.row_max = 1};
  EXPECT_EQ(record(breaker, policy, 0, failure, 0, at(0)).retry_at, at(30));
  EXPECT_EQ(record(breaker, policy, 0, failure, 3'000, at(0)).retry_at, at(33));
  EXPECT_EQ(record(breaker, policy, 0, failure, 3'001, at(0)).retry_at, at(30));
}

TEST(Breaker, ADroppedCallGivesItsPermitBackAndCountsNothing) {
  Line line;
  line.calls(0, {failure, failure, failure});
  ASSERT_TRUE(line.call(30, dropped));
  EXPECT_EQ(line.breaker.state, State::half_open);
  EXPECT_EQ(room(line.breaker, line.policy(), at(30)), 1U);

  Line other;
  other.calls(0, std::vector<Outcome>(20, dropped));
  EXPECT_EQ(counted(other.breaker, other.policy(), at(0)).calls, 0U);
}

TEST(Breaker, TheEndOfACallOfAnEarlierStateChangesNothing) {
  Line line;
  const Admission old = admit(line.breaker, line.policy(), at(0));
  line.calls(0, {failure, failure, failure});
  EXPECT_EQ(record(line.breaker, line.policy(), old.era, failure, 0, at(1)).trips, 1U);

  const Admission trial = admit(line.breaker, line.policy(), at(30));
  const Breaker after = record(trial.after, line.policy(), old.era, failure, 0, at(31));
  EXPECT_EQ(after.state, State::half_open);
  EXPECT_EQ(after.under_way, 1U);
}

TEST(Breaker, FR_5_AGateLetsNothingThroughUntilItsTimeAndOpensNothing) {
  Line line;
  line.breaker = gate(line.breaker, line.policy(), at(120), at(100));
  EXPECT_EQ(line.refusal(119), Refusal::gated);
  EXPECT_EQ(worth_trying_at(line.breaker, at(110)), at(120));
  EXPECT_EQ(line.breaker.state, State::closed);
  EXPECT_EQ(line.refusal(120), Refusal::none);

  line.breaker = gate(line.breaker, line.policy(), at(1'000'000), at(100));
  EXPECT_EQ(line.breaker.gate_until, at(700)) << "nobody makes us wait for days";
}

TEST(Breaker, FR_5_ByHandItIsOpenedClosedAndReset) {
  Line line;
  line.breaker = open_by_hand(line.breaker, at(5));
  EXPECT_EQ(line.refusal(1'000'000), Refusal::by_hand) << "time does not close it";
  EXPECT_EQ(hope(line.breaker, at(6)).by_hand, true);
  EXPECT_EQ(admit(hope(line.breaker, at(6)), line.policy(), at(6)).refusal, Refusal::by_hand);
  line.breaker = close_by_hand(line.breaker, at(7));
  EXPECT_EQ(line.refusal(7), Refusal::none);

  line.calls(8, {failure, failure, failure});
  line.breaker = gate(line.breaker, line.policy(), at(100), at(8));
  EXPECT_EQ(admit(close_by_hand(line.breaker, at(9)), line.policy(), at(9)).refusal, Refusal::gated);
  line.breaker = reset(line.breaker, at(9));
  EXPECT_EQ(line.refusal(9), Refusal::none);
  EXPECT_EQ(line.breaker.trips, 0U);
  line.calls(9, {failure, failure});
  EXPECT_EQ(line.breaker.state, State::closed) << "nothing of before counts";
}

TEST(Breaker, ASignThatTheServiceIsBackEndsTheRest) {
  Line line;
  line.calls(0, {failure, failure, failure});
  line.breaker = hope(line.breaker, at(5));
  EXPECT_EQ(line.refusal(5), Refusal::none);
  EXPECT_EQ(room(line.breaker, line.policy(), at(5)), 1U) << "it is tried first, not believed";
}

TEST(Breaker, WhichStateMayFollowWhich) {
  using enum State;
  EXPECT_TRUE(may_follow(closed, open));
  EXPECT_FALSE(may_follow(closed, half_open));
  EXPECT_TRUE(may_follow(open, half_open));
  EXPECT_TRUE(may_follow(open, closed)) << "by hand";
  EXPECT_TRUE(may_follow(half_open, open));
  EXPECT_TRUE(may_follow(half_open, closed));
}

/// Random calls, hands and times. Keeps its own books of what is under way.
TEST(Breaker, FR_5_NeverDoesWhatIsNotLegalWhateverHappens) {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    Rng rng{seed};
    const Policy policy{.calls_min = static_cast<unsigned>(1 + rng.below(10)),
                        .row_max = static_cast<unsigned>(rng.below(4))};
    Breaker breaker;
    MonoTime now{};
    std::vector<std::uint64_t> under_way;  // eras of calls that have not ended
    bool opened = false;
    for (int step = 0; step < 600; ++step) {
      const Breaker before = breaker;
      now += milliseconds{static_cast<std::int64_t>(rng.below(rng.below(10) == 0 ? 400'000 : 5'000))};
      const std::uint64_t what = rng.below(20);
      if (what < 9) {
        const Admission admission = admit(breaker, policy, now);
        breaker = admission.after;
        if (admission.refusal == Refusal::none) {
          ASSERT_NE(breaker.state, State::open) << "seed " << seed;
          ASSERT_GE(now, before.gate_until);
          ASSERT_GT(room(before, policy, now), 0U);
          under_way.push_back(admission.era);
        } else {
          ASSERT_EQ(room(before, policy, now), 0U);
        }
      } else if (what < 17 && !under_way.empty()) {
        const std::size_t which = rng.below(under_way.size());
        const auto outcome = static_cast<Outcome>(rng.below(5));
        breaker = record(breaker, policy, under_way[which], outcome, rng.next(), now);
        under_way.erase(under_way.begin() + static_cast<std::ptrdiff_t>(which));
      } else if (what == 17) {
        breaker = rng.below(2) == 0 ? hope(breaker, now) : gate(breaker, policy, now + milliseconds{90'000}, now);
      } else if (what == 18 && rng.below(4) == 0) {
        breaker = open_by_hand(breaker, now);
      } else if (what == 19 && rng.below(2) == 0) {
        breaker = rng.below(2) == 0 ? close_by_hand(breaker, now) : reset(breaker, now);
      }
      opened = opened || breaker.state == State::open;
      ASSERT_TRUE(may_follow(before.state, breaker.state)) << "seed " << seed;
      const auto trying = std::ranges::count(under_way, breaker.era);
      if (breaker.state == State::half_open) {
        ASSERT_LE(trying, static_cast<std::ptrdiff_t>(policy.permits[breaker.round])) << "seed " << seed;
        ASSERT_EQ(breaker.under_way, static_cast<unsigned>(trying)) << "seed " << seed;
      }
      if (breaker.state == State::open && before.state != State::open && !breaker.by_hand)
        ASSERT_LE(breaker.retry_at - now, policy.open_max + policy.open_max / 10);
    }
    ASSERT_TRUE(opened) << "seed " << seed << " tested nothing";
  }
}

}  // namespace
}  // namespace holdfast::breaker
