#include "flow/runner/settle.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "sim/memory_store.hpp"

namespace holdfast::sim {
namespace {

class NoWorkers final : public WorkerPool {
 public:
  Task<Result<std::unique_ptr<WorkRun>>> start(WorkRequest) override {
    co_return fail(ErrorClass::transient, "HF-ENG-07", "there are no workers here");
  }
  Task<Result<void>> probe(WorkerKind) override { co_return Result<void>{}; }
  std::vector<WorkerStatus> status() override { return {}; }
};

class FixedEntropy final : public Entropy {
 public:
  std::uint64_t next() override { return 1U << 31U; }
};

/// An attempt that has ended and whose settlement is to be written.
class Settle : public testing::Test {
 protected:
  Settle() {
    attempt_.stop_bell = clock_.make_wakeup();
    ledger_.now = [this] { return clock_.wall_now(); };
  }

  Job leased() {
    Transition created;
    created.after = {.id = ItemId{"itm_1"}, .job_key = "key", .owner = "ana", .recipe = "sim", .version = 1};
    created.after.stages = {{.name = "stt", .kind = "transcribe", .bulkhead = "engine"}};
    created.audit.push_back({.type = "job.created"});
    EXPECT_TRUE(ledger_.enqueue(std::move(created)));
    return ledger_.claim({.bulkhead = "engine", .node = NodeId{"node"}}).at(0);
  }

  void begin(const Job& job) {
    runner::Ending ending{.outcome = decide::StageOutcome{.output = "{}"}};
    const runner::Deps deps{.store = store_, .workers = workers_, .clock = clock_, .entropy = entropy_};
    asio::co_spawn(io_, runner::settle(job, std::move(ending), {}, &attempt_, deps),
                   [this](std::exception_ptr, Result<Job> settled) { settled_ = std::move(settled); });
  }

  /// Lets time pass until `end`, or until the settlement has ended.
  void pass_until(MonoTime end) {
    while (!settled_ && timeline_.now() < end) {
      io_.restart();
      io_.poll();
      timeline_.wake_one(std::min(timeline_.next(), end));
    }
  }

  asio::io_context io_{1};
  Timeline timeline_{1};
  SimClock clock_{io_, timeline_, 0};
  Rng rng_{1};
  StoreFaults faults_;
  MemoryLedger ledger_;
  MemoryStore store_{ledger_, clock_, rng_, faults_};
  NoWorkers workers_;
  FixedEntropy entropy_;
  runner::Attempt attempt_;
  std::optional<Result<Job>> settled_;
};

TEST_F(Settle, AsksAStoreThatIsAwayUntilItIsBack) {
  const Job job = leased();
  faults_.away_until = MonoTime{std::chrono::hours{1}};
  begin(job);

  pass_until(MonoTime{std::chrono::hours{2}});

  ASSERT_TRUE(settled_.has_value() && settled_->has_value());
  EXPECT_EQ(ledger_.find(job.id)->status, JobStatus::completed);
}

TEST_F(Settle, ADrainEndsAlthoughTheStoreDoesNotComeBack) {
  const Job job = leased();
  faults_.away_until = MonoTime::max();
  begin(job);
  pass_until(MonoTime{std::chrono::minutes{1}});
  ASSERT_FALSE(settled_.has_value());

  attempt_.stop = runner::Stop::drain;
  attempt_.stop_bell->ring();
  pass_until(MonoTime{std::chrono::minutes{2}});

  ASSERT_TRUE(settled_.has_value());
  EXPECT_FALSE(settled_->has_value());
  EXPECT_EQ(ledger_.find(job.id)->status, JobStatus::processing);  // as after a crash: recovery goes on
}

}  // namespace
}  // namespace holdfast::sim
