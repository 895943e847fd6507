#include "flow/coalesce/coalescer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "sim/sim_clock.hpp"

namespace holdfast {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using Answers = std::vector<std::string>;

constexpr milliseconds kSecond{1'000};

/// Work that takes a second, is counted, and ends as it is told.
class Endpoint {
 public:
  explicit Endpoint(Clock& clock) : clock_{clock} {}

  Coalescer<std::string>::Work call(std::string answer) {
    return [this, answer] { return answer_later(answer); };
  }

  int calls = 0;
  int cancelled = 0;
  std::vector<Error> failures;  ///< of the next calls, the last first

 private:
  Task<Result<std::string>> answer_later(std::string answer) {
    calls += 1;
    const auto slept = co_await clock_.sleep_until(clock_.mono_now() + kSecond);
    if (!slept) {
      cancelled += 1;
      co_return std::unexpected{slept.error()};
    }
    if (failures.empty()) co_return answer;
    const Error failure = failures.back();
    failures.pop_back();
    co_return std::unexpected{failure};
  }

  Clock& clock_;
};

class CoalescerTest : public ::testing::Test {
 protected:
  /// Somebody asks; what they get is at `number` in `got_`.
  void ask(const std::string& key, const std::string& own) {
    signals_.push_back(std::make_unique<asio::cancellation_signal>());
    got_.emplace_back("waits");
    auto asking = ask_for(&coalescer_, key, endpoint_.call(own), &got_, got_.size() - 1);
    asio::co_spawn(io_, std::move(asking),
                   asio::bind_cancellation_slot(signals_.back()->slot(), [](const std::exception_ptr& bug) {
                     if (bug) std::rethrow_exception(bug);
                   }));
    settle();
  }
  static Task<void> ask_for(Coalescer<std::string>* coalescer, std::string key, Coalescer<std::string>::Work work,
                            Answers* got, std::size_t number) {
    co_await asio::this_coro::throw_if_cancelled(false);
    auto asking = coalescer->once(std::move(key), std::move(work));
    const auto answer = co_await std::move(asking);
    (*got)[number] = answer ? *answer : answer.error().code();
  }
  void leave(std::size_t number) {
    signals_[number]->emit(asio::cancellation_type::terminal);
    settle();
  }
  void settle() {
    io_.restart();
    io_.poll();
  }
  void pass(milliseconds time) {
    const MonoTime end = timeline_.now() + time;
    for (settle(); timeline_.wake_one(end); settle()) continue;
  }
  void TearDown() override {
    asio::co_spawn(io_, coalescer_.stop(milliseconds{0}), [](const std::exception_ptr&) {});
    pass(kSecond);
    EXPECT_EQ(coalescer_.size(), 0U);
  }

  const Error busy_{ErrorClass::transient, "HF-LLM-01", "no answer"};
  asio::io_context io_{1};
  sim::Timeline timeline_{1};
  sim::SimClock clock_{io_, timeline_, 0};
  Endpoint endpoint_{clock_};
  Coalescer<std::string> coalescer_{io_.get_executor(), clock_};
  Answers got_;
  std::vector<std::unique_ptr<asio::cancellation_signal>> signals_;
};

TEST_F(CoalescerTest, FG_7_AHundredEqualRequestsMakeOneCall) {
  for (int i = 0; i < 100; ++i) ask("rose", std::to_string(i));

  pass(kSecond);

  EXPECT_EQ(endpoint_.calls, 1);
  EXPECT_THAT(got_, Each(std::string{"0"}));
  EXPECT_EQ(got_.size(), 100U);
}

TEST_F(CoalescerTest, OtherKeysAndLaterRequestsMakeTheirOwn) {
  ask("rose", "rose");
  ask("oak", "oak");
  pass(kSecond);
  ask("rose", "rose again");
  pass(kSecond);

  EXPECT_EQ(endpoint_.calls, 3);
  EXPECT_THAT(got_, ElementsAre("rose", "oak", "rose again"));
}

TEST_F(CoalescerTest, WhoComesWhileItIsUnderWayWaitsOnlyForTheRest) {
  ask("rose", "first");
  pass(kSecond / 2);
  ask("rose", "second");
  pass(kSecond / 2);

  EXPECT_THAT(got_, ElementsAre("first", "first"));
}

TEST_F(CoalescerTest, AFailureIsTheLeadersAloneAndTheNextOneLeads) {
  endpoint_.failures = {busy_, busy_};
  for (const char* own : {"0", "1", "2", "3"}) ask("rose", own);

  pass(kSecond);
  EXPECT_THAT(got_, ElementsAre("HF-LLM-01", "waits", "waits", "waits"));
  pass(kSecond);
  EXPECT_THAT(got_, ElementsAre("HF-LLM-01", "HF-LLM-01", "waits", "waits"));
  pass(kSecond);

  EXPECT_THAT(got_, ElementsAre("HF-LLM-01", "HF-LLM-01", "2", "2"));
  EXPECT_EQ(endpoint_.calls, 3);
}

TEST_F(CoalescerTest, WhatIsWrongWithTheInputIsToldToAll) {
  endpoint_.failures = {Error{ErrorClass::permanent, "HF-LLM-04", "too long"}};
  for (const char* own : {"0", "1", "2"}) ask("rose", own);

  pass(kSecond);

  EXPECT_THAT(got_, Each(std::string{"HF-LLM-04"}));
  EXPECT_EQ(endpoint_.calls, 1);
}

TEST_F(CoalescerTest, WhoIsCancelledLeavesAndTheWorkGoesOnForTheOthers) {
  for (const char* own : {"0", "1", "2"}) ask("rose", own);

  leave(0);  // the one who leads
  leave(2);
  EXPECT_THAT(got_, ElementsAre("HF-SRV-02", "waits", "HF-SRV-02"));
  pass(kSecond);

  EXPECT_THAT(got_, ElementsAre("HF-SRV-02", "0", "HF-SRV-02"));
  EXPECT_EQ(endpoint_.calls, 1);
  EXPECT_EQ(endpoint_.cancelled, 0);
}

TEST_F(CoalescerTest, TheFailureOfALeaderWhoLeftIsNobodys) {
  endpoint_.failures = {busy_};
  for (const char* own : {"0", "1"}) ask("rose", own);
  leave(0);

  pass(2 * kSecond);

  EXPECT_THAT(got_, ElementsAre("HF-SRV-02", "1"));
  EXPECT_EQ(endpoint_.calls, 2);
}

TEST_F(CoalescerTest, WorkThatNobodyWaitsForIsCancelledAndTheKeyIsFree) {
  ask("rose", "0");
  ask("rose", "1");
  leave(0);
  leave(1);

  EXPECT_EQ(endpoint_.cancelled, 1);
  EXPECT_EQ(coalescer_.size(), 0U);
  ask("rose", "2");
  pass(kSecond);
  EXPECT_EQ(got_.back(), "2");
}

TEST_F(CoalescerTest, WhoComesJustAsTheLastOneLeavesIsAnswered) {
  ask("rose", "0");
  signals_[0]->emit(asio::cancellation_type::terminal);  // not settled: the flight has not seen it yet
  ask("rose", "1");

  pass(2 * kSecond);

  EXPECT_EQ(got_[0], "HF-SRV-02");
  EXPECT_TRUE(got_[1] == "1" || got_[1] == "0") << got_[1];
}

TEST_F(CoalescerTest, BeyondTheLimitNobodyIsLetInToWait) {
  for (std::size_t i = 0; i <= Coalescer<std::string>::kWaitersMax; ++i) ask("rose", "x");
  EXPECT_EQ(got_.back(), "HF-ADM-02");
  pass(kSecond);
  EXPECT_EQ(got_.front(), "x");
  EXPECT_EQ(endpoint_.calls, 1);
}

TEST_F(CoalescerTest, StoppingEndsTheWorkAndTellsEverybody) {
  ask("rose", "0");
  ask("rose", "1");
  asio::co_spawn(io_, coalescer_.stop(milliseconds{10}), [](const std::exception_ptr&) {});

  pass(milliseconds{20});

  EXPECT_THAT(got_, ElementsAre("HF-SRV-02", "HF-SRV-02"));
  EXPECT_EQ(endpoint_.cancelled, 1);
  ask("oak", "2");
  EXPECT_EQ(got_.back(), "HF-SRV-02") << "nothing new is begun";
}

}  // namespace
}  // namespace holdfast
