#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <set>

#include "flow/recovery/redriver.hpp"
#include "sim/memory_store.hpp"
#include "tests/contract/job_store_samples.hpp"

namespace holdfast::sim {
namespace {

class Dice final : public Entropy {
 public:
  std::uint64_t next() override { return rng_.next(); }

 private:
  Rng rng_{5};
};

/// Dead letters in a store that outlives any number of redrivers.
class Redrives : public testing::Test {
 protected:
  Redrives() {
    ledger_.now = [this] { return contract::kNow + timeline_.now().time_since_epoch(); };
    ledger_.on_commit = [this](const Commit& commit) {
      for (const AuditEntry& entry : commit.change->audit) {
        if (entry.type == "job.retry_requested") retried_.push_back(commit.change->after.id);
      }
    };
    for (unsigned n = 1; n <= kItems; ++n) {
      EXPECT_TRUE(ledger_.enqueue(contract::created(contract::sample_job(n))));
      fail_one("HF-ENG-05");
    }
  }
  /// A job is taken and fails for good.
  void fail_one(const std::string& code) {
    const auto claimed = ledger_.claim(contract::claim_request());
    ASSERT_EQ(claimed.size(), 1U);
    ASSERT_TRUE(ledger_.update_leased(claimed[0].id, claimed[0].fence,
                                      contract::failing(ErrorClass::permanent, code)));
  }

  /// One life of a server.
  struct Life {
    explicit Life(Redrives& world)
        : clock{io, world.timeline_, 0}, store{world.ledger_, clock, world.rng_, world.faults_} {
      clock.wall_skew = contract::kNow - kEpoch;
      auto plain = std::make_unique<MapStates>(world.documents_);
      states = std::make_unique<CalledStates>(std::move(plain), StoreCalls{clock, world.rng_, world.faults_});
      redriver.emplace(recovery::Redriver::Deps{store, *states, clock, dice, [this] { ++woken; }});
    }
    asio::io_context io{1};
    SimClock clock;
    MemoryStore store;
    std::unique_ptr<StateStore> states;
    Dice dice;
    int woken = 0;
    std::optional<recovery::Redriver> redriver;
  };

  void begin_life() {
    life_.emplace(*this);
    if (!documents_.empty()) EXPECT_TRUE(run(life_->redriver->load()));
    asio::co_spawn(life_->io, life_->redriver->run(), [](std::exception_ptr) {});
  }
  /// kill -9.
  void crash() {
    timeline_.forget(0);
    life_.reset();
  }
  template <class T>
  T run(Task<T> task) {
    std::optional<T> answer;
    asio::co_spawn(life_->io, std::move(task), [&answer](std::exception_ptr, T value) { answer = std::move(value); });
    while (!answer) {
      life_->io.restart();
      if (life_->io.poll() == 0) timeline_.wake_one(timeline_.next());
    }
    return *std::move(answer);
  }
  void pass(milliseconds time) {
    const MonoTime end = timeline_.now() + time;
    for (;;) {
      life_->io.restart();
      if (life_->io.poll() > 0) continue;
      if (timeline_.now() >= end) return;
      timeline_.wake_one(std::min(timeline_.next(), end));
    }
  }
  std::string begin_redrive(unsigned per_minute, DeadLetterFilter filter = {}, std::string from_stage = {}) {
    recovery::Redriver::Request request{.filter = std::move(filter),
                                        .from_stage = std::move(from_stage),
                                        .per_minute = per_minute,
                                        .who = "root"};
    const auto begun = run(life_->redriver->begin(std::move(request)));
    EXPECT_TRUE(begun.has_value());
    return begun ? begun->id : "";
  }
  recovery::Redrive state(const std::string& id) { return *life_->redriver->find(id); }
  std::size_t distinct() const { return std::set<ItemId>(retried_.begin(), retried_.end()).size(); }

  static constexpr unsigned kItems = 10;
  Timeline timeline_{1};
  Rng rng_{1};
  StoreFaults faults_;
  MemoryLedger ledger_;
  MapStates::Documents documents_;
  std::vector<ItemId> retried_;
  std::optional<Life> life_;
};

TEST_F(Redrives, FR_6_AllAtOnceRetriesEachOnce) {
  begin_life();
  const std::string id = begin_redrive(0);

  pass(std::chrono::seconds{10});

  EXPECT_EQ(state(id).state, "done");
  EXPECT_EQ(state(id).matched, kItems);
  EXPECT_EQ(state(id).retried, kItems);
  EXPECT_EQ(distinct(), kItems);
  EXPECT_GT(life_->woken, 0);
}

TEST_F(Redrives, FR_6_APortionAMinuteIsNoMoreThanThat) {
  begin_life();
  const std::string id = begin_redrive(3);

  std::vector<std::uint64_t> after;
  for (int minute = 0; minute < 5; ++minute) {
    pass(std::chrono::seconds{30});
    after.push_back(state(id).retried);
    pass(std::chrono::seconds{30});
  }

  EXPECT_EQ(after, (std::vector<std::uint64_t>{3, 6, 9, 10, 10}));
  EXPECT_EQ(state(id).state, "done");
}

TEST_F(Redrives, FR_6_WhatFailsAgainIsNotRetriedAgainByTheSameRedrive) {
  begin_life();
  const std::string id = begin_redrive(3);
  std::size_t failed_again = 0;
  for (int minute = 0; minute < 8; ++minute) {
    pass(std::chrono::seconds{30});
    for (; failed_again < retried_.size(); ++failed_again) fail_one("HF-ENG-05");
    pass(std::chrono::seconds{30});
  }

  EXPECT_EQ(state(id).state, "done");
  EXPECT_EQ(retried_.size(), kItems);
  EXPECT_EQ(distinct(), kItems);
}

TEST_F(Redrives, FR_6_AFilterLeavesTheOthersAlone) {
  begin_life();
  const std::string id = begin_redrive(0, {.code = "HF-NONE"});
  pass(std::chrono::seconds{10});
  EXPECT_EQ(state(id).state, "done");
  EXPECT_EQ(state(id).matched + retried_.size(), 0U);
}

TEST_F(Redrives, FR_6_WhatCannotBeRetriedIsCountedAndPassed) {
  begin_life();
  const std::string id = begin_redrive(3, {}, "no such stage");

  pass(std::chrono::minutes{5});

  EXPECT_EQ(state(id).state, "done");
  EXPECT_EQ(state(id).refused, kItems);
  EXPECT_TRUE(retried_.empty());
}

TEST_F(Redrives, FR_6_AStoppedRedriveStaysStoppedAfterARestart) {
  begin_life();
  const std::string id = begin_redrive(2);
  pass(std::chrono::seconds{30});
  ASSERT_TRUE(run(life_->redriver->stop(id)));

  crash();
  begin_life();
  pass(std::chrono::minutes{10});

  EXPECT_EQ(state(id).state, "stopped");
  EXPECT_EQ(retried_.size(), 2U);
}

TEST_F(Redrives, FR_3_ACrashAtAnyMomentLosesNothingAndRepeatsNothing) {
  faults_.delay_max = milliseconds{50};
  begin_life();
  const std::string id = begin_redrive(4);
  for (int crashes = 0; crashes < 200 && (crashes == 0 || state(id).state != "done"); ++crashes) {
    pass(milliseconds{static_cast<std::int64_t>(rng_.below(20'000))});
    crash();
    begin_life();
  }
  pass(std::chrono::minutes{10});

  EXPECT_EQ(state(id).state, "done");
  EXPECT_EQ(retried_.size(), kItems) << "none twice";
  EXPECT_EQ(distinct(), kItems) << "none forgotten";
}

TEST_F(Redrives, FR_3_AStoreThatFailsInTheMiddleIsAskedAgain) {
  faults_.delay_max = milliseconds{50};
  begin_life();
  const std::string id = begin_redrive(0);
  faults_.fails_before = faults_.fails_after = 0.4;
  pass(std::chrono::minutes{10});
  faults_.fails_before = faults_.fails_after = 0;
  pass(std::chrono::minutes{10});

  EXPECT_EQ(state(id).state, "done");
  EXPECT_EQ(retried_.size(), kItems);
  EXPECT_EQ(distinct(), kItems);
}

TEST_F(Redrives, FR_6_OnlyTheLastHundredAreRemembered) {
  begin_life();
  for (std::size_t n = 0; n <= recovery::Redriver::kKeptMax; ++n) {
    begin_redrive(0, {.code = "HF-NONE"});
    pass(milliseconds{10});
  }

  EXPECT_EQ(life_->redriver->all().size(), recovery::Redriver::kKeptMax);
  EXPECT_EQ(documents_.size(), recovery::Redriver::kKeptMax);
  EXPECT_FALSE(run(life_->redriver->stop("rdr_none")).has_value());
}

}  // namespace
}  // namespace holdfast::sim
