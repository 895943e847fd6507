#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/job/decide.hpp"
#include "core/job/legal.hpp"

namespace holdfast {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr WallTime kNow{milliseconds{1'770'000'000'000}};
const std::vector<speech::Region> kGaps{{1'000, 5'000}, {9'000, 12'400}};

class FillGaps : public testing::Test {
 protected:
  FillGaps() {
    job.id = ItemId{"itm_1"};
    job.version = 1;
    job.input.blob = BlobId{"b"};
    job.stages = {{.name = "upload", .kind = "upload", .state = StageState::completed},
                  {.name = "convert", .kind = "convert", .bulkhead = "media"},
                  {.name = "stt", .kind = "transcribe", .bulkhead = "engine"},
                  {.name = "form", .kind = "generate", .bulkhead = "language"}};
    job.stage = 1;
    job.stages[2].position_ms = 60'000;
    while (job.status != JobStatus::completed) done({.output = "{}"});
    job.stages[2].warnings = {transcript::gaps_warning(2), "a smaller model was used"};
  }

  Transition apply(Result<Transition> change) {
    EXPECT_TRUE(change) << (change ? "" : change.error().what());
    if (!change) return {};
    EXPECT_TRUE(is_legal(job, change->after));
    job = change->after;
    return *change;
  }
  void claim() { apply(decide::claim(job, NodeId{"n"}, 30s, kNow)); }
  Transition done(decide::StageOutcome outcome) {
    claim();
    return apply(decide::succeed(job, std::move(outcome), kNow));
  }
  Transition ask() { return apply(decide::fill_gaps(job, kGaps, kNow)); }
  /// The sound is there again, and somebody hears the gaps.
  void begin() {
    ask();
    done({.output = R"({"audio":"x"})"});
    claim();
  }
  void fail(ErrorClass cls, bool died = false) {
    apply(decide::fail(job, {cls, "HF-X", "because"}, died, policy, 0, kNow));
  }
  void expect_as_it_was() const {
    EXPECT_EQ(job.status, JobStatus::completed);
    EXPECT_FALSE(job.error);
    for (const StageRecord& stage : job.stages) {
      EXPECT_EQ(stage.state, StageState::completed) << stage.name;
      EXPECT_THAT(stage.fill, IsEmpty());
    }
    EXPECT_EQ(job.stages[2].position_ms, 60'000);
    EXPECT_EQ(job.stages[3].output, "{}");
  }
  static std::vector<std::string> types(const Transition& change) {
    std::vector<std::string> out;
    for (const AuditEntry& entry : change.audit) out.push_back(entry.type);
    return out;
  }

  Job job;
  RetryPolicy policy{.attempts_max = 2, .crashes_max = 2, .interruptions_max = 1};
};

TEST_F(FillGaps, AreHeardAgainFromTheSoundOnAndAllThatWasMadeStays) {
  const auto change = ask();

  EXPECT_EQ(job.status, JobStatus::pending);
  EXPECT_EQ(job.stages[job.stage].name, "convert") << "the sound was removed when it was completed";
  EXPECT_EQ(job.stages[2].fill, kGaps);
  EXPECT_EQ(job.stages[2].position_ms, 60'000);
  EXPECT_EQ(job.stages[3].state, StageState::completed);
  EXPECT_FALSE(change.drop_segments);
  EXPECT_THAT(change.drop_results_of, IsEmpty());
  EXPECT_EQ(change.audit.at(0).type, "job.fill_requested");
  EXPECT_EQ(change.audit.at(0).detail, "2 gaps, 7.4 s");
}

TEST_F(FillGaps, TextThatWasGainedIsPutInAtOnceAndWhatFollowsIsMadeAnew) {
  begin();
  decide::StageOutcome outcome{.warnings = {transcript::gaps_warning(1)}};
  outcome.publish.push_back({.name = "transcript", .json = "{}"});
  outcome.filled = {.whole = {.segments = {{.text = "new"}}, .gaps = {{9'000, 12'400, "x"}}},
                    .segments_gained = 1,
                    .filled = 1};
  const auto change = apply(decide::succeed(job, std::move(outcome), kNow));

  EXPECT_EQ(job.stages[job.stage].name, "form");
  EXPECT_EQ(job.stages[3].state, StageState::pending);
  EXPECT_TRUE(change.drop_segments);
  EXPECT_EQ(change.segments.size(), 1U);
  EXPECT_EQ(change.gaps.size(), 1U);
  EXPECT_THAT(change.drop_results_of, ElementsAre("stt", "form"));
  EXPECT_THAT(types(change), ElementsAre("job.gaps_filled", "stage.completed"));
  EXPECT_EQ(change.audit[0].detail, "1 of 2, 1 segments gained");
  EXPECT_THAT(job.stages[2].warnings, ElementsAre("a smaller model was used", transcript::gaps_warning(1)));
  EXPECT_THAT(job.stages[2].fill, IsEmpty());
}

TEST_F(FillGaps, WithoutTextTheItemIsCompletedAsItWas) {
  begin();
  decide::StageOutcome outcome;
  outcome.filled = {.whole = {.gaps = {{1'000, 5'000, "x (tried again)"}}}};
  const auto change = apply(decide::succeed(job, std::move(outcome), kNow));

  expect_as_it_was();
  EXPECT_THAT(change.drop_results_of, ElementsAre("stt")) << "its result is published again, the others stay";
  EXPECT_EQ(change.gaps.size(), 1U);
  EXPECT_THAT(types(change), ElementsAre("job.gaps_filled", "stage.completed", "job.completed"));
}

TEST_F(FillGaps, AWorkerThatDiesAndAServerThatEndsAreGoneOnFrom) {
  begin();
  apply(decide::interrupt(job, policy, kNow));
  EXPECT_EQ(job.stages[2].fill, kGaps);
  claim();
  fail(ErrorClass::transient, true);
  EXPECT_EQ(job.status, JobStatus::pending);
  EXPECT_EQ(job.stages[2].fill, kGaps);
}

TEST_F(FillGaps, WhatFailsForGoodLeavesTheItemCompletedAsItWas) {
  begin();
  fail(ErrorClass::permanent);

  expect_as_it_was();
  EXPECT_FALSE(job.messages.empty());
}

TEST_F(FillGaps, FG_14_WhatASmallerModelMadeStaysMarkedWhateverBecomesOfTheGaps) {
  job.stages[2].fallback = Fallback{.strategy = std::string{kSmallerModel}, .cause = "HF-ENG-04"};
  begin();
  EXPECT_TRUE(job.stages[2].with_less) << "whoever ends the attempt marks it by that";
  fail(ErrorClass::permanent);
  expect_as_it_was();
  ASSERT_TRUE(job.stages[2].fallback);
  EXPECT_EQ(job.stages[2].fallback->strategy, kSmallerModel);
}

TEST_F(FillGaps, SoDoesASoundThatCannotBeMadeAgain) {
  ask();
  claim();
  fail(ErrorClass::permanent);
  expect_as_it_was();
}

TEST_F(FillGaps, SoDoesTooMuchPatience) {
  begin();
  apply(decide::interrupt(job, policy, kNow));
  claim();
  apply(decide::interrupt(job, policy, kNow));
  expect_as_it_was();
}

TEST_F(FillGaps, SoDoesWhoeverStopsIt) {
  ask();
  apply(decide::request_cancel(job, kNow));
  expect_as_it_was();

  begin();
  apply(decide::request_cancel(job, kNow));
  apply(decide::cancel(job, kNow));
  expect_as_it_was();
  EXPECT_FALSE(job.cancel_requested);
}

TEST_F(FillGaps, ARetryMeanwhileOnlyHurriesUnlessAStageIsNamed) {
  ask();
  const auto change = apply(decide::retry(job, "", kNow));
  EXPECT_EQ(job.stages[2].fill, kGaps);
  EXPECT_FALSE(change.drop_segments);

  const auto anew = apply(decide::retry(job, "convert", kNow));
  EXPECT_THAT(job.stages[2].fill, IsEmpty());
  EXPECT_TRUE(anew.drop_segments);
  EXPECT_EQ(job.stages[2].position_ms, 0);
}

TEST_F(FillGaps, OnlyOfACompletedItemWithGapsThatKeepsAll) {
  EXPECT_EQ(decide::fill_gaps(job, {}, kNow).error().code(), "HF-GAP-01");
  ask();
  EXPECT_EQ(decide::fill_gaps(job, kGaps, kNow).error().code(), "HF-ITM-03");
  apply(decide::request_cancel(job, kNow));
  for (const bool file : {true, false}) {
    const auto expired = decide::expire(job, {.file = file, .results = !file, .rule = "24 h"}, kNow);
    EXPECT_EQ(decide::fill_gaps(expired->after, kGaps, kNow).error().code(), "HF-ITM-10");
  }
  Job text = job;
  text.stages.erase(text.stages.begin() + 2);
  EXPECT_EQ(decide::fill_gaps(text, kGaps, kNow).error().code(), "HF-GAP-01");
}

TEST_F(FillGaps, AWaitingItemIsCompletedWithoutWorkOnlyWhereItWasBefore) {
  ask();
  const Job stopped = decide::request_cancel(job, kNow)->after;
  EXPECT_TRUE(is_legal(job, stopped));
  job.stages[2].fill.clear();
  EXPECT_FALSE(is_legal(job, stopped));
}

TEST_F(FillGaps, NoJobThatIsOverAndNoCompletedStageFillsAnything) {
  Job bad = job;
  bad.stages[2].fill = kGaps;
  EXPECT_FALSE(is_sound(bad));
  ask();
  job.stages[2].state = StageState::completed;
  EXPECT_FALSE(is_sound(job));
}

}  // namespace
}  // namespace holdfast
