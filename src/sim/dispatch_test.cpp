#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "flow/engine.hpp"
#include "sim/engine_kit.hpp"

namespace holdfast::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

/// Every recording is silent, and that takes a second.
class Silence final : public WorkerPool {
 public:
  explicit Silence(SimClock& clock) : clock_{clock} {}
  Task<Result<std::unique_ptr<WorkRun>>> start(WorkRequest) override { co_return std::make_unique<Run>(clock_); }
  Task<Result<void>> probe(WorkerKind) override { co_return Result<void>{}; }
  std::vector<WorkerStatus> status() override { return {}; }

 private:
  class Run final : public WorkRun {
   public:
    explicit Run(SimClock& clock) : clock_{clock} {}
    Task<Result<WorkEvent>> next() override {
      HF_CO_TRY_VOID(co_await clock_.sleep_until(clock_.mono_now() + std::chrono::seconds{1}));
      co_return WorkEvent{Finished{.body = R"({"language":"","duration_ms":1000})"}};
    }

   private:
    SimClock& clock_;
  };
  SimClock& clock_;
};

/// Counts how often each pool looks for work.
class CountingStore final : public MemoryStore {
 public:
  using MemoryStore::MemoryStore;
  Task<Result<std::vector<Job>>> claim(ClaimRequest request) override {
    looks[request.bulkhead] += 1;
    auto claiming = MemoryStore::claim(std::move(request));
    auto claimed = co_await std::move(claiming);
    if (tells_late != nullptr) (void)co_await tells_late->sleep_until(tells_late->mono_now() + std::chrono::seconds{5});
    co_return claimed;
  }
  std::map<std::string, unsigned> looks;
  Clock* tells_late = nullptr;  ///< what was found is told 5 s later
};

/// An engine whose loops look at the queue once a day, and else when they are told to.
class Dispatch : public testing::EngineTest<CountingStore> {
 protected:
  Dispatch() {
    Recipe recipe{.name = "introductions"};
    recipe.stages = {{.name = "upload", .kind = "upload"}, {.name = "stt", .kind = "transcribe"}};
    recipes_.emplace("introductions", std::move(recipe));
    asio::co_spawn(io_, engine_.start(true), [](std::exception_ptr, Result<void>) {});
    pass(std::chrono::minutes{1});
    store_.looks.clear();
  }
  Job sent(unsigned n) {
    Job job = contract::sample_job(n);
    job.stages[0].kind = "convert";
    job.stages[0].output = R"({"audio":"a0","duration_ms":1000})";
    job.stages.pop_back();
    job.ready_at = clock_.wall_now();
    return job;
  }
  void arrives(unsigned n) {
    const Job job = sent(n);
    ASSERT_TRUE(ledger_.enqueue(contract::created(job)));
    engine_.wake(job);
  }
  /// Empty: it is done.
  std::string missing_of(unsigned n) {
    const Job job = *ledger_.find(contract::item_id(n));
    if (job.status == JobStatus::completed) return {};
    return std::string{to_word(job.status)} + (job.error ? " " + job.error->code + " " + job.error->message : "");
  }
  void pass(milliseconds time) {
    const MonoTime end = timeline_.now() + time;
    while (timeline_.now() < end) {
      io_.restart();
      if (io_.poll() == 0) timeline_.wake_one(std::min(timeline_.next(), end));
    }
  }

  Silence workers_{clock_};
  Engine engine_{io_.get_executor(), Engine::Deps{store_, blobs_, workers_, clock_, dice_, hub_, recipes_},
                 EngineConfig{.node = NodeId{"n"},
                              .look_every = std::chrono::hours{24},
                              .slots = {{"engine", 2}, {"language", 2}, {"media", 2}}}};
};

TEST_F(Dispatch, FR_8_OnlyThePoolThatAJobWaitsForLooksForItAndOnlyOnce) {
  arrives(1);
  pass(std::chrono::minutes{1});

  EXPECT_EQ(missing_of(1), "");
  EXPECT_THAT(store_.looks, ElementsAre(Pair("engine", 1))) << "nothing else was due, and that was known";
}

TEST_F(Dispatch, FR_8_AJobThatIsExpectedIsBegunAsItIsRecordedAndLookedForOnce) {
  const Job job = sent(1);
  engine_.expect(job);
  ASSERT_TRUE(ledger_.enqueue(contract::created(job)));
  pass(milliseconds{500});
  const JobStatus before = ledger_.find(job.id)->status;
  engine_.wake(job);
  pass(std::chrono::minutes{1});

  EXPECT_EQ(before, JobStatus::processing);
  EXPECT_EQ(missing_of(1), "");
  EXPECT_THAT(store_.looks, ElementsAre(Pair("engine", 1)));
}

TEST_F(Dispatch, AJobThatIsRecordedLongAfterItWasExpectedIsLookedForAgain) {
  const Job job = sent(1);
  engine_.expect(job);
  pass(milliseconds{500});
  ASSERT_TRUE(ledger_.enqueue(contract::created(job)));
  engine_.wake(job);
  pass(std::chrono::minutes{1});

  EXPECT_EQ(missing_of(1), "");
}

TEST_F(Dispatch, AJobThatIsRecordedAfterItsPoolLookedAndBeforeThatIsToldIsLookedForAgain) {
  const Job job = sent(1);
  store_.tells_late = &clock_;
  engine_.expect(job);
  pass(std::chrono::seconds{3});  // the look is under way, and has found nothing
  ASSERT_TRUE(ledger_.enqueue(contract::created(job)));
  engine_.wake(job);
  pass(std::chrono::minutes{1});

  EXPECT_EQ(missing_of(1), "");
}

TEST_F(Dispatch, WhoeverHadToWaitForAPlaceGetsTheNextOneThatIsFree) {
  for (unsigned n = 1; n <= 5; ++n) arrives(n);
  pass(std::chrono::minutes{1});

  for (unsigned n = 1; n <= 5; ++n) EXPECT_EQ(missing_of(n), "") << n;
}

TEST_F(Dispatch, AJobThatArrivesWhileItsPoolIsLookingIsNotMissed) {
  for (unsigned n = 1; n <= 40; ++n) {
    arrives(n);
    pass(milliseconds{n});
  }
  pass(std::chrono::minutes{2});

  for (unsigned n = 1; n <= 40; ++n) EXPECT_EQ(missing_of(n), "") << n;
}

}  // namespace
}  // namespace holdfast::sim
