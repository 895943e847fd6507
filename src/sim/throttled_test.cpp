#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "flow/engine.hpp"
#include "guard/guarded_pool.hpp"
#include "sim/engine_kit.hpp"

namespace holdfast::sim {
namespace {

/// Speech works; whoever writes answers that it is busy, and for how long.
class OneBusyService final : public WorkerPool {
 public:
  explicit OneBusyService(SimClock& clock) : clock_{clock} {}

  Task<Result<std::unique_ptr<WorkRun>>> start(WorkRequest request) override {
    if (request.worker == WorkerKind::speech) co_return std::make_unique<Run>(clock_);
    ++asked;
    Error busy{ErrorClass::dependency, "HF-LLM-02", "the endpoint is busy"};
    co_return std::unexpected{std::move(busy).asked_again_after(std::chrono::minutes{5})};
  }
  Task<Result<void>> probe(WorkerKind) override { co_return Result<void>{}; }
  std::vector<WorkerStatus> status() override { return {}; }

  unsigned asked = 0;

 private:
  class Run final : public WorkRun {
   public:
    explicit Run(SimClock& clock) : clock_{clock} {}
    Task<Result<WorkEvent>> next() override {
      HF_CO_TRY_VOID(co_await clock_.sleep_until(clock_.mono_now() + std::chrono::seconds{20}));
      if (heard_) co_return WorkEvent{Finished{.body = R"({"language":"en","duration_ms":30000})"}};
      heard_ = true;
      SegmentsDone done{.position_ms = 30'000};
      done.segments.push_back({.start_ms = 0, .end_ms = 30'000, .text = "a sentence"});
      co_return WorkEvent{std::move(done)};
    }

   private:
    SimClock& clock_;
    bool heard_ = false;
  };

  SimClock& clock_;
};

/// One engine with one slot for both services. Odd items want the busy one after their transcription, even ones none.
class Throttled : public testing::EngineTest<> {
 protected:
  Throttled() {
    services_.add({.name = "language", .breaks = true});
    services_.add({.name = "speech", .breaks = true});
    Recipe recipe{.name = "introductions"};
    recipe.stages = {{.name = "upload", .kind = "upload"},
                     {.name = "stt", .kind = "transcribe"},
                     {.name = "rating",
                      .kind = "generate",
                      .result = "rating",
                      .shape = "rating",
                      .prompt = "You rate.\n---\n{{transcript}}\nNow answer.\n",
                      .schema = R"({"type":"object","properties":{}})"}};
    recipes_.emplace("introductions", std::move(recipe));
    for (unsigned n = 1; n <= kItems; ++n) EXPECT_TRUE(ledger_.enqueue(contract::created(wanting(n % 2 == 1, n))));
    asio::co_spawn(io_, engine_.start(true), [](std::exception_ptr, Result<void>) {});
  }
  static Job wanting(bool rating, unsigned n) {
    Job job = contract::sample_job(n);
    job.stages[0].kind = "convert";
    job.stages[0].output = R"({"audio":"a0","duration_ms":30000})";
    job.stages[2].bulkhead = "engine";
    if (!rating) job.stages.pop_back();
    return job;
  }
  void pass_until(MonoTime end) {
    constexpr int kStepsMax = 100'000;  // else they chase each other without time passing
    for (int step = 0; timeline_.now() < end; ++step) {
      ASSERT_LT(step, kStepsMax);
      io_.restart();
      if (io_.poll() == 0) timeline_.wake_one(std::min(timeline_.next(), end));
    }
  }

  static constexpr unsigned kItems = 10;
  OneBusyService workers_{clock_};
  guard::Services services_{{.clock = clock_, .entropy = dice_}};
  guard::GuardedPool pool_{workers_, services_};
  Engine engine_{io_.get_executor(), Engine::Deps{store_, blobs_, pool_, clock_, dice_, hub_, recipes_},
                 EngineConfig{.node = NodeId{"n"}}};
};

TEST_F(Throttled, FR_5_AServiceThatAsksToBeLeftAloneDoesNotStopThoseWhoDoNotNeedIt) {
  pass_until(MonoTime{std::chrono::minutes{30}});

  for (unsigned n = 1; n <= kItems; ++n) {
    const Job job = *ledger_.find(contract::item_id(n));
    if (n % 2 == 0) {
      EXPECT_EQ(job.status, JobStatus::completed) << n;
      continue;
    }
    EXPECT_EQ(job.stages[1].state, StageState::completed) << "what the busy service is not needed for is done";
    EXPECT_EQ(job.status, JobStatus::pending) << n;
    EXPECT_FALSE(job.held_for.empty()) << n;
    EXPECT_EQ(job.stages[2].attempts, 0U) << "waiting is not the file's fault";
  }
  EXPECT_LE(workers_.asked, 12U) << "once in five minutes, and once for each that was on its way";
  EXPECT_GE(workers_.asked, 5U);
}

}  // namespace
}  // namespace holdfast::sim
