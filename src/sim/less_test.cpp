#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "flow/queue/fuller.hpp"
#include "sim/attempt_kit.hpp"

namespace holdfast::sim {
namespace {

/// Speech workers that hear three windows. Which of them run a smaller model says a word: one letter for each worker.
/// A worker dies after so many windows, but for the last one.
class Speakers final : public WorkerPool {
 public:
  std::string models = "L";  ///< L: as configured, s: smaller; the last one goes on for ever
  int windows = 99;
  std::vector<std::int64_t> beams;

  Task<Result<std::unique_ptr<WorkRun>>> start(WorkRequest request) override {
    const auto body = boost::json::parse(request.body);
    beams.push_back(body.at("beam_size").as_int64());
    const std::size_t worker = std::min(beams.size(), models.size()) - 1;
    const bool last = worker + 1 == models.size();
    const int from = static_cast<int>(body.at("from_ms").as_int64() / 30'000);
    co_return std::make_unique<Run>(from, last ? 99 : windows, models[worker] == 's');
  }
  Task<Result<void>> probe(WorkerKind) override { co_return Result<void>{}; }
  std::vector<WorkerStatus> status() override { return {}; }

 private:
  class Run final : public WorkRun {
   public:
    Run(int next, int left, bool less) : next_{next}, left_{left}, less_{less} {}
    Task<Result<WorkEvent>> next() override {
      if (next_ == 3)
        co_return WorkEvent{Finished{R"({"language":"en","duration_ms":90000})", {}, less_}};
      if (left_-- == 0) co_return fail(ErrorClass::transient, kWorkerDied, "killed");
      const std::int64_t start_ms = 30'000 * next_++;
      SegmentsDone done{.segments = {{.start_ms = start_ms, .end_ms = start_ms + 9'000, .text = "window"}},
                        .gaps = {},
                        .position_ms = start_ms + 30'000};
      done.with_less = less_;
      co_return WorkEvent{std::move(done)};
    }

   private:
    int next_;
    int left_;
    bool less_;
  };
};

Recipe spoken() {
  Recipe made{.name = "introductions"};
  made.stages = {{.name = "stt", .kind = "transcribe", .title = "Transcribing"}};
  made.stages[0].retry.attempts_max = made.stages[0].retry.crashes_max = 9;
  made.modes = {{.name = "accurate", .stages = {"stt"}},
                {.name = "fast", .stages = {"stt"}},
                {.name = "small", .smaller = {"stt"}}};
  made.modes[1].settings["stt"].beam_size = 1;
  return made;
}

class WithLess : public testing::AttemptTest {
 protected:
  /// The job, transcribed in that mode by those workers.
  Job transcribed(const std::string& mode, const std::string& models, int windows = 99) {
    speakers_.models = models;
    speakers_.windows = windows;
    Job begun = contract::sample_job(1);
    begun.stages.resize(2);
    begun.stages[0].kind = "convert";
    begun.stages[0].output = R"({"audio":"a0d10","duration_ms":90000})";
    begun.requested_mode = begun.mode = mode;
    EXPECT_TRUE(ledger_.enqueue(contract::created(begun)));
    const runner::Deps deps{.store = store_, .workers = speakers_, .clock = clock_, .entropy = chance_};
    for (int attempts = 0; attempts < 9 && attempt_once(recipe_, deps); ++attempts) continue;
    return job();
  }

  Speakers speakers_;
  Recipe recipe_ = spoken();
};

TEST_F(WithLess, FG_2_AModeIsDoneWithItsSettings) {
  EXPECT_EQ(transcribed("fast", "L").mode, "fast");
  EXPECT_EQ(speakers_.beams, std::vector<std::int64_t>{1});
}

TEST_F(WithLess, FG_2_WhatWasDoneAsAskedHasNoMark) {
  const Job done = transcribed("accurate", "L");
  EXPECT_EQ(done.mode, "accurate");
  EXPECT_FALSE(done.stages[1].fallback || done.stages[1].with_less);
  EXPECT_EQ(speakers_.beams, std::vector<std::int64_t>{5});
}

TEST_F(WithLess, FG_14_WhatASmallerModelTranscribedSaysSoInItsModeAndCanBeDoneAgain) {
  const Job done = transcribed("accurate", "s");
  EXPECT_EQ(done.requested_mode + ' ' + done.mode, "accurate small");
  ASSERT_TRUE(done.stages[1].fallback);
  EXPECT_EQ(done.stages[1].fallback->strategy, kSmallerModel);
  EXPECT_EQ(done.stages[1].fallback->cause, kOutOfMemory);
  EXPECT_EQ(done.held_for, "") << "not by itself, unless the recipe says so";
  const auto trail = ledger_.audit(done.id);
  EXPECT_TRUE(std::ranges::any_of(trail, [](const StoredEvent& event) {
    return event.entry.type == "job.downshifted" && event.entry.detail == "small: HF-ENG-04";
  }));
}

TEST_F(WithLess, FG_14_SoDoesWhatASmallerModelHasBegunOrEnded) {
  EXPECT_EQ(transcribed("accurate", "sL", 1).mode, "small") << "its first window is kept";
  EXPECT_EQ(speakers_.beams.size(), 2U);
}

TEST_F(WithLess, FG_14_AndWhatItHasEnded) { EXPECT_EQ(transcribed("fast", "Ls", 2).mode, "small"); }

TEST_F(WithLess, FG_14_OfWhatASmallerModelBeganAndDidNotKeepNothingIsSaid) {
  EXPECT_EQ(transcribed("accurate", "sL", 0).mode, "accurate");
}

TEST_F(WithLess, FG_14_WhereTheRecipeSaysSoItIsHeldToBeDoneAgain) {
  recipe_.stages[0].redo = true;
  EXPECT_EQ(transcribed("accurate", "s").held_for, kHeldForRedo);
}

TEST_F(WithLess, FG_14_ARecipeWithoutModesGoesOnAsItDid) {
  recipe_.modes.clear();
  const Job done = transcribed("", "s");
  EXPECT_EQ(done.mode, "");
  EXPECT_FALSE(done.stages[1].fallback);
}

}  // namespace
}  // namespace holdfast::sim
