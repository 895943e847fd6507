#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "flow/engine.hpp"
#include "sim/engine_kit.hpp"

namespace holdfast::sim {
namespace {

enum class Manner : std::uint8_t { works, idles, hangs_at_start };

/// Speech workers, each with a manner of its own; the last one's is that of all later ones.
class MannerWorkers final : public WorkerPool {
 public:
  MannerWorkers(SimClock& clock, std::vector<Manner> manners) : clock_{clock}, manners_{std::move(manners)} {}

  Task<Result<std::unique_ptr<WorkRun>>> start(WorkRequest) override {
    const Manner manner = manners_.at(std::min(started, manners_.size() - 1));
    ++started;
    if (manner == Manner::hangs_at_start) HF_CO_TRY_VOID(co_await clock_.sleep_until(MonoTime::max()));
    co_return std::make_unique<Run>(clock_, manner);
  }
  Task<Result<void>> probe(WorkerKind) override { co_return Result<void>{}; }
  std::vector<WorkerStatus> status() override { return {}; }

  std::size_t started = 0;

 private:
  class Run final : public WorkRun {
   public:
    Run(SimClock& clock, Manner manner) : clock_{clock}, manner_{manner} {}
    Task<Result<WorkEvent>> next() override {
      HF_CO_TRY_VOID(co_await step());
      if (manner_ == Manner::idles) co_return WorkEvent{Progress{0.25}};
      position_ms_ += 30'000;
      if (position_ms_ > 600'000) co_return WorkEvent{Finished{.body = R"({"language":"en","duration_ms":600000})"}};
      co_return WorkEvent{SegmentsDone{.position_ms = position_ms_}};
    }

   private:
    /// 20 s of work. One that was stopped together with its server has not worked meanwhile.
    Task<Result<void>> step() {
      constexpr milliseconds kStep = std::chrono::seconds{20};
      for (bool stopped = true; stopped;) {
        const MonoTime end = clock_.mono_now() + kStep;
        HF_CO_TRY_VOID(co_await clock_.sleep_until(end));
        stopped = clock_.mono_now() > end + kStep;
      }
      co_return Result<void>{};
    }

    SimClock& clock_;
    Manner manner_;
    std::int64_t position_ms_ = 0;
  };

  SimClock& clock_;
  std::vector<Manner> manners_;
};

/// One engine with one recording to transcribe, whose worker may be silent for a minute.
class NoProgress : public testing::EngineTest<> {
 protected:
  void begin(std::vector<Manner> manners) {
    Recipe recipe{.name = "introductions"};
    recipe.stages = {{.name = "upload", .kind = "upload"},
                     {.name = "stt",
                      .kind = "transcribe",
                      .retry = {.backoff = {.base = std::chrono::seconds{1}, .ceiling = std::chrono::seconds{1}},
                                .crashes_max = 3},
                      .silence_max = std::chrono::minutes{1}}};
    recipes_.emplace("introductions", std::move(recipe));
    Job job = contract::sample_job(1);
    job.stages.pop_back();
    job.stages[0].kind = "convert";
    job.stages[0].output = R"({"audio":"a0","duration_ms":600000})";
    ASSERT_TRUE(ledger_.enqueue(contract::created(std::move(job))));
    workers_.emplace(clock_, std::move(manners));
    engine_.emplace(io_.get_executor(),
                    Engine::Deps{store_, blobs_, *workers_, clock_, dice_, hub_, recipes_, nullptr, nullptr, rules_},
                    EngineConfig{.node = NodeId{"n"}});
    asio::co_spawn(io_, engine_->start(true), [](std::exception_ptr, Result<void>) {});
  }
  /// Lets time pass until `end`, or until the job is over.
  void pass_until(MonoTime end) {
    while (!is_terminal(job().status) && timeline_.now() < end) {
      io_.restart();
      if (io_.poll() == 0) timeline_.wake_one(std::min(timeline_.next(), end));
    }
  }
  Job job() const { return *ledger_.find(contract::item_id(1)); }
  std::string failures() const {
    std::string text;
    for (const StoredEvent& event : ledger_.audit(contract::item_id(1))) {
      if (event.entry.type == "stage.failed" || event.entry.type == "job.dead") text += event.entry.detail + " ";
    }
    return text;
  }

  RecoveryRules rules_;
  std::optional<MannerWorkers> workers_;
  std::optional<Engine> engine_;
};

TEST_F(NoProgress, FR_3_AWorkerThatGetsNoFurtherIsEndedThoughItGivesSignsOfLife) {
  begin({Manner::idles, Manner::works});

  pass_until(MonoTime{std::chrono::hours{1}});

  EXPECT_EQ(job().status, JobStatus::completed);
  EXPECT_EQ(failures(), "HF-ENG-03 ");
  EXPECT_EQ(engine_->figures().stuck, 1U);
}

TEST_F(NoProgress, FR_3_AReplacementThatHangsAtItsStartIsSeenToo) {
  begin({Manner::idles, Manner::hangs_at_start, Manner::works});

  pass_until(MonoTime{std::chrono::hours{1}});

  EXPECT_EQ(job().status, JobStatus::completed);
  EXPECT_EQ(failures(), "HF-ENG-03 HF-ENG-03 ");
}

TEST_F(NoProgress, FR_3_AnItemOnWhichEveryWorkerIdlesIsSetAside) {
  begin({Manner::idles});

  pass_until(MonoTime{std::chrono::hours{1}});

  EXPECT_EQ(job().status, JobStatus::failed);
  EXPECT_EQ(failures(), "HF-ENG-03 HF-ENG-03 HF-ENG-05 ");
}

TEST_F(NoProgress, FR_3_ARuleThatIsChangedWhileItRunsCounts) {
  begin({Manner::idles, Manner::works});
  pass_until(MonoTime{std::chrono::seconds{65}});  // it said something new at 20 s, and may be so for two minutes
  ASSERT_EQ(engine_->figures().stuck, 0U);

  rules_["transcribe"].no_progress = std::chrono::seconds{40};
  pass_until(MonoTime{std::chrono::seconds{75}});

  EXPECT_EQ(engine_->figures().stuck, 1U);
}

TEST_F(NoProgress, ALongPieceOfWorkThatGetsFurtherIsLeftAlone) {
  begin({Manner::works});

  pass_until(MonoTime{std::chrono::hours{1}});

  EXPECT_EQ(job().status, JobStatus::completed) << "longer than the patience in all, never without a window";
  EXPECT_EQ(workers_->started, 1U);
}

TEST_F(NoProgress, AServerThatWasStoppedItselfBlamesNobody) {
  begin({Manner::works});
  pass_until(MonoTime{std::chrono::seconds{30}});

  timeline_.freeze(0, MonoTime{std::chrono::minutes{20}});
  pass_until(MonoTime{std::chrono::hours{1}});

  EXPECT_EQ(job().status, JobStatus::completed);
  EXPECT_EQ(engine_->figures().stuck, 0U);
}

/// Another server is at work on a job in a stage of each kind, and lets its leases run out.
TEST_F(NoProgress, FR_6_ALookThatIsAskedForTakesUpLostLeasesOfItsKindAlone) {
  begin({Manner::works});
  pass_until(MonoTime{milliseconds{100}});  // what was leased before its start it takes up by itself
  for (unsigned n = 2; n <= 3; ++n) {
    Job job = contract::sample_job(n);
    job.created_at = job.updated_at = job.ready_at = clock_.wall_now();
    if (n == 3) job.stages[1].kind = "convert";
    ASSERT_TRUE(ledger_.enqueue(contract::created(std::move(job))));
  }
  ClaimRequest request = contract::claim_request("engine", 2);
  request.lease_for = milliseconds{1};
  ASSERT_EQ(ledger_.claim(request).size(), 2U);
  pass_until(MonoTime{milliseconds{110}});

  Recovered done;
  asio::co_spawn(io_, engine_->recover_now("transcribe"), [&done](std::exception_ptr, Result<Recovered> found) {
    if (found) done = *found;
  });
  pass_until(MonoTime{milliseconds{600}});

  EXPECT_EQ(done.interrupted, 1U);
  EXPECT_EQ(ledger_.audit(contract::item_id(2)).back().entry.type, "stage.interrupted");
  const auto lease = ledger_.find(contract::item_id(3))->lease;
  ASSERT_TRUE(lease) << "not its kind";
  EXPECT_EQ(lease->node, request.node);
}

}  // namespace
}  // namespace holdfast::sim
