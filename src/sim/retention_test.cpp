#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "flow/engine.hpp"
#include "sim/memory_store.hpp"
#include "sim/sim_blobs.hpp"
#include "tests/contract/job_store_samples.hpp"

namespace holdfast::sim {
namespace {

using namespace std::chrono_literals;

class NoWorkers final : public WorkerPool {
 public:
  Task<Result<std::unique_ptr<WorkRun>>> start(WorkRequest) override {
    co_return fail(ErrorClass::dependency, "HF-ENG-02", "the model is away");
  }
  Task<Result<void>> probe(WorkerKind) override { co_return fail(ErrorClass::dependency, "HF-ENG-02", "away"); }
  std::vector<WorkerStatus> status() override { return {}; }
};

class Dice final : public Entropy {
 public:
  explicit Dice(std::uint64_t seed) : rng_{seed} {}
  std::uint64_t next() override { return rng_.next(); }

 private:
  Rng rng_;
};

/// An engine that works on nothing, over a store and a disk that outlive it, with items that are over.
class Aging {
 public:
  explicit Aging(std::uint64_t seed,
                 retention::Ages ages = {.files = 1h, .transcripts = 2h, .dead_letters = 1h, .items = 3h})
      : timeline_{seed}, rng_{seed}, dice_{seed}, keep_{.ages = ages} {
    clock_.wall_skew = contract::kNow - kEpoch;
    ledger_.now = [this] { return clock_.wall_now(); };
    faults_.delay_max = milliseconds{50};
    const Engine::Deps deps{store_,   blobs_,  workers_, clock_,   dice_,         hub_,
                            recipes_, nullptr, nullptr,  kNoRules, &retention_, keep_};
    engine_.emplace(io_.get_executor(), deps, EngineConfig{.node = NodeId{"n"}, .retention_every = 1min});
  }

  /// A failed item whose file is on the shelf.
  ItemId dead_letter(unsigned n) {
    Job job = contract::sample_job(n);
    job.input.blob = run(blobs_.put("content " + std::to_string(n)))->id;
    EXPECT_TRUE(ledger_.enqueue(contract::created(job)));
    const auto claimed = ledger_.claim(contract::claim_request());
    Decide failing = contract::failing(ErrorClass::permanent, "HF-ENG-05");
    EXPECT_TRUE(ledger_.update_leased(job.id, claimed.at(0).fence, std::move(failing)));
    return job.id;
  }
  template <class T>
  void begin(Task<T> task, std::optional<T>* answer) {
    asio::co_spawn(io_, std::move(task), [answer](std::exception_ptr, T value) { *answer = std::move(value); });
  }
  template <class T>
  T run(Task<T> task) {
    std::optional<T> answer;
    begin(std::move(task), &answer);
    while (!answer) turn(timeline_.next());
    return *std::move(answer);
  }
  void turn(MonoTime until) {
    io_.restart();
    if (io_.poll() == 0) timeline_.wake_one(until);
  }
  void pass(milliseconds time) {
    const MonoTime end = timeline_.now() + time;
    while (timeline_.now() < end) turn(std::min(timeline_.next(), end));
  }
  Job job(const ItemId& id) const { return *ledger_.find(id); }
  bool there(const ItemId& id) const { return ledger_.find(id).has_value(); }
  bool has_file(const BlobId& blob) const { return shelf_.blobs.contains(blob); }

  asio::io_context io_{1};
  Timeline timeline_;
  SimClock clock_{io_, timeline_, 0};
  Rng rng_;
  Dice dice_;
  StoreFaults faults_;
  MemoryLedger ledger_;
  MemoryStore store_{ledger_, clock_, rng_, faults_};
  CalledRetention retention_{std::make_unique<LedgerRetention>(ledger_), StoreCalls{clock_, rng_, faults_}};
  Shelf shelf_;
  SimBlobs blobs_{shelf_, clock_, dice_, rng_, milliseconds{0}};
  views::EventHub hub_{clock_};
  RecipeBook recipes_;
  NoWorkers workers_;
  retention::Policy keep_;
  std::optional<Engine> engine_;
};

TEST(RetentionRace, VS_9_ARetryAtTheMomentOfExpiryEitherFindsTheFileOrIsTold) {
  int retried = 0;
  int told = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Aging world{seed};
    const ItemId id = world.dead_letter(1);
    const BlobId blob = world.job(id).input.blob;
    world.pass(1h);
    std::optional<Result<Swept>> swept;
    std::optional<Result<Job>> answer;
    world.begin(world.engine_->sweep_now(false), &swept);
    world.pass(milliseconds{static_cast<std::int64_t>(world.rng_.below(1'200))});
    world.begin(world.engine_->retry(id, ""), &answer);
    while (!swept || !answer) world.turn(world.timeline_.next());

    const Job after = world.job(id);
    if (*answer) {
      EXPECT_EQ(after.status, JobStatus::pending) << seed;
      EXPECT_TRUE(world.has_file(blob)) << "seed " << seed << ": it is worked on, and its file is gone";
      ++retried;
    } else {
      EXPECT_EQ(answer->error().code(), "HF-ITM-10") << seed;
      EXPECT_TRUE(after.file_expired_at.has_value()) << seed;
      EXPECT_FALSE(world.has_file(blob)) << seed;
      ++told;
    }
  }
  EXPECT_GT(retried, 10);
  EXPECT_GT(told, 10);
}

TEST(RetentionRace, VS_9_AFileIsUnlinkedOnlyAfterThatIsRecorded) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Aging world{seed};
    const ItemId id = world.dead_letter(1);
    const BlobId blob = world.job(id).input.blob;
    world.pass(2h);
    std::optional<Result<Swept>> swept;
    world.begin(world.engine_->sweep_now(false), &swept);
    while (!swept) {
      world.turn(world.timeline_.next());
      EXPECT_TRUE(world.has_file(blob) || world.job(id).file_expired_at) << seed;
    }
  }
}

TEST(RetentionCrash, VS_9_WhatACrashLeftOfAnExpiredFileTheNextSweepRemoves) {
  Aging world{1};
  const ItemId id = world.dead_letter(1);
  const BlobId blob = world.job(id).input.blob;
  const Decide expire = [](const Job& job, WallTime now) {
    return decide::expire(job, {.file = true, .rule = "1 h after the end of the work"}, now);
  };
  ASSERT_TRUE(world.ledger_.update(id, expire));  // and the process dies before it removes the file

  EXPECT_TRUE(world.run(world.engine_->sweep_now(true)).has_value());
  EXPECT_TRUE(world.has_file(blob)) << "a dry run removes nothing";
  EXPECT_EQ(world.run(world.engine_->sweep_now(false))->orphans, 1U);
  EXPECT_FALSE(world.has_file(blob));
}

TEST(RetentionSweep, FR_10_ARunningEngineTakesEachThingWhenItsTimeIsOver) {
  Aging world{1};
  std::optional<Result<void>> started;
  const ItemId id = world.dead_letter(1);
  const BlobId blob = world.job(id).input.blob;
  world.begin(world.engine_->start(true), &started);

  world.pass(59min);
  EXPECT_TRUE(world.has_file(blob));
  world.pass(3min);
  EXPECT_FALSE(world.has_file(blob));
  EXPECT_TRUE(world.job(id).results_expired_at.has_value());
  world.pass(2h);
  EXPECT_FALSE(world.there(id));
  EXPECT_EQ(world.ledger_.audit(id).back().entry.detail, "3 h after the end of the work");
}

TEST(RetentionSweep, WhatIsKeptIsNeverTaken) {
  Aging world{1, {}};
  std::optional<Result<void>> started;
  const ItemId id = world.dead_letter(1);
  world.begin(world.engine_->start(true), &started);
  world.pass(24h * 20);
  EXPECT_TRUE(world.has_file(world.job(id).input.blob));
}

TEST(RetentionSweep, FR_10_ItWaitsWhileTheStoreIsAwayAndGoesOnAfterwards) {
  Aging world{1};
  std::optional<Result<void>> started;
  const ItemId id = world.dead_letter(1);
  world.begin(world.engine_->start(true), &started);
  world.pass(50min);
  world.faults_.away_until = world.timeline_.now() + 30min;
  world.pass(29min);
  EXPECT_FALSE(world.job(id).file_expired_at.has_value());
  world.pass(10min);
  EXPECT_TRUE(world.job(id).file_expired_at.has_value());
}

TEST(RetentionSweep, VS_9_ACalendarThatJumpsAheadTakesNothingAtOnce) {
  Aging world{1};
  std::optional<Result<void>> started;
  const ItemId id = world.dead_letter(1);
  world.begin(world.engine_->start(true), &started);
  world.pass(5min);

  world.clock_.wall_skew += 24h;
  world.pass(10min);
  ASSERT_TRUE(world.there(id)) << "somebody may still set it right";
  EXPECT_FALSE(world.job(id).file_expired_at.has_value());
  world.clock_.wall_skew -= 24h;
  world.pass(30min);
  EXPECT_FALSE(world.job(id).file_expired_at.has_value());
}

TEST(RetentionSweep, FR_6_ADryRunCountsAndAPortionLeavesTheRest) {
  Aging world{1};
  for (unsigned n = 1; n <= 120; ++n) world.dead_letter(n);
  world.pass(2h);

  const auto counted = world.run(world.engine_->sweep_now(true));
  EXPECT_EQ(counted->taken.dead_letters, 120U);
  EXPECT_EQ(world.shelf_.blobs.size(), 120U);
  const auto taken = world.run(world.engine_->sweep_now(false));
  EXPECT_EQ(taken->taken.files, 120U);
  EXPECT_EQ(world.shelf_.blobs.size(), 0U);
  EXPECT_EQ(world.run(world.engine_->sweep_now(true))->taken.dead_letters, 0U);
}

}  // namespace
}  // namespace holdfast::sim
