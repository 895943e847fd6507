#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "flow/runner/run_attempt.hpp"
#include "sim/memory_store.hpp"
#include "tests/contract/job_store_samples.hpp"

namespace holdfast::sim {
namespace {

using testing::ElementsAre;

/// A recording of three windows, each with a hole.
SegmentsDone window(int number) {
  const std::int64_t start_ms = number * 30'000;
  return {.segments = {{.start_ms = start_ms, .end_ms = start_ms + 9'000, .text = "window"}},
          .gaps = {{.start_ms = start_ms + 10'000, .end_ms = start_ms + 20'000, .cause = "a loop"}},
          .position_ms = start_ms + 30'000};
}

/// Speech workers that die after so many windows, one number for each worker; the last one lives.
class MortalWorkers final : public WorkerPool {
 public:
  explicit MortalWorkers(std::vector<int> lives) : lives_{std::move(lives)} {}

  Task<Result<std::unique_ptr<WorkRun>>> start(WorkRequest request) override {
    const auto from = request.body.find("\"from_ms\":") + 10;
    const int first = std::stoi(request.body.substr(from)) / 30'000;
    const int windows = started_ < lives_.size() ? lives_[started_] : 99;
    ++started_;
    co_return std::make_unique<Run>(first, windows);
  }
  Task<Result<void>> probe(WorkerKind) override { co_return Result<void>{}; }
  std::vector<WorkerStatus> status() override { return {}; }

 private:
  class Run final : public WorkRun {
   public:
    Run(int next, int windows_left) : next_{next}, windows_left_{windows_left} {}
    Task<Result<WorkEvent>> next() override {
      if (next_ == 3) co_return WorkEvent{Finished{.body = R"({"language":"en","duration_ms":90000})"}};
      if (windows_left_-- == 0) co_return fail(ErrorClass::transient, kWorkerDied, "killed");
      co_return WorkEvent{window(next_++)};
    }

   private:
    int next_;
    int windows_left_;
  };

  std::vector<int> lives_;
  std::size_t started_ = 0;
};

class Chance final : public Entropy {
 public:
  std::uint64_t next() override { return 0; }
};

/// One job, worked on until it is past its stage.
class Resume : public testing::Test {
 protected:
  struct End {
    Job job;
    std::string transcript;
    std::string segments;
  };

  static Job converted_job() {
    Job job = contract::sample_job(1);
    job.stages[0].kind = "convert";
    job.stages[0].output = R"({"audio":"a0d10","duration_ms":90000})";
    return job;
  }
  template <class T>
  T run(Task<T> task) {
    std::optional<T> answer;
    asio::co_spawn(io_, std::move(task),
                   [&answer](std::exception_ptr, T value) { answer = std::move(value); });
    while (!answer) {
      io_.restart();
      if (io_.poll() == 0) timeline_.wake_one(timeline_.next());
    }
    return *std::move(answer);
  }

  End transcribed_by(std::vector<int> lives) {
    MemoryLedger ledger;
    ledger.now = [] { return contract::kNow; };
    MemoryStore store{ledger, clock_, rng_, faults_};
    MortalWorkers workers{std::move(lives)};
    EXPECT_TRUE(ledger.enqueue(contract::created(converted_job())));
    Recipe recipe{.stages = {{.name = "stt", .kind = "transcribe"}}};
    recipe.stages[0].retry.attempts_max = recipe.stages[0].retry.crashes_max = 9;
    for (int attempts = 0; attempts < 9; ++attempts) {
      const auto claimed = ledger.claim(contract::claim_request());
      if (claimed.empty()) break;
      runner::Attempt attempt{.stop_bell = clock_.make_wakeup()};
      const runner::Deps deps{.store = store, .workers = workers, .clock = clock_, .entropy = chance_};
      EXPECT_TRUE(run(runner::run_attempt(claimed[0], recipe, &attempt, deps)));
    }
    const auto results = ledger.results(contract::item_id(1));
    return {.job = *ledger.find(contract::item_id(1)),
            .transcript = results.empty() ? "" : results[0].json,
            .segments = contract::text_of(ledger.segments(contract::item_id(1)))};
  }

 private:
  asio::io_context io_{1};
  Timeline timeline_{1};
  SimClock clock_{io_, timeline_, 0};
  Rng rng_{1};
  StoreFaults faults_;
  Chance chance_;
};

TEST_F(Resume, S4_ATranscriptHasTheGapsOfAllItsRuns) {
  const End whole = transcribed_by({});
  ASSERT_THAT(whole.job.stages[1].warnings, ElementsAre("3 parts of the recording could not be transcribed"));

  for (const std::vector<int>& lives : {std::vector<int>{1}, {2}, {3}, {0, 1, 0, 1}}) {
    const End resumed = transcribed_by(lives);

    EXPECT_EQ(resumed.job.stage, whole.job.stage);
    EXPECT_EQ(resumed.job.retry_count, lives == std::vector<int>{3} ? 0U : lives.size());
    EXPECT_EQ(resumed.transcript, whole.transcript);
    EXPECT_EQ(resumed.segments, whole.segments);
    EXPECT_EQ(resumed.job.stages[1].warnings, whole.job.stages[1].warnings);
  }
}

}  // namespace
}  // namespace holdfast::sim
