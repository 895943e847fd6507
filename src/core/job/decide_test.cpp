#include "core/job/decide.hpp"

#include <gtest/gtest.h>

#include "core/job/legal.hpp"

namespace holdfast {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kNow{1'767'225'600'000ms};
const NodeId kNode{"node"};

class Decide : public testing::Test {
 protected:
  static Job fresh() {
    Job job{.id = ItemId{"itm_1"}, .job_key = "key", .owner = "ana", .recipe = "introductions"};
    for (const char* name : {"upload", "convert", "stt", "mistral"}) {
      const std::string kind = std::string{name} == "stt" ? "transcribe" : name;
      job.stages.push_back({.name = name, .kind = kind, .title = name, .bulkhead = "engine"});
    }
    job.stages[0].state = StageState::completed;
    job.stage = 1;
    job.ready_at = job.created_at = job.updated_at = kNow;
    job.version = 1;
    return job;
  }

  /// Applies a decision as a store would, and insists that the store would take it.
  static Job apply(const Job& before, const Result<Transition>& change) {
    EXPECT_TRUE(change.has_value()) << (change ? "" : change.error().what());
    if (!change) return before;
    EXPECT_TRUE(is_legal(before, change->after));
    return change->after;
  }

  static Job claimed(const Job& job, WallTime now = kNow) {
    return apply(job, decide::claim(job, kNode, 30s, now));
  }
  Job failed(const Job& job, ErrorClass cls, bool worker_died = false) const {
    return apply(job, decide::fail(job, {cls, "HF-X", "because"}, worker_died, policy, 0, kNow));
  }

  RetryPolicy policy{.attempts_max = 4, .crashes_max = 2, .interruptions_max = 3};
};

TEST_F(Decide, TH_2_AClaimGivesALeaseWithTheNextFenceAndCountsTheAttempt) {
  const Job job = claimed(fresh());

  EXPECT_EQ(job.status, JobStatus::processing);
  EXPECT_EQ(job.lease->fence, 1U);
  EXPECT_EQ(job.lease->until, kNow + 30s);
  EXPECT_EQ(job.stages[1].attempts, 1U);
}

TEST_F(Decide, ClaimsNothingThatIsHeldOrNotYetDue) {
  Job held = fresh();
  held.held_for = "HF-ENG-02";
  Job later = fresh();
  later.ready_at = kNow + 1ms;

  EXPECT_EQ(decide::claim(held, kNode, 30s, kNow).error().error_class(), ErrorClass::conflict);
  EXPECT_EQ(decide::claim(later, kNode, 30s, kNow).error().error_class(), ErrorClass::conflict);
}

TEST_F(Decide, LAB_2_GoesFromStageToStageAndThenIsCompleted) {
  Job job = fresh();
  for (const char* stage : {"convert", "stt", "mistral"}) {
    EXPECT_EQ(current_stage(job)->name, stage);
    job = claimed(job);
    job = apply(job, decide::succeed(job, {.output = "{}"}, kNow));
  }

  EXPECT_EQ(job.status, JobStatus::completed);
  EXPECT_FALSE(job.lease.has_value());
}

TEST_F(Decide, LAB_4_RetriesThreeTimesThenGivesUp) {
  Job job = fresh();
  for (unsigned attempt = 1; attempt <= 3; ++attempt) {
    job = failed(claimed(job), ErrorClass::transient);
    EXPECT_EQ(job.status, JobStatus::pending);
    EXPECT_EQ(job.retry_count, attempt);
  }
  job = failed(claimed(job), ErrorClass::transient);

  EXPECT_EQ(job.status, JobStatus::failed);
  EXPECT_EQ(job.error->code, "HF-X");
}

TEST_F(Decide, FR_3_WaitsLongerAfterEachFailureWithFullJitter) {
  policy.backoff = {.base = 1s, .ceiling = 60s};
  Job job = fresh();
  for (const auto longest : {1s, 2s, 4s}) {
    const Job running = claimed(job);
    const auto at = [&](std::uint64_t dice) {
      return apply(running,
                   decide::fail(running, {ErrorClass::transient, "HF-X", ""}, false, policy, dice, kNow))
          .ready_at;
    };
    EXPECT_EQ(at(0), kNow);
    EXPECT_EQ(at(static_cast<std::uint64_t>(milliseconds{longest}.count())), kNow + longest);
    job = failed(running, ErrorClass::transient);
  }
}

TEST_F(Decide, APermanentFailureIsADeadLetterAtOnceWithItsCause) {
  const Job job = failed(claimed(fresh()), ErrorClass::permanent);

  EXPECT_EQ(job.status, JobStatus::failed);
  EXPECT_EQ(job.stages[1].state, StageState::failed);
  EXPECT_EQ(job.retry_count, 0U);
}

TEST_F(Decide, VS_6_AMissingDependencyHoldsTheJobWithoutCountingAndReleasesIt) {
  Job job = failed(claimed(fresh()), ErrorClass::dependency);
  EXPECT_EQ(job.status, JobStatus::pending);
  EXPECT_EQ(job.held_for, "HF-X");
  EXPECT_EQ(job.stages[1].attempts, 0U);

  EXPECT_FALSE(decide::release(job, "HF-Y", kNow + 5s).has_value()) << "something else is back";
  job = apply(job, decide::release(job, "HF-X", kNow + 5s));
  EXPECT_TRUE(job.held_for.empty());
  EXPECT_EQ(claimed(job, kNow + 5s).stages[1].attempts, 1U);
}

TEST_F(Decide, LAB_9_AWorkerDeathIsRetriedAndTheOwnerIsTold) {
  const Job job = failed(claimed(fresh()), ErrorClass::transient, true);

  EXPECT_EQ(job.status, JobStatus::pending);
  ASSERT_EQ(job.messages.size(), 1U);
  EXPECT_EQ(job.messages[0], "Technical issue detected, your video will be processed shortly");
}

TEST_F(Decide, LAB_9_WhatTheOwnerWasToldIsTakenBackWhenTheStageIsDone) {
  const Job again = claimed(failed(claimed(fresh()), ErrorClass::transient, true));

  EXPECT_TRUE(apply(again, decide::succeed(again, {}, kNow)).messages.empty());
}

TEST_F(Decide, LAB_10_WhatTheOwnerWasToldIsTakenBackWhenTheItemIsOver) {
  const Job job = claimed(fresh());
  const Job waiting = apply(job, decide::interrupt(job, policy, kNow));

  const Job cancelled = apply(waiting, decide::request_cancel(waiting, kNow));
  const Job dead = failed(claimed(waiting), ErrorClass::permanent);

  EXPECT_TRUE(cancelled.messages.empty());
  EXPECT_TRUE(dead.messages.empty());
}

TEST_F(Decide, AFileThatKillsItsWorkerTwiceAtOnePlaceIsSetAside) {
  const Job once = failed(claimed(fresh()), ErrorClass::transient, true);
  const Job twice = failed(claimed(once), ErrorClass::transient, true);

  EXPECT_EQ(twice.status, JobStatus::failed);
  EXPECT_EQ(twice.error->code, "HF-ENG-05");
}

TEST_F(Decide, WorkerDeathsAtDifferentPlacesDoNotAddUp) {
  Job job = failed(claimed(fresh()), ErrorClass::transient, true);
  job = claimed(job);
  job = apply(job, decide::checkpoint(job, {.position_ms = 30'000}, kNow));
  job = failed(job, ErrorClass::transient, true);

  EXPECT_EQ(job.status, JobStatus::pending);
  EXPECT_EQ(job.stages[1].crashes, 1U);
}

TEST_F(Decide, FR_1_WhatAStageKeptToGoOnWithOutlivesInterruptionsFailuresAndARetryFromThere) {
  Job job = claimed(fresh());
  job = apply(job, decide::checkpoint(job, {.position_ms = 30'000, .output = "so far"}, kNow));
  job = claimed(apply(job, decide::interrupt(job, policy, kNow)));
  EXPECT_EQ(job.stages[1].output, "so far");
  const Job dead = failed(job, ErrorClass::permanent);
  ASSERT_EQ(dead.status, JobStatus::failed);

  EXPECT_EQ(apply(dead, decide::retry(dead, "", kNow)).stages[1].output, "so far");
  const Job anew = apply(dead, decide::retry(dead, "convert", kNow));
  EXPECT_EQ(anew.stages[1].output, "");
  EXPECT_EQ(anew.stages[1].position_ms, 0);
  const decide::ByHand hand{.who = "op", .results = {{"convert", "form", "{}"}, {"stt", "transcript", "{}"}}};
  EXPECT_EQ(apply(dead, decide::complete_by_hand(dead, hand, kNow)).stages[1].output, "");
}

TEST_F(Decide, AnOutcomeThatGoesOnCompletesNothing) {
  const Job job = claimed(fresh());

  const auto change = decide::succeed(job, {.output = "so far", .goes_on_at_ms = 30'000}, kNow);

  ASSERT_FALSE(change);
  EXPECT_EQ(change.error().code(), "HF-ITM-03");
}

TEST_F(Decide, LAB_10_AnInterruptionIsCountedApartAndTheOwnerIsTold) {
  Job job = claimed(fresh());
  job = apply(job, decide::interrupt(job, policy, kNow));

  EXPECT_EQ(job.status, JobStatus::pending);
  EXPECT_EQ(job.stages[1].attempts, 0U);
  EXPECT_EQ(job.stages[1].interruptions, 1U);
  EXPECT_EQ(job.messages.back(), "System maintenance complete, processing your videos now");
}

TEST_F(Decide, AJobThatKillsItsHostIsStoppedButProgressStartsTheCountAnew) {
  Job job = fresh();
  for (int i = 0; i < 3; ++i) {
    job = claimed(job);
    job = apply(job, decide::interrupt(job, policy, kNow));
  }
  job = claimed(job);
  const Job moved = apply(job, decide::checkpoint(job, {.position_ms = 1'000}, kNow));

  EXPECT_EQ(apply(moved, decide::interrupt(moved, policy, kNow)).status, JobStatus::pending);
  EXPECT_EQ(apply(job, decide::interrupt(job, policy, kNow)).error->code, "HF-ENG-06");
}

TEST_F(Decide, FG_14_AWarningOfACheckpointIsKeptOnceAndGoesWithWhatItIsAbout) {
  Job job = claimed(fresh());
  const auto first = decide::checkpoint(job, {.position_ms = 1'000, .warning = "with a smaller model"}, kNow);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->audit.size(), 1U) << "the first time it is noted";
  const auto second = decide::checkpoint(first->after, {.position_ms = 2'000, .warning = "with a smaller model"}, kNow);
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->audit.empty());
  job = failed(second->after, ErrorClass::permanent, false);
  const Job resumed = apply(job, decide::retry(job, "", kNow));
  EXPECT_EQ(resumed.stages[1].warnings, std::vector<std::string>{"with a smaller model"}) << "its segments are kept";
  const Job anew = apply(job, decide::retry(job, job.stages[1].name, kNow));
  EXPECT_TRUE(anew.stages[1].warnings.empty()) << "and here they are not";

  decide::StageOutcome outcome;
  outcome.warnings = {"with a smaller model", "no speech"};
  const Job done = apply(claimed(resumed), decide::succeed(claimed(resumed), outcome, kNow));
  EXPECT_EQ(done.stages[1].warnings, (std::vector<std::string>{"with a smaller model", "no speech"}));
}

TEST_F(Decide, LAB_10_DrainingGivesTheAttemptBackAndTellsTheOwner) {
  Job job = claimed(fresh());
  job = apply(job, decide::give_back(job, kNow));

  EXPECT_EQ(job.status, JobStatus::pending);
  EXPECT_EQ(job.stages[1].attempts, 0U);
  EXPECT_EQ(job.stages[1].interruptions, 0U);
  EXPECT_EQ(job.messages.back(), "System maintenance complete, processing your videos now");
}

TEST_F(Decide, CancellingAWaitingJobEndsItAndARunningOneIsAsked) {
  const Job waiting = apply(fresh(), decide::request_cancel(fresh(), kNow));
  EXPECT_EQ(waiting.status, JobStatus::cancelled);

  Job running = claimed(fresh());
  running = apply(running, decide::request_cancel(running, kNow));
  EXPECT_EQ(running.status, JobStatus::processing);
  EXPECT_EQ(apply(running, decide::cancel(running, kNow)).status, JobStatus::cancelled);
  EXPECT_EQ(failed(running, ErrorClass::transient).status, JobStatus::cancelled);
}

TEST_F(Decide, AJobThatWasToBeCancelledDoesNotGoOnAfterItsStage) {
  Job running = claimed(fresh());
  running = apply(running, decide::request_cancel(running, kNow));

  const Job finished = apply(running, decide::succeed(running, {.output = "converted"}, kNow));
  EXPECT_EQ(finished.status, JobStatus::cancelled);
  EXPECT_EQ(finished.stages[1].state, StageState::completed);
  EXPECT_EQ(apply(running, decide::give_back(running, kNow)).status, JobStatus::cancelled);
  EXPECT_EQ(apply(running, decide::interrupt(running, policy, kNow)).status, JobStatus::cancelled);
}

TEST_F(Decide, ACancellationThatComesAfterTheLastWorkIsTooLate) {
  Job job = fresh();
  while (job.stage + 1 < job.stages.size()) {
    job = claimed(job);
    job = apply(job, decide::succeed(job, {}, kNow));
  }
  job = claimed(job);
  job = apply(job, decide::request_cancel(job, kNow));
  job = apply(job, decide::succeed(job, {}, kNow));

  EXPECT_EQ(job.status, JobStatus::completed);
  EXPECT_FALSE(job.cancel_requested);
}

TEST_F(Decide, RetryingAFailedJobKeepsFinishedStagesAndItsCheckpoint) {
  Job job = claimed(fresh());
  job = apply(job, decide::succeed(job, {.output = "converted"}, kNow));
  job = claimed(job);
  job = apply(job, decide::checkpoint(job, {.position_ms = 30'000}, kNow));
  job = failed(job, ErrorClass::permanent);

  const auto change = decide::retry(job, "", kNow);
  job = apply(job, change);
  EXPECT_EQ(current_stage(job)->name, "stt");
  EXPECT_EQ(job.stages[1].output, "converted");
  EXPECT_EQ(job.stages[2].position_ms, 30'000);
  EXPECT_FALSE(change->drop_segments);
  EXPECT_FALSE(job.error.has_value());
}

TEST_F(Decide, RetryingFromAChosenStagePullsTheLaterOnesAlong) {
  Job job = fresh();
  while (job.status != JobStatus::completed) {
    job = claimed(job);
    job = apply(job, decide::succeed(job, {.output = "done"}, kNow));
  }
  const auto change = decide::retry(job, "stt", kNow);
  job = apply(job, change);

  EXPECT_EQ(job.stage, 2U);
  EXPECT_EQ(job.stages[1].state, StageState::completed);
  EXPECT_EQ(job.stages[3].state, StageState::pending);
  EXPECT_TRUE(change->drop_segments);
  EXPECT_EQ(change->drop_results_of, (std::vector<std::string>{"stt", "mistral"}));
}

TEST_F(Decide, RefusesARetryFromAStageThatIsNotThere) {
  Job job = failed(claimed(fresh()), ErrorClass::permanent);

  EXPECT_EQ(decide::retry(job, "nonsense", kNow).error().code(), "HF-ITM-04");
  EXPECT_EQ(decide::retry(job, "upload", kNow).error().code(), "HF-ITM-04");
}

TEST_F(Decide, ACalendarThatWasSetBackDoesNotMakeAJobWaitLonger) {
  policy.backoff = {.base = 10s, .ceiling = 60s};
  Job job = claimed(fresh());
  job = apply(job, decide::fail(job, {ErrorClass::transient, "HF-X", ""}, false, policy, 10'000, kNow + 24h));
  ASSERT_EQ(job.ready_at, kNow + 24h + 10s);

  job = apply(job, decide::wait_anew(job, kNow));
  EXPECT_EQ(job.ready_at, kNow + 10s);
}

TEST_F(Decide, EveryChangeButACheckpointIsAudited) {
  const Job running = claimed(fresh());
  for (const auto& change :
       {decide::claim(fresh(), kNode, 30s, kNow), decide::succeed(running, {}, kNow),
        decide::fail(running, {ErrorClass::transient, "HF-X", ""}, false, policy, 0, kNow),
        decide::interrupt(running, policy, kNow), decide::give_back(running, kNow),
        decide::request_cancel(running, kNow)}) {
    ASSERT_TRUE(change.has_value());
    EXPECT_FALSE(change->audit.empty());
  }
}

TEST_F(Decide, NothingHappensToAJobThatIsNotInTheRightState) {
  const Job waiting = fresh();
  EXPECT_FALSE(decide::succeed(waiting, {}, kNow).has_value());
  EXPECT_FALSE(decide::interrupt(waiting, policy, kNow).has_value());
  EXPECT_FALSE(decide::give_back(waiting, kNow).has_value());
  EXPECT_FALSE(decide::release(waiting, waiting.held_for, kNow).has_value());
  EXPECT_FALSE(decide::cancel(waiting, kNow).has_value());
  EXPECT_FALSE(decide::claim(claimed(waiting), kNode, 30s, kNow).has_value());
}

std::string code_of(const Result<Transition>& change) { return change ? "" : change.error().code(); }

TEST_F(Decide, FR_6_ADiscardedItemKeepsItsTrailAndNothingThatWasMadeOfIt) {
  Job dead = failed(claimed(fresh()), ErrorClass::permanent);
  dead.stages[1].output = "{}";
  dead.input.payload = "a text";
  const auto change = decide::discard(dead, "root", "sent twice", kNow + 1s);
  const Job job = apply(dead, change);

  EXPECT_EQ(job.status, JobStatus::failed);
  EXPECT_EQ(job.discarded, "sent twice");
  EXPECT_EQ(job.messages.back(), "Given up by the operator: sent twice");
  EXPECT_EQ(job.stages[1].output + job.input.payload, "");
  EXPECT_EQ(job.error->code, "HF-X");
  EXPECT_TRUE(change->drop_segments);
  EXPECT_EQ(change->drop_results_of.size(), 4U);
  EXPECT_EQ(change->audit.back().type + " " + change->audit.back().detail, "job.discarded root: sent twice");
}

TEST_F(Decide, OnlyADeadLetterIsDiscardedAndOnlyOnceAndForAReason) {
  const Job dead = failed(claimed(fresh()), ErrorClass::permanent);
  const Job discarded = apply(dead, decide::discard(dead, "root", "no use", kNow));

  EXPECT_EQ(code_of(decide::discard(fresh(), "root", "no use", kNow)), "HF-ITM-03");
  EXPECT_EQ(code_of(decide::discard(claimed(fresh()), "root", "no use", kNow)), "HF-ITM-03");
  EXPECT_EQ(code_of(decide::discard(dead, "root", "", kNow)), "HF-ITM-03");
  EXPECT_EQ(code_of(decide::discard(discarded, "root", "again", kNow)), "HF-ITM-07");
  EXPECT_EQ(code_of(decide::retry(discarded, "", kNow)), "HF-ITM-07");
  EXPECT_EQ(code_of(decide::complete_by_hand(discarded, {}, kNow)), "HF-ITM-07");
}

TEST_F(Decide, LAB_13_AResultByHandCompletesADeadLetterAndSaysSo) {
  const Job dead = failed(claimed(fresh()), ErrorClass::permanent);
  const decide::ByHand made{.who = "root",
                            .results = {{.stage = "stt", .name = "transcript", .json = "{}"}},
                            .segments = {{.start_ms = 0, .end_ms = 5, .text = "Hello."}}};
  const auto change = decide::complete_by_hand(dead, made, kNow + 1s);
  const Job job = apply(dead, change);

  EXPECT_EQ(job.status, JobStatus::completed);
  EXPECT_FALSE(job.error.has_value());
  for (const StageRecord& stage : job.stages) EXPECT_EQ(stage.state, StageState::completed) << stage.name;
  EXPECT_EQ(job.stages[2].warnings, std::vector<std::string>{"entered by hand"});
  EXPECT_EQ(job.stages[3].warnings, std::vector<std::string>{"left out: the item was completed by hand"});
  EXPECT_EQ(change->publish.size(), 1U);
  EXPECT_TRUE(change->drop_segments);
  EXPECT_EQ(change->segments.size(), 1U);
  std::string trail;
  for (const AuditEntry& entry : change->audit) trail += entry.type + ":" + entry.stage + ":" + entry.detail + " ";
  EXPECT_EQ(trail,
            "job.entered_by_hand:convert:root stage.completed:convert:by hand stage.completed:stt:by hand "
            "stage.completed:mistral:by hand job.completed::by hand ");
}

TEST_F(Decide, LAB_13_AResultByHandThatDoesNotFitIsRefused) {
  Job dead = failed(claimed(fresh()), ErrorClass::permanent);
  const auto with = [&](std::vector<NamedResult> results) {
    return code_of(decide::complete_by_hand(dead, {.who = "root", .results = std::move(results)}, kNow));
  };

  EXPECT_EQ(code_of(decide::complete_by_hand(fresh(), {}, kNow)), "HF-ITM-03");
  EXPECT_EQ(with({}), "HF-ITM-08");
  EXPECT_EQ(with({{.stage = "mistral", .name = "form"}}), "HF-ITM-08") << "nothing was transcribed";
  EXPECT_EQ(with({{.stage = "stt", .name = "transcript"}, {.stage = "none", .name = "form"}}), "HF-ITM-08");
  EXPECT_EQ(with({{.stage = "stt", .name = "transcript"}, {.stage = "upload", .name = "x"}}), "HF-ITM-08");
  EXPECT_EQ(with({{.stage = "stt", .name = "transcript"}}), "");
}

}  // namespace
}  // namespace holdfast
