#include "guard/admission_control.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "guard/limits_json.hpp"
#include "sim/map_states.hpp"
#include "web/fake_store.hpp"

namespace holdfast::guard {
namespace {

using admission::Pace;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

class Jobs final : public web::testing::FakeStore {
 public:
  Task<Result<std::vector<QueueCount>>> counts() override {
    reads += 1;
    if (away) co_return fail(ErrorClass::transient, "HF-STO-01", "away");
    co_return std::vector<QueueCount>{{"media", JobStatus::pending, waiting}, {"media", JobStatus::processing, 90}};
  }
  Task<Result<std::set<std::string>>> active_owners() override { co_return owners; }

  std::uint64_t waiting = 0;
  std::set<std::string> owners;
  int reads = 0;
  bool away = false;
};

class Gauge final : public MemoryGauge {
 public:
  Task<Result<MemoryReading>> read() override {
    if (percent < 0) co_return fail(ErrorClass::dependency, "HF-SRV-06", "blind");
    co_return MemoryReading{.source = "system", .total_bytes = 100, .available_bytes = std::uint64_t(percent)};
  }
  int percent = 80;
};

class HandClock final : public Clock {
 public:
  WallTime wall_now() override { return {}; }
  MonoTime mono_now() override { return now; }
  Task<Result<void>> sleep_until(MonoTime) override { co_return Result<void>{}; }
  std::unique_ptr<Wakeup> make_wakeup() override { return nullptr; }
  MonoTime now{};
};

class AdmissionControlTest : public testing::Test {
 protected:
  using Ticket = std::unique_ptr<AdmissionTicket>;

  template <class T>
  T run(Task<T> task) {
    std::optional<T> answer;
    asio::co_spawn(io_, std::move(task), [&](std::exception_ptr, T got) { answer = std::move(got); });
    io_.restart();
    io_.run();
    return *std::move(answer);
  }
  void look_at(int percent) {
    gauge_.percent = percent;
    auto look = [](AdmissionControl* control) -> Task<bool> {
      co_await control->look();
      co_return true;
    };
    run(look(&control_));
  }
  Result<Ticket> admit(const std::string& owner) { return run(control_.admit(owner, {"media"})); }
  std::string refusal(const std::string& owner) {
    const auto admitted = admit(owner);
    return admitted ? "" : admitted.error().code();
  }
  bool set(admission::Limits limits) { return run(control_.set_limits(std::move(limits))).has_value(); }

  AdmissionControl::Deps deps() {
    return {.memory = &gauge_,
            .jobs = jobs_,
            .states = states_,
            .clock = clock_,
            .bulkheads = {"media", "engine"},
            .set_pace = [this](Pace pace) { paces_.push_back(pace); }};
  }

  asio::io_context io_;
  Jobs jobs_;
  sim::MapStates::Documents documents_;
  sim::MapStates states_{documents_};
  Gauge gauge_;
  HandClock clock_;
  std::vector<Pace> paces_;
  AdmissionControl control_{deps(), {}};
};

TEST_F(AdmissionControlTest, LAB_7_WorkPausesWhenMemoryIsShortAndGoesOnWhenThereIsRoom) {
  for (const int percent : {60, 25, 19, 30, 49, 51}) look_at(percent);

  EXPECT_THAT(paces_, ElementsAre(Pace::none, Pace::full));
  EXPECT_THAT(control_.messages(), IsEmpty());
}

TEST_F(AdmissionControlTest, LAB_7_APausedQueueMovesAfterAWhile) {
  look_at(19);
  clock_.now += admission::kPatience;
  look_at(30);

  EXPECT_THAT(paces_, ElementsAre(Pace::none, Pace::one_at_a_time));
}

TEST_F(AdmissionControlTest, LAB_8_UploadsAreRefusedWithTheAgreedWordsAndTakenAgain) {
  look_at(9);

  EXPECT_EQ(refusal("ada"), "HF-ADM-01");
  EXPECT_THAT(control_.messages(), Contains("System at capacity, please wait 2 minutes"));

  look_at(16);
  EXPECT_EQ(refusal("ada"), "");
  EXPECT_THAT(control_.messages(), testing::Not(Contains("System at capacity, please wait 2 minutes")));
}

TEST_F(AdmissionControlTest, MemoryThatCannotBeReadChangesNothing) {
  look_at(9);
  look_at(-1);

  EXPECT_TRUE(control_.refusing());
  EXPECT_EQ(control_.pace(), Pace::none);
}

TEST_F(AdmissionControlTest, LAB_11_WhoIsBeingLetInCountsAsActive) {
  ASSERT_TRUE(set({.active_users_max = 2}));
  jobs_.owners = {"bo"};
  const auto ada = admit("ada");

  EXPECT_EQ(refusal("cy"), "HF-ADM-03");
  EXPECT_EQ(refusal("ada"), "");
  EXPECT_EQ(refusal("bo"), "");
}

TEST_F(AdmissionControlTest, LAB_11_ALimitThatWasJustSetCountsWhoWasActiveBefore) {
  jobs_.owners = {"bo"};
  const auto ada = admit("ada");  // without a limit nobody asks who is active
  ASSERT_TRUE(set({.active_users_max = 2}));

  EXPECT_EQ(refusal("cy"), "HF-ADM-03");
}

TEST_F(AdmissionControlTest, LAB_11_APlaceThatWasGivenBackIsFreeAgain) {
  ASSERT_TRUE(set({.active_users_max = 1}));
  { const auto ada = admit("ada"); }  // gave up: it is in no store

  EXPECT_EQ(refusal("bo"), "");
}

TEST_F(AdmissionControlTest, FG_9_ManyAtOnceNeverPassTheLimitOfTheQueue) {
  ASSERT_TRUE(set({.waiting_max = 5}));
  jobs_.waiting = 2;
  std::vector<Ticket> tickets;
  for (int i = 0; i < 20; ++i) {
    if (auto ticket = admit("ada")) tickets.push_back(*std::move(ticket));
  }

  EXPECT_EQ(tickets.size(), 3U);
}

TEST_F(AdmissionControlTest, FG_9_NobodyIsRefusedByWhatIsOver) {
  ASSERT_TRUE(set({.waiting_max = 5}));
  jobs_.waiting = 5;
  EXPECT_EQ(refusal("ada"), "HF-ADM-02");

  jobs_.waiting = 0;
  EXPECT_EQ(refusal("ada"), "");
}

TEST_F(AdmissionControlTest, TheStoreIsNotAskedForEachOfManyUploads) {
  for (int i = 0; i < 100; ++i) ASSERT_EQ(refusal("ada"), "");

  EXPECT_EQ(jobs_.reads, 1);
}

TEST_F(AdmissionControlTest, AStoreThatIsAwayLetsNobodyIn) {
  jobs_.away = true;

  EXPECT_EQ(refusal("ada"), "HF-STO-01");
}

TEST_F(AdmissionControlTest, LAB_11_LimitsThatWereSetHoldAfterARestart) {
  ASSERT_TRUE(set({.active_users_max = 15, .waiting_max_of = {{"engine", 7}}}));
  AdmissionControl next{deps(), {}};
  ASSERT_TRUE(run(next.load()).has_value());

  EXPECT_EQ(next.limits().active_users_max, 15U);
  EXPECT_EQ(next.limits().waiting_max_of.at("engine"), 7U);
}

TEST_F(AdmissionControlTest, LAB_11_AChangeThatIsWrongOrNotKeptChangesNothing) {
  ASSERT_TRUE(set({.active_users_max = 15}));

  EXPECT_FALSE(set({.work = {0.9, 0.1}, .active_users_max = 30}));
  states_.error = Error{ErrorClass::resource, "HF-STO-02", "full"};
  EXPECT_FALSE(set({.active_users_max = 30}));

  EXPECT_EQ(control_.limits().active_users_max, 15U);
}

TEST_F(AdmissionControlTest, WhatCannotBeUnderstoodIsNotUsed) {
  for (const char* text : {"", "[]", "{\"active_users_max\": -1}", "{\"waiting_max_of\": {\"nowhere\": 1}}"}) {
    documents_["admission/limits"] = text;
    ASSERT_TRUE(run(control_.load()).has_value());
    EXPECT_EQ(control_.limits().active_users_max, 0U) << text;
  }
}

TEST(LimitsJson, LAB_11_IsReadAsItIsWritten) {
  const admission::Limits limits{.work = {0.1, 0.2},
                                 .uploads = {0.05, 0.3},
                                 .active_users_max = 30,
                                 .waiting_max = 9,
                                 .waiting_max_of = {{"media", 2}}};

  const auto read = limits_from_json(to_json_text(limits), {});

  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(to_json_text(*read), to_json_text(limits));
}

TEST(LimitsJson, WhatIsNotNamedStays) {
  const auto read = limits_from_json(R"({"work": {"resume_above_percent": 60}})", {.active_users_max = 5});

  EXPECT_EQ(read->active_users_max, 5U);
  EXPECT_DOUBLE_EQ(read->work.close_below, 0.2);
  EXPECT_DOUBLE_EQ(read->work.open_above, 0.6);
}

TEST(LimitsJson, AnythingElseIsRefused) {
  for (const char* text :
       {"7", "{", R"({"active_user_max": 5})", R"({"active_users_max": "5"})", R"({"active_users_max": 5.5})",
        R"({"active_users_max": -5})", R"({"waiting_max": 99999999999})", R"({"work": 0.5})",
        R"({"work": {"stop_below_percent": 20.5}})", R"({"work": {"stop_below_percent": 101}})",
        R"({"work": {"stop_below": 20}})", R"({"waiting_max_of": [1]})",
        R"({"uploads": {"refuse_below_percent": "x"}})"})
    EXPECT_FALSE(limits_from_json(text, {}).has_value()) << text;
}

}  // namespace
}  // namespace holdfast::guard
