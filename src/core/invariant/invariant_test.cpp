#include "core/invariant/invariant.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast::invariant {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// What is wrong with these gaps of a recording that is transcribed up to a minute.
std::vector<std::string> complaints_about(const std::vector<Gap>& gaps) {
  Job job{.id = ItemId{"itm_1"}};
  job.stages = {{.name = "upload", .kind = "upload", .state = StageState::completed},
                {.name = "stt", .kind = "transcribe", .position_ms = 60'000}};
  job.stage = 1;
  const std::vector<StoredEvent> trail{{.seq = 1, .item = job.id, .entry = {.type = "job.created"}}};
  return broken({job, trail, {}, gaps, {}});
}

TEST(Invariant, GapsAreInOrderAndWithinWhatIsTranscribed) {
  EXPECT_THAT(complaints_about({}), IsEmpty());
  EXPECT_THAT(complaints_about({{0, 5'000, "a"}, {5'000, 60'000, "b"}}), IsEmpty());
}

TEST(Invariant, GapsThatCannotBeAreSaid) {
  const std::string disorder = "gaps of the transcript are out of order or overlap";

  EXPECT_THAT(complaints_about({{5'000, 4'000, "a"}}), ElementsAre(disorder));
  EXPECT_THAT(complaints_about({{-1, 4'000, "a"}}), ElementsAre(disorder));
  EXPECT_THAT(complaints_about({{0, 5'000, "a"}, {4'999, 6'000, "b"}}), ElementsAre(disorder));
  EXPECT_THAT(complaints_about({{59'000, 60'001, "a"}}),
              ElementsAre("a gap of the transcript reaches beyond its checkpoint"));
}

TEST(Invariant, FR_9_AnExtractionIsPartOfAPublishedResultAndNamesSegmentsThatAreThere) {
  Job job{.id = ItemId{"itm_1"}};
  job.stages = {{.name = "upload", .kind = "upload", .state = StageState::completed},
                {.name = "memories", .kind = "generate", .state = StageState::completed},
                {.name = "more", .kind = "generate"}};
  job.stage = 2;
  const std::vector<StoredEvent> trail{
      {.seq = 1, .item = job.id, .entry = {.type = "job.created"}},
      {.seq = 2, .item = job.id, .entry = {.type = "stage.completed", .stage = "memories"}}};
  const std::vector<Segment> segments{{.end_ms = 1, .text = "a"}, {.start_ms = 1, .end_ms = 2, .text = "b"}};
  const std::vector<ResultName> results{{"memories", "memories"}};
  const auto complaints = [&](StoredExtraction stored) {
    const std::vector<StoredExtraction> all{std::move(stored)};
    return broken({job, trail, segments, {}, results, all});
  };
  const Extraction sound{.text = "a", .segments = {0, 1}, .confidence = 1};
  EXPECT_THAT(complaints({1, "memories", sound}), IsEmpty());

  EXPECT_THAT(complaints({1, "more", sound}),
              ElementsAre("there is an extraction of stage more, which published nothing"));
  Extraction elsewhere = sound;
  elsewhere.segments = {2};
  Extraction disordered = sound;
  disordered.segments = {1, 0};
  for (const Extraction& bad : {elsewhere, disordered}) {
    EXPECT_THAT(complaints({1, "memories", bad}),
                ElementsAre("an extraction of stage memories names segments that are not there"));
  }
  Extraction certain = sound;
  certain.confidence = 1.5;
  EXPECT_EQ(complaints({1, "memories", certain}).size(), 1U);
}

TEST(Invariant, FG_2_ResultsThatWereTakenAreMadeAnewByARedoAsByARetry) {
  Job job{.id = ItemId{"itm_1"}};
  job.stages = {{.name = "upload", .kind = "upload", .state = StageState::completed},
                {.name = "stt", .kind = "transcribe"}};
  job.stage = 1;
  std::vector<StoredEvent> trail{{.seq = 1, .item = job.id, .entry = {.type = "job.created"}},
                                 {.seq = 2, .item = job.id, .entry = {.type = "job.results_expired"}}};
  EXPECT_EQ(broken({job, trail, {}, {}, {}}).size(), 1U) << "nothing says why they are kept again";
  for (const char* again : {"job.retry_requested", "job.redo"}) {
    trail.resize(2);
    trail.push_back({.seq = 3, .item = job.id, .entry = {.type = again}});
    EXPECT_THAT(broken({job, trail, {}, {}, {}}), IsEmpty()) << again;
  }
}

TEST(Invariant, AnAnswerThatWasHadIsSaidAfterTheEnd) {
  Job job{.id = ItemId{"itm_1"}, .status = JobStatus::cancelled, .over_at = WallTime{}};
  job.stages = {{.name = "upload", .kind = "upload", .state = StageState::completed},
                {.name = "chat", .kind = "complete"}};
  job.stage = 1;
  const auto event = [&job](std::uint64_t seq, std::string type) {
    return StoredEvent{.seq = seq, .item = job.id, .entry = {.type = std::move(type)}, .status = job.status};
  };
  const std::vector<StoredEvent> sound{event(1, "job.created"), event(2, "job.cancelled"), event(3, "job.answered")};
  EXPECT_THAT(broken({job, sound, {}, {}, {}}), IsEmpty());
  const std::vector<StoredEvent> without{event(1, "job.created"), event(3, "job.answered")};
  EXPECT_THAT(broken({job, without, {}, {}, {}}),
              ElementsAre("the job is over, and its audit trail does not end in job.cancelled"));
}

TEST(Invariant, WhatWasDiscardedKeepsNothingAndItsTrailSaysSo) {
  Job job{.id = ItemId{"itm_1"}, .status = JobStatus::failed, .discarded = "sent twice", .over_at = WallTime{}};
  job.stages = {{.name = "upload", .kind = "upload", .state = StageState::completed},
                {.name = "stt", .kind = "transcribe", .state = StageState::failed}};
  job.stage = 1;
  job.error = Failure{};
  std::vector<StoredEvent> trail{{.seq = 1, .item = job.id, .entry = {.type = "job.created"}},
                                 {.seq = 2, .item = job.id, .entry = {.type = "job.discarded"}, .status = job.status}};
  EXPECT_THAT(broken({job, trail, {}, {}, {}}), IsEmpty());
  EXPECT_THAT(broken({job, trail, {Segment{.end_ms = 1, .text = "a"}}, {}, {}}),
              ElementsAre("the job was discarded, and something that was made of it is still there"));
  trail[1].entry.type = "job.dead";
  EXPECT_THAT(broken({job, trail, {}, {}, {}}),
              ElementsAre("the job is over, and its audit trail does not end in job.discarded"));
}

}  // namespace
}  // namespace holdfast::invariant
