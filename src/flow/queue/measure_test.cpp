#include "flow/queue/measure.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast::queue {
namespace {

using testing::ElementsAre;

Job job_in(JobStatus status, StageState state) {
  Job job{.recipe = "voicesync", .status = status, .stage = 1};
  job.stages = {{.name = "upload", .kind = "upload"}, {.name = "stt", .kind = "transcribe", .state = state}};
  job.updated_at = job.created_at + milliseconds{9'000};
  return job;
}

Job claimed() { return job_in(JobStatus::processing, StageState::processing); }

class Words final : public Meter {
 public:
  void upload_taken(std::string_view, std::uint64_t) override {}
  void upload_refused(std::string_view) override {}
  void attempt_ended(std::string_view kind, std::string_view outcome, milliseconds took) override {
    said.push_back(std::string{kind} + " " + std::string{outcome} + " " + std::to_string(took.count()));
  }
  void item_ended(std::string_view recipe, JobStatus status, milliseconds took) override {
    said.push_back(std::string{recipe} + " " + std::string{to_word(status)} + " " + std::to_string(took.count()));
  }
  void downshifted(std::string_view recipe, std::string_view from, std::string_view to) override {
    said.push_back(std::string{recipe} + " " + std::string{from} + " to " + std::string{to});
  }
  void sound_transcribed(milliseconds length) override { said.push_back(std::to_string(length.count())); }
  void retention_took(std::string_view, std::size_t) override {}
  void request_answered(std::string_view, std::string_view, unsigned, milliseconds) override {}
  std::vector<std::string> said;
};

TEST(OutcomeOf, EachWayInWhichAnAttemptEndsHasItsWord) {
  const Job before = claimed();
  Job retried = job_in(JobStatus::pending, StageState::pending);
  retried.retry_count = 1;
  Job held = job_in(JobStatus::pending, StageState::pending);
  held.held_for = "HF-FFM-01";

  EXPECT_EQ(outcome_of(before, job_in(JobStatus::completed, StageState::completed)), "completed");
  EXPECT_EQ(outcome_of(before, job_in(JobStatus::failed, StageState::failed)), "dead");
  EXPECT_EQ(outcome_of(before, job_in(JobStatus::cancelled, StageState::failed)), "cancelled");
  EXPECT_EQ(outcome_of(before, retried), "retried");
  EXPECT_EQ(outcome_of(before, held), "held");
  EXPECT_EQ(outcome_of(before, job_in(JobStatus::pending, StageState::pending)), "interrupted");
}

TEST(OutcomeOf, AStageThatWasFinishedBeforeACancellationIsCompleted) {
  EXPECT_EQ(outcome_of(claimed(), job_in(JobStatus::cancelled, StageState::completed)), "completed");
}

TEST(Measure, FR_8_AnItemThatIsOverIsCountedWithItsSound) {
  Words words;
  Job after = job_in(JobStatus::completed, StageState::completed);
  after.duration_ms = 61'000;

  measure(&words, claimed(), after, milliseconds{2'500});

  EXPECT_THAT(words.said, ElementsAre("transcribe completed 2500", "61000", "voicesync completed 9000"));
}

TEST(Measure, FG_2_ADownshiftIsCounted) {
  Words words;
  Job before = claimed();
  before.mode = "creative";
  Job after = job_in(JobStatus::pending, StageState::completed);
  after.mode = "fast";

  measure(&words, before, after, milliseconds{1});

  EXPECT_THAT(words.said, ElementsAre("transcribe completed 1", "voicesync creative to fast"));
}

TEST(Measure, WithoutAMeterNothingHappens) { measure(nullptr, claimed(), claimed(), milliseconds{1}); }

}  // namespace
}  // namespace holdfast::queue
