#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/job/decide.hpp"
#include "core/job/legal.hpp"

namespace holdfast {
namespace {

using ::testing::ElementsAre;

constexpr WallTime kNow{milliseconds{1'767'225'600'000}};

std::vector<StageRecord> plan(const std::vector<std::string>& names) {
  std::vector<StageRecord> stages;
  for (const std::string& name : names) {
    const std::string kind = name == "stt" ? "transcribe" : name == "form" || name == "rating" ? "generate" : name;
    stages.push_back({.name = name, .kind = kind, .title = name, .bulkhead = "engine"});
  }
  return stages;
}

/// Completed in the mode that has these stages behind the conversion.
Job completed(std::vector<std::string> own) {
  own.insert(own.begin(), {"upload", "convert"});
  Job job{.id = ItemId{"itm_1"}, .job_key = "key", .owner = "ana", .recipe = "introductions"};
  job.status = JobStatus::completed;
  job.input.blob = BlobId{"a1"};
  job.stages = plan(own);
  for (StageRecord& stage : job.stages) {
    stage.state = StageState::completed;
    stage.attempts = 1;
    stage.finished_at = kNow;
  }
  job.stage = job.stages.size();
  job.requested_mode = job.mode = "less";
  job.over_at = kNow;
  job.version = 7;
  return job;
}

const decide::Fuller kFull{.mode = "full", .plan = plan({"upload", "convert", "stt", "form", "rating"}), .anew = {}};

Job begun(const Job& job, const decide::Fuller& wanted, Transition* told = nullptr) {
  const auto change = decide::redo_in(job, wanted, kNow);
  EXPECT_TRUE(change) << (change ? "" : change.error().what());
  if (!change) return job;
  EXPECT_TRUE(is_legal(job, change->after));
  if (told != nullptr) *told = *change;
  return change->after;
}

/// Works through what is left; returns the names of the stages that were worked on.
std::vector<std::string> worked(Job job) {
  std::vector<std::string> names;
  while (job.status == JobStatus::pending && names.size() < 9) {
    job = decide::claim(job, NodeId{"node"}, milliseconds{30'000}, kNow)->after;
    names.push_back(current_stage(job)->name);
    job = decide::succeed(job, {}, kNow)->after;
  }
  EXPECT_EQ(job.status, JobStatus::completed);
  return names;
}

TEST(Fuller, FG_2_TheRestIsDoneAndWhatIsFinishedIsNotDoneAgain) {
  Transition told;
  const Job job = begun(completed({"stt"}), kFull, &told);

  EXPECT_THAT(worked(job), ElementsAre("form", "rating"));
  EXPECT_EQ(job.requested_mode + ' ' + job.mode, "full full");
  EXPECT_FALSE(told.drop_segments);
  EXPECT_TRUE(told.drop_results_of.empty());
  EXPECT_EQ(told.audit.back().type + ' ' + told.audit.back().detail, "job.redo full");
}

TEST(Fuller, FG_2_WhatIsMissingInTheMiddleIsDoneAndWhatFollowsItStays) {
  EXPECT_THAT(worked(begun(completed({"stt", "rating"}), kFull)), ElementsAre("form"));
}

TEST(Fuller, FG_2_WhatWasDoneInALesserWayIsDoneAgainWithAllThatFollows) {
  Job job = completed({"stt", "form"});
  job.stages[3].fallback = Fallback{.strategy = "rules"};
  Transition told;
  EXPECT_THAT(worked(begun(job, kFull, &told)), ElementsAre("form", "rating"));
  EXPECT_THAT(told.drop_results_of, ElementsAre("form", "rating"));
  EXPECT_FALSE(told.drop_segments);
}

TEST(Fuller, FG_2_WhoTranscribesAgainConvertsAgain) {
  decide::Fuller wanted = kFull;
  wanted.anew = {"stt"};
  Transition told;
  const Job job = begun(completed({"stt", "form"}), wanted, &told);
  EXPECT_THAT(worked(job), ElementsAre("convert", "stt", "form", "rating"));
  EXPECT_TRUE(told.drop_segments);
  EXPECT_THAT(worked(begun(completed({}), kFull)), ElementsAre("convert", "stt", "form", "rating"));
}

TEST(Fuller, FG_2_NothingToDoIsSaidAndNothingIsChanged) {
  EXPECT_EQ(decide::redo_in(completed({"stt", "form", "rating"}), kFull, kNow).error().code(), "HF-ITM-11");
  Job other = completed({"stt"});
  other.stages[2].name = "heard";
  EXPECT_EQ(decide::redo_in(other, kFull, kNow).error().code(), "HF-ITM-11") << "its recipe has changed";
  Job waiting = completed({"stt"});
  waiting.status = JobStatus::pending;
  EXPECT_EQ(decide::redo_in(waiting, kFull, kNow).error().code(), "HF-ITM-03");
}

TEST(Fuller, FG_2_WhatItNeedsMustBeKept) {
  Job job = completed({"stt"});
  job.file_expired_at = kNow;
  EXPECT_THAT(worked(begun(job, kFull)), ElementsAre("form", "rating")) << "they read the transcript";
  decide::Fuller anew = kFull;
  anew.anew = {"stt"};
  EXPECT_EQ(decide::redo_in(job, anew, kNow).error().code(), "HF-ITM-10");
  job.results_expired_at = kNow;
  EXPECT_EQ(decide::redo_in(job, kFull, kNow).error().code(), "HF-ITM-10");
}

TEST(Fuller, FG_14_ASmallerModelsTranscriptIsDoneAgainFromTheRecording) {
  Job job = completed({"stt", "form"});
  job.stages[2].fallback = Fallback{.strategy = std::string{kSmallerModel}, .redo = true};
  job.stages[2].with_less = true;
  job.held_for = kHeldForRedo;
  const auto change = decide::redo(job, kNow);
  ASSERT_TRUE(change) << change.error().what();
  EXPECT_TRUE(is_legal(job, change->after));
  EXPECT_EQ(current_stage(change->after)->name, "convert") << "the sound went when it was completed";
  EXPECT_FALSE(change->after.stages[2].with_less);
  EXPECT_EQ(change->after.stages[2].redos, 1U);
}

}  // namespace
}  // namespace holdfast
