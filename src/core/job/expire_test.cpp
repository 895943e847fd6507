#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/invariant/invariant.hpp"
#include "core/job/decide.hpp"
#include "core/job/legal.hpp"

namespace holdfast {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::Not;

constexpr WallTime kNow{milliseconds{1'770'000'000'000}};
const decide::Expiry kAll{.file = true, .results = true, .rule = "24 h after the end of the work"};

Job waiting(bool is_text = false) {
  Job job{.id = ItemId{"itm_1"}, .owner = "ada", .recipe = "introductions", .version = 1, .created_at = kNow};
  job.stages = {{.name = "upload", .kind = "upload", .state = StageState::completed}};
  if (!is_text) {
    job.stages.push_back({.name = "convert", .kind = "convert", .bulkhead = "media"});
    job.stages.push_back({.name = "stt", .kind = "transcribe", .bulkhead = "engine"});
    job.input.blob = BlobId{"b"};
  } else {
    job.input.payload = "what was written";
  }
  job.stages.push_back({.name = "mistral", .kind = "generate", .bulkhead = "engine"});
  job.stage = 1;
  return job;
}

Job run_to(Job job, std::size_t stage) {
  while (job.stage < stage) {
    job = decide::claim(job, NodeId{"n"}, 30s, kNow)->after;
    job = decide::succeed(job, {.output = "{}"}, kNow)->after;
  }
  return job;
}
Job completed(bool is_text = false) {
  const Job job = waiting(is_text);
  return run_to(job, job.stages.size());
}
Job failed_at(Job job) {
  const Job working = decide::claim(job, NodeId{"n"}, 30s, kNow)->after;
  return decide::fail(working, {ErrorClass::permanent, "HF-ENG-05", ""}, false, {}, 0, kNow)->after;
}
std::string refusal(const Result<Transition>& change) { return change ? "none" : change.error().code(); }

TEST(Expire, VS_9_TheRecordSaysWhatIsGoneWhenAndWhy) {
  const Job before = completed();
  const auto change = decide::expire(before, kAll, kNow + 24h);

  ASSERT_TRUE(change.has_value());
  const Job& after = change->after;
  EXPECT_TRUE(is_legal(before, after));
  EXPECT_EQ(after.status, JobStatus::completed);
  EXPECT_EQ(after.file_expired_at, kNow + 24h);
  EXPECT_EQ(after.results_expired_at, kNow + 24h);
  EXPECT_EQ(after.over_at, kNow) << "later ages count from the end of the work all the same";
  EXPECT_EQ(after.input.blob, before.input.blob) << "so that the file can be found and removed";
  EXPECT_EQ(change->audit[0].type + ", " + change->audit[0].detail, "job.file_expired, " + kAll.rule);
  EXPECT_EQ(change->audit[1].type, "job.results_expired");
  EXPECT_TRUE(change->drop_segments);
  EXPECT_EQ(change->drop_results_of.size(), before.stages.size());
  EXPECT_EQ(after.messages.front(), "The file was deleted, 24 h after the end of the work.");
}

TEST(Expire, VS_9_NothingOfWhatIsNotOverExpires) {
  const Job pending = waiting();
  const Job working = decide::claim(pending, NodeId{"n"}, 30s, kNow)->after;
  const Job held = decide::fail(working, {ErrorClass::dependency, "HF-FFM-01", ""}, false, {}, 0, kNow)->after;
  for (const Job& job : {pending, working, held}) {
    EXPECT_EQ(refusal(decide::expire(job, kAll, kNow + 24h * 1000)), "HF-ITM-03");
    Job forced = job;
    forced.version += 1;
    forced.file_expired_at = kNow;
    EXPECT_FALSE(is_legal(job, forced));
  }
}

TEST(Expire, WhatIsGoneDoesNotExpireTwiceAndDoesNotComeBack) {
  const Job gone = decide::expire(completed(), {.file = true, .rule = "r"}, kNow)->after;
  EXPECT_EQ(refusal(decide::expire(gone, {.file = true, .rule = "r"}, kNow)), "HF-ITM-03");
  const auto rest = decide::expire(gone, kAll, kNow + 1h);
  EXPECT_EQ(rest->after.file_expired_at, kNow);
  EXPECT_EQ(rest->audit.size(), 1U);

  Job back = gone;
  back.version += 1;
  back.file_expired_at.reset();
  EXPECT_FALSE(is_legal(gone, back));
}

TEST(Expire, VS_9_ARetryThatNeedsTheFileIsRefusedAndOneThatDoesNotGoesOn) {
  const Job gone = decide::expire(completed(), {.file = true, .rule = "r"}, kNow)->after;

  EXPECT_EQ(refusal(decide::retry(gone, "", kNow)), "HF-ITM-10");
  EXPECT_EQ(refusal(decide::retry(gone, "convert", kNow)), "HF-ITM-10");
  EXPECT_EQ(refusal(decide::retry(gone, "stt", kNow)), "HF-ITM-10");
  const auto again = decide::retry(gone, "mistral", kNow);
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(is_legal(gone, again->after));
  EXPECT_FALSE(again->after.over_at.has_value());
  EXPECT_TRUE(is_sound(run_to(again->after, 4)));
  EXPECT_EQ(refusal(decide::retry(gone, "no such stage", kNow)), "HF-ITM-04");
}

TEST(Expire, ATextIsWhatWasHandedInAndIsNeededByEveryStage) {
  const Job gone = decide::expire(completed(true), {.file = true, .rule = "r"}, kNow)->after;
  EXPECT_EQ(gone.input.payload, "");
  EXPECT_EQ(refusal(decide::retry(gone, "mistral", kNow)), "HF-ITM-10");
}

TEST(Expire, ARetryMakesAnewWhatExpiredAsLongAsTheFileIsThere) {
  const Job gone = decide::expire(completed(), {.results = true, .rule = "r"}, kNow)->after;

  EXPECT_EQ(refusal(decide::retry(gone, "mistral", kNow)), "HF-ITM-10") << "the transcript is gone";
  const auto again = decide::retry(gone, "stt", kNow);
  ASSERT_TRUE(again.has_value());
  EXPECT_FALSE(again->after.results_expired_at.has_value());
  EXPECT_TRUE(is_legal(gone, again->after));
}

TEST(Expire, VS_9_ADeadLetterWhoseFileIsGoneIsRefusedAsAConflictSoThatOthersGoOn) {
  const Job dead = failed_at(run_to(waiting(), 2));
  const Job gone = decide::expire(dead, kAll, kNow)->after;

  const auto again = decide::retry(gone, "", kNow);
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().error_class(), ErrorClass::conflict);
  EXPECT_TRUE(decide::discard(gone, "root", "no use", kNow).has_value());
}

TEST(Expire, WhatFailsAgainWithoutItsFileIsSound) {
  const Job gone = decide::expire(completed(), {.file = true, .rule = "r"}, kNow)->after;
  const Job dead = failed_at(decide::retry(gone, "mistral", kNow)->after);
  EXPECT_TRUE(is_sound(dead));
  EXPECT_TRUE(decide::retry(dead, "", kNow).has_value());
}

TEST(Expire, FR_10_OnlyARecordOfWhichNothingIsKeptIsRemoved) {
  const Job job = completed();
  const Job half = decide::expire(job, {.file = true, .rule = "r"}, kNow)->after;
  const Job empty = decide::expire(job, kAll, kNow)->after;

  EXPECT_EQ(refusal(decide::remove(job, "r", kNow)) + refusal(decide::remove(half, "r", kNow)), "HF-ITM-03HF-ITM-03");
  EXPECT_EQ(decide::remove(empty, "365 d after the end of the work", kNow)->audit[0].type, "job.removed");
}

/// What the invariants say of an expired job with this trail.
std::vector<std::string> complaints(const Job& job, std::vector<std::string> types) {
  std::vector<StoredEvent> trail;
  for (const std::string& type : types)
    trail.push_back({.seq = trail.size() + 1, .item = job.id, .entry = {.type = type}, .status = job.status});
  return invariant::broken({job, trail, {}, {}, {}});
}

TEST(Expire, TheInvariantsKnowWhatIsNoLongerKept) {
  Job job = decide::discard(failed_at(waiting()), "root", "no use", kNow)->after;
  job.discarded.clear();
  job.status = JobStatus::cancelled;
  job.error.reset();
  job.fence = 0;
  job.stages[1].state = StageState::failed;
  EXPECT_THAT(complaints(job, {"job.created", "job.cancelled"}), IsEmpty());
  EXPECT_THAT(complaints(job, {"job.created", "job.cancelled", "job.file_expired"}), Not(IsEmpty()));
  job.file_expired_at = job.results_expired_at = kNow;
  EXPECT_THAT(complaints(job, {"job.created", "job.cancelled", "job.file_expired", "job.results_expired"}), IsEmpty());
  EXPECT_THAT(complaints(job, {"job.created", "job.cancelled", "job.file_expired"}), Not(IsEmpty()));
  EXPECT_THAT(complaints(job, {"job.created", "job.cancelled", "job.results_expired"}), Not(IsEmpty()));
}

}  // namespace
}  // namespace holdfast
