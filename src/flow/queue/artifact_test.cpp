#include "flow/queue/artifact.hpp"

#include <gtest/gtest.h>

#include "core/job/decide.hpp"

namespace holdfast::queue {
namespace {

constexpr WallTime kNow{milliseconds{1'000'000}};

/// Failed in its transcription, or in the form after it, with the converted sound recorded.
Job failed_in(std::size_t stage, const std::string& code) {
  Job job{.id = ItemId{"itm_1"}, .status = JobStatus::failed};
  job.stages = {{.name = "upload", .kind = "upload"},
                {.name = "sound", .kind = "convert", .output = R"({"audio":"a1","bytes":7,"sha256":"5a"})"},
                {.name = "stt", .kind = "transcribe"},
                {.name = "form", .kind = "generate"}};
  for (std::size_t i = 0; i < stage; ++i) job.stages[i].state = StageState::completed;
  job.stages[stage].state = StageState::failed;
  job.stage = stage;
  job.error = Failure{ErrorClass::permanent, code, "as the test wants it"};
  return job;
}

/// The stage at which a retry of the job begins.
std::string start_of_retry(const Job& job, const std::string& from_stage = {}) {
  const auto change = decide::retry(job, retry_from(job, from_stage), kNow);
  return change ? current_stage(change->after)->name : change.error().code();
}

TEST(Artifact, LAB_4_ARetryGoesOnWhereItStoppedWhileTheSoundIsThere) {
  EXPECT_EQ(start_of_retry(failed_in(2, "HF-ENG-05")), "stt");
  EXPECT_EQ(start_of_retry(failed_in(3, "HF-LLM-03")), "form");
}

TEST(Artifact, LAB_4_ARetryBeginsAtConvertAgainWhenTheConvertedSoundWasLost) {
  const Job lost = failed_in(2, "HF-STO-03");

  EXPECT_EQ(start_of_retry(lost), "sound");
  EXPECT_EQ(start_of_retry(lost, "stt"), "sound");
  EXPECT_EQ(decide::retry(lost, retry_from(lost, {}), kNow)->after.stages[1].output, "") << "it is made anew";
}

TEST(Artifact, ACompletedItemHasNoSoundAnyMore) {
  Job done = failed_in(3, "HF-LLM-03");
  done.status = JobStatus::completed;
  done.stages[3].state = StageState::completed;
  done.stage = done.stages.size();

  EXPECT_EQ(start_of_retry(done, "stt"), "sound");
  EXPECT_EQ(start_of_retry(done, "form"), "form");
}

TEST(Artifact, TheConvertedSoundIsKnownWithWhatWasRecordedOfIt) {
  const auto sound = converted_audio(failed_in(2, "HF-ENG-05"));

  ASSERT_TRUE(sound.has_value());
  EXPECT_EQ(sound->id.text() + ' ' + std::to_string(sound->bytes) + ' ' + sound->sha256, "a1 7 5a");
  EXPECT_FALSE(converted_audio(failed_in(1, "HF-MED-01")).has_value());
}

}  // namespace
}  // namespace holdfast::queue
