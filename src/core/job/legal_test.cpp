#include "core/job/legal.hpp"

#include <gtest/gtest.h>

#include <array>
#include <utility>

#include "core/job/decide.hpp"

namespace holdfast {
namespace {

using enum JobStatus;

constexpr WallTime kNow{milliseconds{1'000'000}};

Job pending_job() {
  Job job{.id = ItemId{"itm_1"}, .job_key = "k", .owner = "ada", .recipe = "voicesync", .version = 1};
  job.stages = {{.name = "stt", .kind = "transcribe", .bulkhead = "engine"},
                {.name = "rating", .kind = "generate", .bulkhead = "engine"}};
  return job;
}

Job processing_job() { return decide::claim(pending_job(), NodeId{"n"}, milliseconds{1000}, kNow)->after; }

Job next_of(const Job& job) {
  Job after = job;
  after.version += 1;
  return after;
}

TEST(Legal, TheTableOfStatusesIsTheOneOfTheStateMachine) {
  constexpr std::array<std::array<bool, 5>, 5> kMay{{{true, true, true, false, true},
                                                     {true, true, true, true, true},
                                                     {true, false, false, false, false},
                                                     {true, false, true, true, false},
                                                     {true, false, false, false, false}}};
  for (const JobStatus before : {pending, processing, completed, failed, cancelled}) {
    for (const JobStatus after : {pending, processing, completed, failed, cancelled}) {
      EXPECT_EQ(may_follow(before, after), kMay[std::to_underlying(before)][std::to_underlying(after)])
          << to_word(before) << " -> " << to_word(after);
    }
  }
}

TEST(Legal, EveryDecisionIsLegal) {
  const Job fresh = pending_job();
  const Job working = processing_job();
  const RetryPolicy policy;
  const Failure transient{ErrorClass::transient, "HF-ENG-01", ""};
  const Failure dependency{ErrorClass::dependency, "HF-ENG-02", ""};
  const Failure permanent{ErrorClass::permanent, "HF-ENG-03", ""};
  const Job dead = decide::fail(working, permanent, false, policy, 1, kNow)->after;
  const Job held = decide::fail(working, dependency, false, policy, 1, kNow)->after;
  const Job asked = decide::request_cancel(working, kNow)->after;

  EXPECT_TRUE(is_legal(fresh, working));
  EXPECT_TRUE(is_legal(working, decide::succeed(working, {}, kNow)->after));
  EXPECT_TRUE(is_legal(working, decide::fail(working, transient, true, policy, 1, kNow)->after));
  EXPECT_TRUE(is_legal(working, dead));
  EXPECT_TRUE(is_legal(working, held));
  EXPECT_TRUE(is_legal(held, decide::release(held, held.held_for, kNow)->after));
  EXPECT_TRUE(is_legal(working, decide::interrupt(working, policy, kNow)->after));
  EXPECT_TRUE(is_legal(working, decide::give_back(working, kNow)->after));
  EXPECT_TRUE(is_legal(working, decide::checkpoint(working, {.position_ms = 5}, kNow)->after));
  EXPECT_TRUE(is_legal(working, asked));
  EXPECT_TRUE(is_legal(asked, decide::cancel(asked, kNow)->after));
  EXPECT_TRUE(is_legal(fresh, decide::request_cancel(fresh, kNow)->after));
  EXPECT_TRUE(is_legal(dead, decide::retry(dead, "rating", kNow)->after));
  EXPECT_TRUE(is_legal(dead, decide::discard(dead, "root", "no use", kNow)->after));
  const decide::ByHand made{.who = "root", .results = {{.stage = "stt", .name = "transcript", .json = "{}"}}};
  EXPECT_TRUE(is_legal(dead, decide::complete_by_hand(dead, made, kNow)->after));
}

TEST(Legal, WhatWasDiscardedNeverChangesAgain) {
  const Failure permanent{ErrorClass::permanent, "HF-ENG-03", ""};
  const Job dead = decide::fail(processing_job(), permanent, false, {}, 1, kNow)->after;
  const Job discarded = decide::discard(dead, "root", "no use", kNow)->after;
  Job again = next_of(discarded);
  Job taken_back = next_of(discarded);
  taken_back.discarded.clear();
  Job waiting = next_of(pending_job());
  waiting.discarded = "never failed";

  EXPECT_FALSE(is_legal(discarded, again));
  EXPECT_FALSE(is_legal(discarded, taken_back));
  EXPECT_FALSE(is_legal(pending_job(), waiting));
}

TEST(Legal, TheLastStageEndsTheJob) {
  Job working = processing_job();
  working.stage = 1;

  const Job after = decide::succeed(working, {}, kNow)->after;

  EXPECT_EQ(after.status, completed);
  EXPECT_TRUE(is_legal(working, after));
}

TEST(Legal, TheVersionGrowsByOne) {
  const Job before = pending_job();
  Job after = next_of(before);
  EXPECT_TRUE(is_legal(before, after));

  after.version = before.version;
  EXPECT_FALSE(is_legal(before, after));
  after.version = before.version + 2;
  EXPECT_FALSE(is_legal(before, after));
}

TEST(Legal, WhatWasAskedNeverChanges) {
  const Job before = pending_job();
  const auto refused = [&](auto change) {
    Job after = next_of(before);
    change(after);
    return !is_legal(before, after);
  };

  EXPECT_TRUE(refused([](Job& job) { job.id = ItemId{"itm_2"}; }));
  EXPECT_TRUE(refused([](Job& job) { job.owner = "eve"; }));
  EXPECT_TRUE(refused([](Job& job) { job.job_key = "other"; }));
  EXPECT_TRUE(refused([](Job& job) { job.fingerprint = "other"; }));
  EXPECT_TRUE(refused([](Job& job) { job.recipe = "other"; }));
  EXPECT_TRUE(refused([](Job& job) { job.created_at = kNow; }));
}

TEST(Legal, TheFenceGrowsWithANewLeaseAndNeverOtherwise) {
  const Job fresh = pending_job();
  Job working = processing_job();
  Job kept = next_of(working);
  EXPECT_TRUE(is_legal(working, kept));

  kept.fence = kept.lease->fence = working.fence + 1;
  EXPECT_FALSE(is_legal(working, kept));
  working.fence = working.lease->fence = fresh.fence;
  EXPECT_FALSE(is_legal(fresh, working));
  working.fence = working.lease->fence = fresh.fence + 2;
  EXPECT_FALSE(is_legal(fresh, working));
}

TEST(Legal, ALeaseIsHeldExactlyWhileProcessingAndByOneNode) {
  const Job working = processing_job();
  Job stolen = next_of(working);
  stolen.lease->node = NodeId{"thief"};
  Job without = next_of(working);
  without.lease.reset();
  Job leftover = next_of(working);
  leftover.status = pending;
  Job old_fence = next_of(working);
  old_fence.lease->fence -= 1;

  EXPECT_FALSE(is_legal(working, stolen));
  EXPECT_FALSE(is_legal(working, without));
  EXPECT_FALSE(is_legal(working, leftover));
  EXPECT_FALSE(is_legal(working, old_fence));
}

TEST(Legal, ACompletedJobHasNoStageLeftAndEveryOtherHasOne) {
  const Job working = processing_job();
  Job early = next_of(working);
  early.status = completed;
  early.lease.reset();
  Job endless = next_of(pending_job());
  endless.stage = endless.stages.size();

  EXPECT_FALSE(is_legal(working, early));
  EXPECT_FALSE(is_legal(pending_job(), endless));
}

TEST(Legal, OnlyAPendingJobIsHeld) {
  Job held = next_of(processing_job());
  held.held_for = "ffmpeg";
  EXPECT_FALSE(is_legal(processing_job(), held));
}

TEST(Legal, FG_4_ACompletedJobIsHeldForBeingDoneAgainAndForNothingElse) {
  Job done = next_of(processing_job());
  done.status = completed;
  done.stage = done.stages.size();
  done.lease.reset();
  done.over_at = kNow;
  EXPECT_TRUE(is_legal(processing_job(), done));
  done.held_for = "ffmpeg";
  EXPECT_FALSE(is_legal(processing_job(), done));
  done.held_for = kHeldForRedo;
  EXPECT_TRUE(is_legal(processing_job(), done));
  Job waiting = next_of(pending_job());
  waiting.held_for = kHeldForRedo;
  EXPECT_FALSE(is_legal(pending_job(), waiting));
}

TEST(Legal, ANewJobIsPendingAndWasNeverLeased) {
  Job leased_before = pending_job();
  leased_before.fence = 1;
  Job nameless = pending_job();
  nameless.id = ItemId{};
  Job no_stages = pending_job();
  no_stages.stages.clear();

  EXPECT_TRUE(is_legal_start(pending_job()));
  EXPECT_FALSE(is_legal_start(processing_job()));
  EXPECT_FALSE(is_legal_start(leased_before));
  EXPECT_FALSE(is_legal_start(nameless));
  EXPECT_FALSE(is_legal_start(no_stages));
}

}  // namespace
}  // namespace holdfast
