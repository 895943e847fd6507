#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <optional>

#include "flow/runner/run_attempt.hpp"
#include "sim/memory_store.hpp"
#include "tests/contract/job_store_samples.hpp"

/// For tests of whole attempts: the real runner over a store in memory, on virtual time.
namespace holdfast::sim::testing {

class Chance final : public Entropy {
 public:
  std::uint64_t next() override { return 0; }
};

class AttemptTest : public ::testing::Test {
 protected:
  AttemptTest() {
    ledger_.now = [this] { return now_; };
  }

  template <class T>
  T run(Task<T> task) {
    std::optional<T> answer;
    asio::co_spawn(io_, std::move(task), [&answer](std::exception_ptr, T value) { answer = std::move(value); });
    while (!answer) {
      io_.restart();
      if (io_.poll() == 0) timeline_.wake_one(timeline_.next());
    }
    return *std::move(answer);
  }
  /// Enqueues the job, whose first stage transcribes, and stores what it heard.
  void transcribe(const Job& job, std::vector<Segment> segments) {
    ASSERT_TRUE(ledger_.enqueue(contract::created(job)));
    const Job working = ledger_.claim(contract::claim_request()).at(0);
    Checkpoint made{.segments = segments, .position_ms = segments.back().end_ms};
    ASSERT_TRUE(ledger_.checkpoint(working.id, working.fence, made));
    ASSERT_TRUE(ledger_.update_leased(working.id, working.fence, contract::succeeding()));
  }
  /// Claims what is due some hours later and runs one attempt. False: nothing was due.
  bool attempt_once(const Recipe& recipe, const runner::Deps& deps) {
    now_ += std::chrono::hours{2};
    const auto claimed = ledger_.claim(contract::claim_request());
    if (claimed.empty()) return false;
    runner::Attempt attempt{.stop_bell = clock_.make_wakeup()};
    EXPECT_TRUE(run(runner::run_attempt(claimed[0], recipe, &attempt, deps)));
    return true;
  }
  Job job() { return *ledger_.find(contract::item_id(1)); }

  MemoryLedger ledger_;
  WallTime now_ = contract::kNow;
  asio::io_context io_{1};
  Timeline timeline_{1};
  SimClock clock_{io_, timeline_, 0};
  Rng rng_{1};
  StoreFaults faults_;
  MemoryStore store_{ledger_, clock_, rng_, faults_};
  Chance chance_;
};

}  // namespace holdfast::sim::testing
