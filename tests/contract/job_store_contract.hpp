#pragma once

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <set>

#include "tests/contract/job_store_record_contract.hpp"
#include "tests/contract/job_store_test_base.hpp"

/// What every JobStore must do, said once: this file is its work as a queue, job_store_record_contract.hpp
/// its memory. Each backend, the simulated one included, instantiates both with one line, in namespace
/// holdfast::contract:
///
///     HF_JOB_STORE_CONTRACT(Sqlite, SqliteBackend);
///
/// What a Backend is stands in job_store_test_base.hpp, how to write one in docs/how-to/add-a-store.md.
#define HF_JOB_STORE_CONTRACT(prefix, Backend)                       \
  INSTANTIATE_TYPED_TEST_SUITE_P(prefix, JobStoreContract, Backend); \
  INSTANTIATE_TYPED_TEST_SUITE_P(prefix, JobStoreRecordContract, Backend)

namespace holdfast::contract {

template <class Backend>
class JobStoreContract : public JobStoreTest<Backend> {};
TYPED_TEST_SUITE_P(JobStoreContract);

// --- enqueue ---

TYPED_TEST_P(JobStoreContract, FR_2_ANewJobIsKeptAsItWasHandedIn) {
  Job job = sample_job(1);
  job.priority = 0;
  job.ready_at = kStart + milliseconds{5};
  job.held_for = "ffmpeg";
  job.input = {
      .name = "intro.mp4", .bytes = 1U << 31U, .sha256 = std::string(64, 'a'), .media_type = "video/mp4"};
  job.input.blob = BlobId{"0123456789abcdef0123456789abcdef"};
  job.requested_mode = "creative";
  job.mode = "fast";
  job.messages = {"one", "", "two"};

  const Enqueued made = this->value(this->store().enqueue(created(job)));

  EXPECT_TRUE(made.created);
  EXPECT_EQ(text_of(made.job), text_of(job));
  EXPECT_EQ(text_of(this->find(job.id)), text_of(job));
  EXPECT_EQ(text_of(this->value(this->store().find_key("ada", "key-1"))), text_of(job));
}

TYPED_TEST_P(JobStoreContract, TextIsDataAndComesBackByteForByte) {
  Job job = sample_job(1);
  const std::string& text = hostile_text();
  job.job_key = job.owner = job.fingerprint = job.recipe = text;
  job.held_for = job.mode = job.requested_mode = text;
  job.input = {.name = text + std::string(1U << 20U, 'x') + text, .sha256 = text, .media_type = text};
  job.input.blob = BlobId{text};
  job.input.payload = text;
  job.messages = {text};
  job.error = Failure{ErrorClass::canceled, text, text};
  StageRecord& stage = job.stages[1];
  stage.name = stage.kind = stage.title = stage.bulkhead = stage.output = text;
  stage.warnings = {text, ""};
  stage.fallback = Fallback{text, text, text, 0.5, text, kStart};
  this->add(job);

  EXPECT_EQ(text_of(this->find(job.id)), text_of(job));
  EXPECT_EQ(text_of(this->value(this->store().find_key(text, text))), text_of(job));
  EXPECT_EQ(this->value(this->store().held(text)), std::vector{job.id});
  EXPECT_EQ(ids_of(this->value(this->store().list({.owner = text, .recipe = text}))), std::vector{job.id});
}

TYPED_TEST_P(JobStoreContract, IdsThatLookNearlyAlikeAreDifferent) {
  std::set<std::string> found;
  for (const char* id :
       {"itm_0123456789ABCDEFGHJKMNPQRS", "itm_0123456789abcdefghjkmnpqrs", "itm_7123456789ABCDEFGHJKMNPQRS",
        "itm_Z123456789ABCDEFGHJKMNPQRS", "itm_", "0123456789ABCDEFGHJKMNPQRS", "x"}) {
    Job job = sample_job(1);
    job.id = ItemId{id};
    job.job_key = id;
    this->add(job);
    EXPECT_EQ(text_of(this->find(job.id)), text_of(job));
    found.insert(text_of(this->find(job.id)));
  }
  EXPECT_EQ(found.size(), 7U);
}

TYPED_TEST_P(JobStoreContract, TH_2_TheSameKeyForTheSameThingReturnsTheFirstJob) {
  const Job first = this->add(1);
  Job again = sample_job(2);
  again.job_key = first.job_key;
  again.fingerprint = first.fingerprint;

  const Enqueued second = this->value(this->store().enqueue(created(again)));

  EXPECT_FALSE(second.created);
  EXPECT_EQ(text_of(second.job), text_of(first));
  EXPECT_EQ(this->find(again.id), std::nullopt);
  EXPECT_EQ(this->log().size(), 1U);
}

TYPED_TEST_P(JobStoreContract, TH_2_TheSameKeyForSomethingElseIsRefused) {
  const Job first = this->add(1);
  Job other = sample_job(2);
  other.job_key = first.job_key;

  const std::string refused = this->refusal(this->store().enqueue(created(other)));

  EXPECT_EQ(refused, this->error_text(ErrorClass::invalid, "HF-IDM-01"));
  EXPECT_EQ(this->find(other.id), std::nullopt);
  EXPECT_EQ(this->log().size(), 1U);
}

TYPED_TEST_P(JobStoreContract, TH_2_AKeyIsKnownAsLongAsItsItemAndReturnsTheJobAsItIsNow) {
  const Job working = this->add_leased(1);
  this->settle(working, failing(ErrorClass::permanent, "HF-MED-01"));

  const Enqueued again = this->value(this->store().enqueue(created(1)));

  EXPECT_FALSE(again.created);
  EXPECT_EQ(again.job.status, JobStatus::failed);
}

TYPED_TEST_P(JobStoreContract, TH_2_RequestsWithTheSameKeyAtTheSameTimeMakeOneJob) {
  using namespace asio::experimental::awaitable_operators;
  const auto same_key = [](unsigned n) {
    Job job = sample_job(n);
    job.job_key = "one";
    job.fingerprint = "same";
    return created(std::move(job));
  };
  auto first = this->store().enqueue(same_key(1)) && this->store().enqueue(same_key(2));
  auto third = this->store().enqueue(same_key(3));
  auto fourth = this->store().enqueue(same_key(4));

  const auto made = this->run(std::move(first) && std::move(third) && std::move(fourth));

  const auto& [a, b, c, d] = made;
  ASSERT_TRUE(a && b && c && d);
  EXPECT_EQ(int(a->created) + int(b->created) + int(c->created) + int(d->created), 1);
  EXPECT_EQ(this->value(this->store().list({})).size(), 1U);
}

TYPED_TEST_P(JobStoreContract, AKeyThatWasGivenUpIsFreeForSomethingElse) {
  Job first = sample_job(1);
  first.job_key = "openai/chat/1";
  this->add(first);
  const Job leased = this->claim(claim_request()).at(0);
  const Job over = this->settle(leased, failing(ErrorClass::permanent, "HF-LLM-04"));
  const Decide give_up = [](const Job& job, WallTime now) { return decide::answered(job, "answered", now); };

  const Job without = this->update(over.id, give_up);

  EXPECT_EQ(without.job_key, "");
  EXPECT_EQ(text_of(this->find(over.id)), text_of(without));
  EXPECT_EQ(this->value(this->store().find_key("ada", "openai/chat/1")), std::nullopt);
  EXPECT_EQ(this->audit(over.id).back().entry.type, "job.answered");
  Job second = sample_job(2);
  second.job_key = "openai/chat/1";
  second.fingerprint = "something else";
  EXPECT_TRUE(this->value(this->store().enqueue(created(second))).created);
  EXPECT_EQ(this->value(this->store().find_key("ada", "openai/chat/1"))->id, second.id);
  EXPECT_EQ(this->refusal(this->store().update(over.id, give_up)), this->error_text(ErrorClass::conflict, "HF-ITM-03"));
  this->reopen();
  EXPECT_EQ(this->value(this->store().find_key("ada", "openai/chat/1"))->id, second.id);
}

TYPED_TEST_P(JobStoreContract, KeysBelongToTheirOwner) {
  Job bobs = sample_job(2);
  bobs.owner = "bob";
  bobs.job_key = "key-1";
  this->add(1);

  EXPECT_TRUE(this->value(this->store().enqueue(created(bobs))).created);
  EXPECT_EQ(text_of(this->value(this->store().find_key("bob", "key-1"))), text_of(bobs));
  EXPECT_EQ(this->value(this->store().find_key("eve", "key-1")), std::nullopt);
}

TYPED_TEST_P(JobStoreContract, JobsWithoutAKeyAreNeverTheSame) {
  Job first = sample_job(1);
  Job second = sample_job(2);
  first.job_key = second.job_key = "";

  EXPECT_TRUE(this->value(this->store().enqueue(created(first))).created);
  EXPECT_TRUE(this->value(this->store().enqueue(created(second))).created);
  EXPECT_EQ(this->value(this->store().find_key("ada", "")), std::nullopt);
}

TYPED_TEST_P(JobStoreContract, AnIdIsGivenOnce) {
  const Job first = this->add(1);
  Job other = sample_job(1);
  other.job_key = "another";

  EXPECT_EQ(this->refusal(this->store().enqueue(created(other))),
            this->error_text(ErrorClass::conflict, "HF-ITM-03"));
  EXPECT_EQ(text_of(this->find(first.id)), text_of(first));
  EXPECT_EQ(this->log().size(), 1U);
}

TYPED_TEST_P(JobStoreContract, AJobStartsPendingAndWithoutALease) {
  Job job = sample_job(1);
  job = decide::claim(job, NodeId{"n"}, kLeaseFor, kStart)->after;

  EXPECT_EQ(this->refusal(this->store().enqueue(created(job))),
            this->error_text(ErrorClass::conflict, "HF-ITM-03"));
  EXPECT_EQ(this->find(job.id), std::nullopt);
}

TYPED_TEST_P(JobStoreContract, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(this->find(item_id(1)), std::nullopt);
  EXPECT_EQ(this->value(this->store().find_key("ada", "key-1")), std::nullopt);
  EXPECT_TRUE(this->audit(item_id(1)).empty());
  EXPECT_TRUE(this->value(this->store().segments(item_id(1))).empty());
  EXPECT_TRUE(this->value(this->store().gaps(item_id(1))).empty());
  EXPECT_TRUE(this->value(this->store().results(item_id(1))).empty());
}

// --- claim ---

TYPED_TEST_P(JobStoreContract, FR_2_ClaimsByPriorityThenTheLongestDueThenTheOldest) {
  const auto add = [&](unsigned n, int priority, int due_after_ms) {
    Job job = sample_job(n);
    job.priority = priority;
    job.ready_at = kStart + milliseconds{due_after_ms};
    this->add(job);
  };
  add(1, 5, 10);
  add(2, 5, 10);
  add(3, 9, 0);
  add(4, 5, 5);
  add(5, 0, 99);
  add(6, 4, 50);

  const auto jobs = this->claim(claim_request("engine", 10));

  const std::vector expected{item_id(5), item_id(6), item_id(4), item_id(1), item_id(2), item_id(3)};
  EXPECT_EQ(ids_of(jobs), expected);
}

TYPED_TEST_P(JobStoreContract, FR_2_AScheduledJobWaitsForItsTimeAndHoldsUpNobody) {
  Job scheduled = sample_job(1);
  scheduled.priority = 0;
  scheduled.ready_at = kStart + milliseconds{5000};
  this->add(scheduled);
  this->add(2);
  const ClaimRequest request = claim_request("engine", 10);

  this->set_now(kStart + milliseconds{4999});
  EXPECT_EQ(ids_of(this->claim(request)), std::vector{item_id(2)});
  this->set_now(kStart + milliseconds{5000});
  EXPECT_EQ(ids_of(this->claim(request)), std::vector{item_id(1)});
}

TYPED_TEST_P(JobStoreContract, AClaimTakesAtMostAsManyAsAskedFor) {
  for (unsigned n = 1; n <= 5; ++n) this->add(n);

  EXPECT_EQ(this->claim(claim_request("engine", 0)).size(), 0U);
  EXPECT_EQ(this->claim(claim_request("engine", 2)).size(), 2U);
  EXPECT_EQ(this->claim(claim_request("engine", 9)).size(), 3U);
  EXPECT_EQ(this->claim(claim_request("engine", 9)).size(), 0U);
}

TYPED_TEST_P(JobStoreContract, AClaimTakesOnlyJobsOfItsBulkhead) {
  const Job working = this->add_leased(1);
  this->add(2);

  EXPECT_TRUE(this->claim(claim_request("llm", 9)).empty());
  this->settle(working, succeeding());
  EXPECT_EQ(ids_of(this->claim(claim_request("llm", 9))), std::vector{item_id(1)});
  EXPECT_EQ(ids_of(this->claim(claim_request("engine", 9))), std::vector{item_id(2)});
}

TYPED_TEST_P(JobStoreContract, HeldAndFinishedJobsAreNotClaimed) {
  this->settle(this->add_leased(1), failing(ErrorClass::dependency, "whisper"));
  this->settle(this->add_leased(2), failing(ErrorClass::permanent, "HF-MED-01"));
  this->add(3);
  this->update(item_id(3), [](const Job& job, WallTime now) { return decide::request_cancel(job, now); });

  EXPECT_TRUE(this->claim(claim_request("engine", 9)).empty());
  this->update(item_id(1), [](const Job& job, WallTime now) { return decide::release(job, job.held_for, now); });
  EXPECT_EQ(ids_of(this->claim(claim_request("engine", 9))), std::vector{item_id(1)});
}

TYPED_TEST_P(JobStoreContract, AClaimLeasesTheJob) {
  this->add(1);
  const Job expected = decide::claim(sample_job(1), NodeId{"node-a"}, kLeaseFor, kNow)->after;

  const auto jobs = this->claim(claim_request());

  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(text_of(jobs.front()), text_of(expected));
  EXPECT_EQ(text_of(this->find(item_id(1))), text_of(expected));
}

TYPED_TEST_P(JobStoreContract, ALeaseOfALocalHolderIsSeenAndToldAsAnyOther) {
  this->add(1);
  ClaimRequest request = claim_request();
  request.local_holder = true;

  ASSERT_EQ(this->claim(std::move(request)).size(), 1U);

  EXPECT_EQ(this->find(item_id(1))->status, JobStatus::processing);
  EXPECT_EQ(this->audit(item_id(1)).size(), 2U);
  std::vector<std::string> told;
  for (auto events = this->outbox(); !events.empty(); events = this->outbox()) {
    told.push_back(events.front().entry.type);
    ASSERT_TRUE(this->run(this->store().delivered({events.front().seq})));
  }
  EXPECT_EQ(told, (std::vector<std::string>{"job.created", "stage.started"}));
}

TYPED_TEST_P(JobStoreContract, TH_2_TwoClaimersNeverGetTheSameJob) {
  using namespace asio::experimental::awaitable_operators;
  for (unsigned n = 1; n <= 12; ++n) this->add(n);
  auto first = this->store().claim(claim_request("engine", 5));
  auto second = this->store().claim(claim_request("engine", 5));
  auto third = this->store().claim(claim_request("engine", 5));
  auto fourth = this->store().claim(claim_request("engine", 5));

  const auto claims =
      this->run(std::move(first) && std::move(second) && std::move(third) && std::move(fourth));

  const auto& [a, b, c, d] = claims;
  std::vector<ItemId> all;
  std::set<ItemId> different;
  for (const auto* jobs : {&a, &b, &c, &d}) {
    ASSERT_TRUE(jobs->has_value());
    for (const Job& job : **jobs) {
      all.push_back(job.id);
      different.insert(job.id);
    }
  }
  EXPECT_EQ(all.size(), 12U);
  EXPECT_EQ(different.size(), 12U);
}

TYPED_TEST_P(JobStoreContract, TH_2_FencesGrowStrictly) {
  Fence last = 0;
  this->add(1);
  for (int round = 0; round < 4; ++round) {
    const auto jobs = this->claim(claim_request());
    ASSERT_EQ(jobs.size(), 1U);
    EXPECT_GT(jobs.front().fence, last);
    EXPECT_EQ(jobs.front().lease->fence, jobs.front().fence);
    last = jobs.front().fence;
    this->settle(jobs.front(), giving_back());
    this->reopen();
  }
}

// --- update_leased, update ---

TYPED_TEST_P(JobStoreContract, AHolderOfTheLeaseAppliesItsDecision) {
  const Job working = this->add_leased(1);
  const Job expected = succeeding()(working, kNow)->after;

  const Job after = this->settle(working, succeeding());

  EXPECT_EQ(text_of(after), text_of(expected));
  EXPECT_EQ(text_of(this->find(working.id)), text_of(expected));
}

TYPED_TEST_P(JobStoreContract, EveryFieldThatADecisionMayChangeIsKept) {
  const Job working = this->add_leased(1);
  const Decide everything = [](const Job& before, WallTime) -> Result<Transition> {
    Transition change = next_version(before);
    Job& job = change.after;
    job.priority = 9;
    job.ready_at = job.updated_at = kStart + milliseconds{77};
    job.lease->until = kStart + milliseconds{78};
    job.cancel_requested = true;
    job.retry_count = 3;
    job.input = {.name = "n",
                 .bytes = ~0ULL >> 1U,
                 .sha256 = "F0",
                 .media_type = "m",
                 .blob = BlobId{"b"},
                 .payload = "p"};
    job.error = Failure{ErrorClass::resource, "HF-ENG-09", "too big"};
    job.messages = {"later"};
    job.requested_mode = "r";
    job.mode = "m";
    job.duration_ms = 1234;
    StageRecord& stage = job.stages[1];
    stage = {.name = "stt",
             .kind = "k",
             .title = "t",
             .bulkhead = "b",
             .state = StageState::failed,
             .attempts = 70'000};
    stage.interruptions = 4;
    stage.crashes = 5;
    stage.position_ms = stage.crash_position_ms = 1LL << 40U;
    stage.started_at = WallTime{milliseconds{-1}};
    stage.finished_at = WallTime{milliseconds{0}};
    stage.warnings = {"w"};
    stage.output = "{}";
    return change;
  };
  const Job expected = everything(working, kNow)->after;

  EXPECT_EQ(text_of(this->settle(working, everything)), text_of(expected));
  EXPECT_EQ(text_of(this->find(working.id)), text_of(expected));
  this->reopen();
  EXPECT_EQ(text_of(this->find(working.id)), text_of(expected));
}

TYPED_TEST_P(JobStoreContract, TH_2_AStaleFenceIsRefusedAndChangesNothing) {
  const Job stale = this->add_leased(1);
  this->settle(stale, giving_back());
  const auto newer = this->claim(claim_request());
  ASSERT_EQ(newer.size(), 1U);
  const std::string before = this->all_about(stale.id);

  EXPECT_EQ(this->refusal(this->store().update_leased(stale.id, stale.fence, succeeding())),
            this->stale_fence());
  EXPECT_EQ(this->refusal(this->store().update_leased(stale.id, newer.front().fence + 1, succeeding())),
            this->stale_fence());
  EXPECT_EQ(this->all_about(stale.id), before);
}

TYPED_TEST_P(JobStoreContract, TH_2_ALeaseThatIsOverIsRefusedThoughItsFenceIsTheNewest) {
  const Job finished = this->add_leased(1);
  const Job given_back = this->add_leased(2);
  this->settle(finished, failing(ErrorClass::permanent, "HF-MED-01"));
  this->settle(given_back, giving_back());
  for (const Job& late : {finished, given_back}) {
    const std::string before = this->all_about(late.id);
    EXPECT_EQ(this->refusal(this->store().update_leased(late.id, late.fence, succeeding())),
              this->stale_fence());
    EXPECT_EQ(this->all_about(late.id), before);
  }
}

TYPED_TEST_P(JobStoreContract, ADecisionAboutAnUnknownJobIsNotFound) {
  EXPECT_EQ(this->refusal(this->store().update_leased(item_id(1), 1, succeeding())), this->unknown_item());
  EXPECT_EQ(this->refusal(this->store().update(item_id(1), giving_back())), this->unknown_item());
}

TYPED_TEST_P(JobStoreContract, AnErrorOfTheDecisionIsReturnedAndChangesNothing) {
  const Job working = this->add_leased(1);
  const Decide refusing = [](const Job&, WallTime) -> Result<Transition> {
    return fail(ErrorClass::overloaded, "HF-TST-01", "not today");
  };
  const std::string before = this->all_about(working.id);
  const std::string expected = this->error_text(ErrorClass::overloaded, "HF-TST-01");

  EXPECT_EQ(this->refusal(this->store().update_leased(working.id, working.fence, refusing)), expected);
  EXPECT_EQ(this->refusal(this->store().update(working.id, refusing)), expected);
  EXPECT_EQ(this->all_about(working.id), before);
}

TYPED_TEST_P(JobStoreContract, AnybodyElseDecidesWithoutALease) {
  const Job working = this->add_leased(1);

  const Job asked =
      this->update(working.id, [](const Job& job, WallTime now) { return decide::request_cancel(job, now); });

  EXPECT_TRUE(asked.cancel_requested);
  EXPECT_EQ(asked.lease->fence, working.fence);
  EXPECT_EQ(text_of(this->find(working.id)), text_of(asked));
}

TYPED_TEST_P(JobStoreContract, ADecisionSeesTheJobAndTheTimeOfTheStore) {
  const Job working = this->add_leased(1);
  std::string seen;
  WallTime seen_now{};
  this->set_now(kNow + milliseconds{5});

  this->update(working.id, [&](const Job& job, WallTime now) {
    seen = text_of(job);
    seen_now = now;
    return Result<Transition>{next_version(job)};
  });

  EXPECT_EQ(seen, text_of(working));
  EXPECT_EQ(seen_now, kNow + milliseconds{5});
}

TYPED_TEST_P(JobStoreContract, AnIllegalTransitionIsRefusedByTheStoreToo) {
  const Job failed = this->settle(this->add_leased(1), failing(ErrorClass::permanent, "HF-MED-01"));
  const Job working = this->add_leased(2);
  const auto refused = [this](const Job& job, void (*change)(Job& after)) {
    const std::string before = this->all_about(job.id);
    const Decide wrong = [change](const Job& before_it, WallTime) {
      Transition made = next_version(before_it);
      made.audit.push_back({.type = "job.wrong"});
      change(made.after);
      return Result<Transition>{made};
    };
    const std::string error = this->refusal(this->store().update(job.id, wrong));
    return error == this->error_text(ErrorClass::conflict, "HF-ITM-03") && this->all_about(job.id) == before;
  };

  EXPECT_TRUE(refused(failed, [](Job& job) {
    job.status = JobStatus::processing;
    job.lease = Lease{.node = NodeId{"n"}, .fence = ++job.fence};
  }));
  EXPECT_TRUE(refused(failed, [](Job& job) { job.status = JobStatus::cancelled; }));
  EXPECT_TRUE(refused(working, [](Job& job) { job.version -= 1; }));
  EXPECT_TRUE(refused(working, [](Job& job) { job.version += 1; }));
  EXPECT_TRUE(refused(working, [](Job& job) { job.id = item_id(1); }));
  EXPECT_TRUE(refused(working, [](Job& job) { job.owner = "eve"; }));
  EXPECT_TRUE(refused(working, [](Job& job) { job.lease->fence = job.fence = 0; }));
  EXPECT_TRUE(refused(working, [](Job& job) { job.lease->node = NodeId{"thief"}; }));
}

// --- extend, checkpoint ---

TYPED_TEST_P(JobStoreContract, ALeaseIsExtendedFromNowOnWithoutATrace) {
  const Job working = this->add_leased(1);
  this->set_now(kNow + milliseconds{7000});

  ASSERT_TRUE(this->run(this->store().extend(working.id, working.fence, kLeaseFor)));

  const WallTime expected = kNow + milliseconds{7000} + kLeaseFor;
  EXPECT_EQ(this->find(working.id)->lease->until, expected);
  EXPECT_EQ(this->audit(working.id).size(), 2U);
  this->reopen();
  EXPECT_EQ(this->find(working.id)->lease->until, expected);
}

TYPED_TEST_P(JobStoreContract, TH_2_OnlyTheNewestLeaseIsExtended) {
  const Job working = this->add_leased(1);
  const std::string before = this->all_about(working.id);
  auto& store = this->store();
  this->set_now(kNow + milliseconds{7000});

  EXPECT_EQ(this->refusal(store.extend(working.id, working.fence - 1, kLeaseFor)), this->stale_fence());
  EXPECT_EQ(this->refusal(store.extend(working.id, working.fence + 1, kLeaseFor)), this->stale_fence());
  EXPECT_EQ(this->all_about(working.id), before);
  this->settle(working, giving_back());
  EXPECT_EQ(this->refusal(store.extend(working.id, working.fence, kLeaseFor)), this->stale_fence());
  EXPECT_EQ(this->refusal(store.extend(item_id(9), 1, kLeaseFor)), this->unknown_item());
}

TYPED_TEST_P(JobStoreContract, LAB_4_ACheckpointKeepsSegmentsGapsAndPosition) {
  const Job working = this->add_leased(1);
  auto& store = this->store();

  ASSERT_TRUE(this->run(store.checkpoint(working.id, working.fence, sample_checkpoint(0, 2))));
  ASSERT_TRUE(this->run(store.checkpoint(working.id, working.fence, sample_checkpoint(2, 3))));

  EXPECT_EQ(text_of(this->value(store.segments(working.id))), text_of(sample_segments(0, 3)));
  EXPECT_EQ(text_of(this->value(store.gaps(working.id))), text_of(sample_gaps(0, 3)));
  EXPECT_EQ(this->find(working.id)->stages[1].position_ms, 3000);
  EXPECT_EQ(this->audit(working.id).size(), 2U);
}

TYPED_TEST_P(JobStoreContract, FG_14_ACheckpointKeepsWhatIsToBeSaidOfItsSegments) {
  const Job working = this->add_leased(1);
  auto& store = this->store();
  Checkpoint made = sample_checkpoint(0, 2);
  made.warning = "with a smaller model";
  made.with_less = true;

  ASSERT_TRUE(this->run(store.checkpoint(working.id, working.fence, made)));
  ASSERT_TRUE(this->run(store.checkpoint(working.id, working.fence, made)));

  EXPECT_EQ(this->find(working.id)->stages[1].warnings, std::vector<std::string>{"with a smaller model"});
  EXPECT_EQ(this->audit(working.id).back().entry.type, "stage.warned");
  EXPECT_EQ(this->audit(working.id).size(), 3U) << "said once";
  this->reopen();
  EXPECT_TRUE(this->find(working.id)->stages[1].with_less);
}

TYPED_TEST_P(JobStoreContract, FG_2_WhatAFullerModeHasMoreJoinsTheStagesAndWhatIsFinishedStays) {
  Job less = sample_job(1);
  less.stages.resize(2);
  ASSERT_TRUE(this->run(this->store().enqueue(created(less))));
  const Job working = this->claim(claim_request()).at(0);
  ASSERT_TRUE(this->run(this->store().checkpoint(working.id, working.fence, sample_checkpoint(0, 2))));
  const Job done = this->settle(working, succeeding());
  ASSERT_EQ(done.status, JobStatus::completed);
  const auto results = text_of(this->value(this->store().results(done.id)));

  decide::Fuller wanted{.mode = "all", .plan = {done.stages[0], done.stages[1]}, .anew = {}};
  wanted.plan.push_back({.name = "more", .kind = "generate", .title = "More", .bulkhead = "engine"});
  const Decide decision = [wanted](const Job& job, WallTime now) { return decide::redo_in(job, wanted, now); };
  const Job begun = this->update(done.id, decision);
  this->reopen();

  EXPECT_EQ(text_of(this->find(done.id)), text_of(begun));
  EXPECT_EQ(begun.requested_mode + ' ' + begun.mode + ' ' + current_stage(begun)->name, "all all more");
  EXPECT_EQ(text_of(this->value(this->store().results(done.id))), results);
  EXPECT_EQ(text_of(this->value(this->store().segments(done.id))), text_of(sample_segments(0, 2)));
  EXPECT_EQ(this->audit(done.id).back().entry.type + ' ' + this->audit(done.id).back().entry.detail, "job.redo all");
  const Job again = this->claim(claim_request()).at(0);
  EXPECT_EQ(this->settle(again, succeeding()).status, JobStatus::completed);
}

TYPED_TEST_P(JobStoreContract, LAB_4_ARepeatedCheckpointChangesNothing) {
  const Job working = this->add_leased(1);
  auto& store = this->store();

  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(this->run(store.checkpoint(working.id, working.fence, sample_checkpoint(0, 2))));
  }

  EXPECT_EQ(text_of(this->value(store.segments(working.id))), text_of(sample_segments(0, 2)));
  EXPECT_EQ(text_of(this->value(store.gaps(working.id))), text_of(sample_gaps(0, 2)));
  EXPECT_EQ(this->find(working.id)->stages[1].position_ms, 2000);
}

TYPED_TEST_P(JobStoreContract, LAB_4_GapsAreNumberedByThemselves) {
  const Job working = this->add_leased(1);
  auto& store = this->store();
  const auto reach = [&](Checkpoint made) {
    return this->run(store.checkpoint(working.id, working.fence, std::move(made))).has_value();
  };
  const Checkpoint gap_alone{.first_segment = 2, .gaps = sample_gaps(2, 3), .position_ms = 3000};
  const Checkpoint both{.first_segment = 2,
                        .segments = sample_segments(3, 4),
                        .first_gap = 1,
                        .gaps = sample_gaps(3, 4),
                        .position_ms = 4000};

  ASSERT_TRUE(reach({.segments = sample_segments(0, 2), .position_ms = 2000}));
  for (int round = 0; round < 2; ++round) ASSERT_TRUE(reach(gap_alone));
  for (int round = 0; round < 2; ++round) ASSERT_TRUE(reach(both));

  EXPECT_EQ(this->value(store.segments(working.id)).size(), 3U);
  EXPECT_EQ(text_of(this->value(store.gaps(working.id))), text_of(sample_gaps(2, 4)));
  this->reopen();
  EXPECT_EQ(text_of(this->value(this->store().gaps(working.id))), text_of(sample_gaps(2, 4)));
}

TYPED_TEST_P(JobStoreContract, LAB_4_ACheckpointReplacesEverythingFromItsFirstNumbersOn) {
  const Job working = this->add_leased(1);
  auto& store = this->store();
  ASSERT_TRUE(this->run(store.checkpoint(working.id, working.fence, sample_checkpoint(0, 5))));

  Checkpoint made = sample_checkpoint(7, 8);
  made.first_segment = 2;
  made.first_gap = 1;
  ASSERT_TRUE(this->run(store.checkpoint(working.id, working.fence, std::move(made))));

  auto segments = sample_segments(0, 2);
  segments.push_back(sample_segment(7));
  EXPECT_EQ(text_of(this->value(store.segments(working.id))), text_of(segments));
  auto gaps = sample_gaps(0, 1);
  gaps.push_back(sample_gaps(7, 8).front());
  EXPECT_EQ(text_of(this->value(store.gaps(working.id))), text_of(gaps));
}

TYPED_TEST_P(JobStoreContract, TH_2_ACheckpointOfAStaleLeaseChangesNothing) {
  const Job stale = this->add_leased(1);
  auto& store = this->store();
  ASSERT_TRUE(this->run(store.checkpoint(stale.id, stale.fence, sample_checkpoint(0, 2))));
  this->settle(stale, giving_back());
  const std::string over = this->all_about(stale.id);
  const Checkpoint late = sample_checkpoint(2, 3);
  EXPECT_EQ(this->refusal(store.checkpoint(stale.id, stale.fence, late)), this->stale_fence());
  EXPECT_EQ(this->all_about(stale.id), over);

  ASSERT_EQ(this->claim(claim_request()).size(), 1U);
  const std::string newer = this->all_about(stale.id);
  EXPECT_EQ(this->refusal(store.checkpoint(stale.id, stale.fence, late)), this->stale_fence());
  EXPECT_EQ(this->all_about(stale.id), newer);
  EXPECT_EQ(this->refusal(store.checkpoint(item_id(9), 1, {.position_ms = 1})), this->unknown_item());
}

TYPED_TEST_P(JobStoreContract, ACheckpointNeverGoesBackAndLeavesNothingOut) {
  const Job working = this->add_leased(1);
  auto& store = this->store();
  ASSERT_TRUE(this->run(store.checkpoint(working.id, working.fence, sample_checkpoint(0, 2))));
  const std::string before = this->all_about(working.id);
  const std::string conflict = this->error_text(ErrorClass::conflict, "HF-ITM-03");

  const auto refused = [&](Checkpoint made) {
    return this->refusal(store.checkpoint(working.id, working.fence, std::move(made))) == conflict;
  };
  Checkpoint gap_missing = sample_checkpoint(2, 4);
  gap_missing.first_gap = 3;

  EXPECT_TRUE(refused({.first_segment = 1, .position_ms = 1999}));
  EXPECT_TRUE(refused(sample_checkpoint(3, 4)));
  EXPECT_TRUE(refused(gap_missing));
  EXPECT_EQ(this->all_about(working.id), before);
}

REGISTER_TYPED_TEST_SUITE_P(
    JobStoreContract, FR_2_ANewJobIsKeptAsItWasHandedIn, TextIsDataAndComesBackByteForByte,
    IdsThatLookNearlyAlikeAreDifferent, TH_2_TheSameKeyForTheSameThingReturnsTheFirstJob,
    TH_2_TheSameKeyForSomethingElseIsRefused, TH_2_AKeyIsKnownAsLongAsItsItemAndReturnsTheJobAsItIsNow,
    TH_2_RequestsWithTheSameKeyAtTheSameTimeMakeOneJob, KeysBelongToTheirOwner, AKeyThatWasGivenUpIsFreeForSomethingElse,
    JobsWithoutAKeyAreNeverTheSame, AnIdIsGivenOnce, AJobStartsPendingAndWithoutALease,
    WhatIsNotThereIsNotFound, FR_2_ClaimsByPriorityThenTheLongestDueThenTheOldest,
    FR_2_AScheduledJobWaitsForItsTimeAndHoldsUpNobody, AClaimTakesAtMostAsManyAsAskedFor,
    AClaimTakesOnlyJobsOfItsBulkhead, HeldAndFinishedJobsAreNotClaimed, AClaimLeasesTheJob,
    ALeaseOfALocalHolderIsSeenAndToldAsAnyOther,
    TH_2_TwoClaimersNeverGetTheSameJob, TH_2_FencesGrowStrictly, AHolderOfTheLeaseAppliesItsDecision,
    EveryFieldThatADecisionMayChangeIsKept, TH_2_AStaleFenceIsRefusedAndChangesNothing,
    TH_2_ALeaseThatIsOverIsRefusedThoughItsFenceIsTheNewest, ADecisionAboutAnUnknownJobIsNotFound,
    AnErrorOfTheDecisionIsReturnedAndChangesNothing, AnybodyElseDecidesWithoutALease,
    ADecisionSeesTheJobAndTheTimeOfTheStore, AnIllegalTransitionIsRefusedByTheStoreToo,
    ALeaseIsExtendedFromNowOnWithoutATrace, TH_2_OnlyTheNewestLeaseIsExtended,
    LAB_4_ACheckpointKeepsSegmentsGapsAndPosition, LAB_4_ARepeatedCheckpointChangesNothing, FG_14_ACheckpointKeepsWhatIsToBeSaidOfItsSegments,
    FG_2_WhatAFullerModeHasMoreJoinsTheStagesAndWhatIsFinishedStays,
    LAB_4_GapsAreNumberedByThemselves, LAB_4_ACheckpointReplacesEverythingFromItsFirstNumbersOn,
    TH_2_ACheckpointOfAStaleLeaseChangesNothing,
    ACheckpointNeverGoesBackAndLeavesNothingOut);

}  // namespace holdfast::contract
