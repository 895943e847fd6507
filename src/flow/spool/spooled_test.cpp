#include "flow/spool/spooled.hpp"

#include <gtest/gtest.h>

namespace holdfast::spool {
namespace {

std::string all_bytes() {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  return all;
}

/// Every field has a value that it does not have by itself.
Transition full() {
  const WallTime at{milliseconds{1'767'225'600'123}};
  Transition change;
  Job& job = change.after;
  job = {.id = ItemId{"itm_1"}, .job_key = "key", .fingerprint = "asked\nfor", .owner = "ana", .recipe = "voicesync"};
  job.status = JobStatus::completed;
  job.priority = 7;
  job.ready_at = at;
  job.held_for = "HF-RDO-01";
  job.fence = 0xffff'ffff'ffff'fffeULL;
  job.lease = Lease{.node = NodeId{"node"}, .fence = 3, .until = at};
  job.version = 9;
  job.cancel_requested = true;
  job.retry_count = 2;
  job.input = {"na\"me.wav", 1ULL << 40U, "sha", "audio/wav", BlobId{"blob"}, all_bytes()};
  StageRecord stage{.name = "stt", .kind = "transcribe", .title = "Transcribing", .bulkhead = "engine"};
  stage.state = StageState::completed;
  stage.attempts = stage.interruptions = stage.crashes = stage.redos = 4;
  stage.with_less = true;
  stage.position_ms = -5;
  stage.crash_position_ms = 17;
  stage.started_at = stage.finished_at = at;
  stage.warnings = {"one", ""};
  stage.output = R"({"a":1})";
  stage.fallback = Fallback{"rules", "HF-LLM-01", "low", 0.1 + 0.2, "other", at, true};
  stage.fill = {{10, 20}, {30, 45}};
  job.stages = {stage, StageRecord{}};
  job.stage = 1;
  job.error = Failure{ErrorClass::resource, "HF-ENG-04", "memory"};
  job.messages = {"said"};
  job.requested_mode = "full";
  job.mode = "less";
  job.created_at = job.updated_at = at;
  job.duration_ms = 77;
  job.discarded = "why";
  job.over_at = job.file_expired_at = job.results_expired_at = at;
  change.audit = {{"stage.completed", "stt", 4, 5, "detail"}};
  Extraction memory{ExtractionKind::action, "do it", {1, 2}, 0.75, "ben", "monday"};
  change.publish = {{"stt", "transcript", "{}", {memory}}};
  change.drop_segments = true;
  change.drop_results_of = {"mistral"};
  change.segments = {{1, 2, "hello", 0.5, {{1, 2, "hello", 0.25}}}};
  change.gaps = {{3, 4, "a loop"}};
  change.session_at = at;
  return change;
}

TEST(Spooled, FG_11_EveryFieldOfAnUploadIsReadAsItWasWritten) {
  const std::string written = write_spooled(Upload{full()});
  const auto read = read_spooled(written);
  ASSERT_TRUE(read) << read.error().what();
  EXPECT_EQ(write_spooled(*read), written);
  const Job& job = std::get<Upload>(*read).created.after;
  EXPECT_EQ(job.input.payload, all_bytes());
  EXPECT_EQ(job.fence, 0xffff'ffff'ffff'fffeULL);
  EXPECT_EQ(job.stages[0].fallback, full().after.stages[0].fallback);
  EXPECT_EQ(std::get<Upload>(*read).created.publish[0].extractions, full().publish[0].extractions);
  EXPECT_EQ(job.lease->until, full().after.lease->until);
}

TEST(Spooled, FG_11_ASettlementKeepsItsFenceAndVersion) {
  const auto read = read_spooled(write_spooled(Settlement{.fence = 12, .version = 34, .change = full()}));
  ASSERT_TRUE(read) << read.error().what();
  EXPECT_EQ(std::get<Settlement>(*read).fence, 12U);
  EXPECT_EQ(std::get<Settlement>(*read).version, 34U);
  EXPECT_EQ(std::get<Settlement>(*read).change.after.stages.size(), 2U);
}

TEST(Spooled, WhatAnEarlierProgramDidNotWriteYetIsAsInANewJob) {
  const auto read = read_spooled(R"({"kind":"upload","change":{"after":{"id":"itm_1"},"later_field":5}})");
  ASSERT_TRUE(read) << read.error().what();
  EXPECT_EQ(std::get<Upload>(*read).created.after.priority, 5);
}

TEST(Spooled, WhatIsNoRecordIsDamage) {
  for (const char* text : {"", "{}", "[]", R"({"kind":"upload"})", R"({"kind":"other","change":{"after":{"id":"i"}}})",
                           R"({"kind":"upload","change":{"after":{"id":7}}})", R"({"kind":"upload","change":{}})",
                           R"({"kind":"settlement","change":{"after":{"id":"i"}}})",
                           R"({"kind":"upload","change":{"after":{"id":"i","stages":[5]}}})"}) {
    const auto read = read_spooled(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code(), "HF-SPL-02");
  }
}

}  // namespace
}  // namespace holdfast::spool
