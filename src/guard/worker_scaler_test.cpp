#include "guard/worker_scaler.hpp"

#include "guard/guard_test_kit.hpp"
#include "web/fake_store.hpp"

namespace holdfast::guard {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Jobs final : public web::testing::FakeStore {
 public:
  Task<Result<std::vector<QueueCount>>> counts() override {
    reads += 1;
    if (away) co_return fail(ErrorClass::transient, "HF-STO-01", "away");
    std::vector<QueueCount> all{{"engine", JobStatus::pending, waiting}, {"engine", JobStatus::processing, 500},
                                {"media", JobStatus::pending, 500}};
    co_return all;
  }
  std::uint64_t waiting = 0;
  int reads = 0;
  bool away = false;
};

class WorkerScalerTest : public testing::GuardTest {
 protected:
  WorkerScaler::Deps deps() {
    return {.jobs = jobs_,
            .clock = clock_,
            .memory = [this] { return memory_; },
            .limits = [] { return admission::Limits{}; },
            .pace = [this] { return pace_; },
            .set_workers = [this](unsigned count) { set_.push_back(count); },
            .bytes_each = 100,
            .log = &log_};
  }
  /// Looks for so long.
  void watch(milliseconds time) {
    run(scaler_.run());
    pass(time);
  }

  Jobs jobs_;
  std::optional<MemoryReading> memory_ = MemoryReading{.source = "system", .total_bytes = 1000, .available_bytes = 900};
  admission::Pace pace_ = admission::Pace::full;
  std::vector<unsigned> set_;
  WorkerScaler scaler_{deps(), {.least = 1, .most = 4}};
};

TEST_F(WorkerScalerTest, FG_10_ALongQueueBringsMoreWorkersAndAShortOneFewer) {
  jobs_.waiting = 101;
  watch(milliseconds{60'000});
  EXPECT_THAT(set_, ElementsAre(2, 3, 4));
  EXPECT_EQ(scaler_.added(), 3U);
  EXPECT_THAT(log_.lines.front(), HasSubstr("workers_more engine 2 1 101"));
  set_.clear();
  jobs_.waiting = 0;
  pass(milliseconds{300'000});
  EXPECT_THAT(set_, ElementsAre(3, 2, 1));
  EXPECT_EQ(scaler_.added(), 0U);
  scaler_.stop();
  settle();
}

TEST_F(WorkerScalerTest, WhatIsBegunOrWaitsElsewhereDoesNotCount) {
  watch(milliseconds{60'000});
  EXPECT_THAT(set_, IsEmpty());
  scaler_.stop();
  settle();
}

TEST_F(WorkerScalerTest, FG_10_OneMoreHasToLeaveMoreFreeThanWorkIsHeldBackAt) {
  jobs_.waiting = 1'000;
  memory_->available_bytes = 300;  // one more leaves 200, which is the mark
  watch(milliseconds{60'000});
  EXPECT_THAT(set_, IsEmpty());
  memory_->available_bytes = 50;
  pass(milliseconds{10'000});
  EXPECT_THAT(set_, IsEmpty()) << "less than it needs";
  memory_->available_bytes = 301;
  pass(milliseconds{5'000});
  EXPECT_THAT(set_, ElementsAre(2));
  pace_ = admission::Pace::one_at_a_time;
  pass(milliseconds{5'000});
  EXPECT_THAT(set_, ElementsAre(2, 1)) << "memory is short: at once";
  scaler_.stop();
  settle();
}

TEST_F(WorkerScalerTest, AStoreThatDoesNotAnswerChangesNothing) {
  jobs_.waiting = 1'000;
  jobs_.away = true;
  watch(milliseconds{600'000});
  EXPECT_THAT(set_, IsEmpty());
  scaler_.stop();
  settle();
}

TEST_F(WorkerScalerTest, WhereNoMoreAreAllowedNobodyIsAsked) {
  WorkerScaler fixed{deps(), {.least = 2, .most = 2}};
  run(fixed.run());
  pass(milliseconds{60'000});
  EXPECT_EQ(jobs_.reads, 0);
  EXPECT_EQ(fixed.workers(), 2U);
}

}  // namespace
}  // namespace holdfast::guard
