#pragma once

#include <algorithm>
#include <functional>
#include <set>

#include "tests/contract/job_store_test_base.hpp"

/// What every JobStore must remember: trail, event log, outbox, lists, counts, results, users. See
/// job_store_contract.hpp.
namespace holdfast::contract {

template <class Backend>
class JobStoreRecordContract : public JobStoreTest<Backend> {};
TYPED_TEST_SUITE_P(JobStoreRecordContract);

// --- audit trail, event log, outbox ---

TYPED_TEST_P(JobStoreRecordContract, FR_1_EveryAttemptLeavesItsTrail) {
  const Job first = this->add_leased(1);
  this->settle(first, failing(ErrorClass::transient, "HF-ENG-01"));
  const auto second = this->claim(claim_request());
  ASSERT_EQ(second.size(), 1U);
  this->settle(second.front(), succeeding());

  const auto trail = this->audit(first.id);

  const std::string item = item_id(1).text() + " ada ";
  const auto number = [](WallTime time) { return std::to_string(time.time_since_epoch().count()); };
  EXPECT_EQ(text_of(trail), item + number(kStart + milliseconds{1}) +
                                " job.created  0 0 by test pending\n" +                              //
                                item + number(kNow) + " stage.started stt 1 1  processing\n" +       //
                                item + number(kNow) + " stage.failed stt 1 1 HF-ENG-01 pending\n" +  //
                                item + number(kNow) + " stage.started stt 2 2  processing\n" +       //
                                item + number(kNow) + " stage.completed stt 2 2  pending\n");
}

TYPED_TEST_P(JobStoreRecordContract, ARecordIsEverythingThatThereIsOfAnItem) {
  const Job working = this->add_leased(1);
  Checkpoint made{.segments = sample_segments(0, 2), .position_ms = 2000};
  ASSERT_TRUE(this->run(this->store().checkpoint(working.id, working.fence, std::move(made))));
  this->settle(working, succeeding());

  const auto record = this->value(this->store().record(working.id));

  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(text_of(record->job), text_of(this->find(working.id)));
  EXPECT_EQ(text_of(record->segments), text_of(this->value(this->store().segments(working.id))));
  EXPECT_EQ(record->segments.size(), 2U);
  EXPECT_EQ(record->gaps.size(), this->value(this->store().gaps(working.id)).size());
  EXPECT_EQ(record->results.size(), 1U);
  EXPECT_FALSE(this->value(this->store().record(item_id(2))).has_value());
}

TYPED_TEST_P(JobStoreRecordContract, FR_1_TheLogIsInCommitOrderOverAllJobs) {
  this->add(1);
  this->add(2);
  this->settle(this->claim(claim_request()).at(0), giving_back());
  this->add(3);

  const auto log = this->log();

  const std::vector<std::string> types{"job.created", "job.created", "stage.started", "stage.interrupted",
                                       "job.created"};
  EXPECT_EQ(types_of(log), types);
  const auto seqs = seqs_of(log);
  EXPECT_TRUE(std::ranges::adjacent_find(seqs, std::greater_equal{}) == seqs.end());
  EXPECT_GT(seqs.front(), 0U);
  EXPECT_EQ(text_of(this->audit(item_id(3))), text_of({log.back()}));
  EXPECT_EQ(seqs_of(this->audit(item_id(3))), std::vector{seqs.back()});
}

TYPED_TEST_P(JobStoreRecordContract, AuditEntriesOfAnyWordAreKept) {
  Transition change = created(1);
  change.audit = {
      {.type = hostile_text(), .stage = hostile_text(), .attempt = ~0U, .fence = 9, .detail = hostile_text()},
      {.type = "job.dead", .stage = "rating"},
      {.type = "", .stage = "no such stage"}};
  this->value(this->store().enqueue(change));

  const auto trail = this->audit(item_id(1));

  ASSERT_EQ(trail.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(trail[i].entry.type, change.audit[i].type);
    EXPECT_EQ(trail[i].entry.stage, change.audit[i].stage);
    EXPECT_EQ(trail[i].entry.attempt, change.audit[i].attempt);
    EXPECT_EQ(trail[i].entry.fence, change.audit[i].fence);
    EXPECT_EQ(trail[i].entry.detail, change.audit[i].detail);
  }
}

TYPED_TEST_P(JobStoreRecordContract, EventsAreReadPageByPage) {
  for (unsigned n = 1; n <= 5; ++n) this->add(n);
  const auto all = this->log();
  ASSERT_EQ(all.size(), 5U);

  const auto page = this->value(this->store().events_after(all[1].seq, 2));

  EXPECT_EQ(seqs_of(page), (std::vector{all[2].seq, all[3].seq}));
  EXPECT_EQ(text_of(page), text_of({all[2], all[3]}));
  EXPECT_TRUE(this->value(this->store().events_after(all.back().seq, 9)).empty());
}

TYPED_TEST_P(JobStoreRecordContract, TH_5_EveryAuditRowGoesIntoTheOutboxInCommitOrder) {
  const Job working = this->add_leased(1);
  this->add(2);
  this->settle(working, succeeding());

  EXPECT_EQ(seqs_of(this->outbox()), seqs_of(this->log()));
  EXPECT_EQ(text_of(this->outbox()), text_of(this->log()));
  EXPECT_EQ(this->outbox().size(), 4U);
  EXPECT_EQ(seqs_of(this->value(this->store().outbox(2))),
            (std::vector{this->log()[0].seq, this->log()[1].seq}));
}

TYPED_TEST_P(JobStoreRecordContract, TH_5_WhatIsDeliveredLeavesTheOutboxButNotTheLog) {
  for (unsigned n = 1; n <= 3; ++n) this->add(n);
  const auto seqs = seqs_of(this->log());

  ASSERT_TRUE(this->run(this->store().delivered({seqs[0], seqs[2]})));
  ASSERT_TRUE(this->run(this->store().delivered({seqs[0], 999'999})));  // again, and one that never was
  ASSERT_TRUE(this->run(this->store().delivered({})));

  EXPECT_EQ(seqs_of(this->outbox()), std::vector{seqs[1]});
  EXPECT_EQ(seqs_of(this->log()), seqs);
  this->reopen();
  EXPECT_EQ(seqs_of(this->outbox()), std::vector{seqs[1]});
}

TYPED_TEST_P(JobStoreRecordContract, ANumberOfAnEventIsNeverUsedAgain) {
  this->add(1);
  const auto before = seqs_of(this->log());
  ASSERT_TRUE(this->run(this->store().delivered(before)));

  this->reopen();
  this->add(2);

  EXPECT_GT(seqs_of(this->outbox()).at(0), before.back());
}

// --- list, counts ---

TYPED_TEST_P(JobStoreRecordContract, JobsAreListedNewestFirstPageByPage) {
  for (unsigned n = 1; n <= 5; ++n) this->add(n);
  Query query{.limit = 2};

  EXPECT_EQ(ids_of(this->value(this->store().list(query))), (std::vector{item_id(5), item_id(4)}));
  query.before = item_id(4);
  EXPECT_EQ(ids_of(this->value(this->store().list(query))), (std::vector{item_id(3), item_id(2)}));
  query.before = item_id(2);
  EXPECT_EQ(ids_of(this->value(this->store().list(query))), std::vector{item_id(1)});
  query.before = item_id(1);
  EXPECT_TRUE(this->value(this->store().list(query)).empty());
}

TYPED_TEST_P(JobStoreRecordContract, LAB_3_AListIsFilteredByOwnerStatusAndRecipe) {
  this->settle(this->add_leased(1), failing(ErrorClass::permanent, "HF-MED-01"));
  const auto add = [&](unsigned n, const char* owner, const char* recipe) {
    Job job = sample_job(n);
    job.owner = owner;
    job.recipe = recipe;
    this->add(job);
  };
  add(2, "ada", "memories");
  add(3, "bob", "introductions");
  add(4, "ada", "introductions");
  const auto list = [this](Query query) { return ids_of(this->value(this->store().list(std::move(query)))); };

  EXPECT_EQ(list({.owner = "ada"}), (std::vector{item_id(4), item_id(2), item_id(1)}));
  EXPECT_EQ(list({.owner = "ada", .before = item_id(4)}), (std::vector{item_id(2), item_id(1)}));
  EXPECT_EQ(list({.status = JobStatus::pending}), (std::vector{item_id(4), item_id(3), item_id(2)}));
  EXPECT_EQ(list({.recipe = "introductions"}), (std::vector{item_id(4), item_id(3), item_id(1)}));
  EXPECT_EQ(list({.owner = "ada", .status = JobStatus::pending}), (std::vector{item_id(4), item_id(2)}));
  EXPECT_EQ(list({.owner = "ada", .status = JobStatus::failed, .recipe = "introductions"}),
            std::vector{item_id(1)});
  EXPECT_TRUE(list({.owner = "eve"}).empty());
  EXPECT_TRUE(list({.owner = ""}).empty());
}

TYPED_TEST_P(JobStoreRecordContract, JobsAreCountedByBulkheadAndStatus) {
  EXPECT_TRUE(this->value(this->store().counts()).empty());
  this->settle(this->add_leased(1), succeeding());
  this->settle(this->add_leased(2), failing(ErrorClass::permanent, "HF-MED-01"));
  this->add_leased(3);
  this->add(4);
  this->add(5);

  std::set<std::string> counted;
  for (const QueueCount& count : this->value(this->store().counts())) {
    counted.insert(count.bulkhead + " " + std::string{to_word(count.status)} + " " +
                   std::to_string(count.jobs));
  }

  EXPECT_EQ(counted,
            (std::set<std::string>{"llm pending 1", " failed 1", "engine processing 1", "engine pending 2"}));
}

TYPED_TEST_P(JobStoreRecordContract, LAB_11_WhoHasUnfinishedJobsIsKnown) {
  EXPECT_TRUE(this->value(this->store().active_owners()).empty());
  for (unsigned n = 1; n <= 4; ++n) {
    Job job = sample_job(n);
    job.owner = n == 1 ? "done" : n == 2 ? "at work" : n == 3 ? "waiting" : "waiting";
    this->add(job);
    if (n == 1) this->settle(this->claim(claim_request()).front(), failing(ErrorClass::permanent, "HF-MED-01"));
    if (n == 2) this->claim(claim_request());
  }

  EXPECT_EQ(this->value(this->store().active_owners()), (std::set<std::string>{"at work", "waiting"}));
}

TYPED_TEST_P(JobStoreRecordContract, LAB_10_LeasedJobsAreFoundForRecovery) {
  this->settle(this->add_leased(1), succeeding());
  this->add_leased(2);
  this->add_leased(3);
  this->add(4);

  this->reopen();

  auto leased = this->value(this->store().leased());
  std::ranges::sort(leased);
  EXPECT_EQ(leased, (std::vector{item_id(2), item_id(3)}));
}

TYPED_TEST_P(JobStoreRecordContract, HeldJobsAreFoundByWhatTheyWaitFor) {
  this->settle(this->add_leased(1), failing(ErrorClass::dependency, "whisper"));
  this->settle(this->add_leased(2), failing(ErrorClass::dependency, "ffmpeg"));
  this->settle(this->add_leased(3), failing(ErrorClass::dependency, "whisper"));
  this->add(4);

  auto held = this->value(this->store().held("whisper"));
  std::ranges::sort(held);
  EXPECT_EQ(held, (std::vector{item_id(1), item_id(3)}));
  EXPECT_TRUE(this->value(this->store().held("nothing")).empty());
  EXPECT_TRUE(this->value(this->store().held(std::string{kHeldForRedo})).empty());
  EXPECT_TRUE(this->value(this->store().held("")).empty());
}

TYPED_TEST_P(JobStoreRecordContract, FR_2_TheNextDueTimeIsKnown) {
  const auto add_due = [&](unsigned n, int priority, int after_ms, const char* held_for) {
    Job job = sample_job(n);
    job.priority = priority;
    job.ready_at = kStart + milliseconds{after_ms};
    job.held_for = held_for;
    this->add(job);
  };
  EXPECT_EQ(this->value(this->store().next_due("engine")), std::nullopt);
  add_due(1, 0, 900, "");
  add_due(2, 9, 500, "");
  add_due(3, 5, 100, "whisper");

  this->set_now(kStart + milliseconds{300});
  EXPECT_EQ(this->value(this->store().next_due("engine")), milliseconds{200});
  this->set_now(kStart + milliseconds{501});
  EXPECT_EQ(this->value(this->store().next_due("engine")), milliseconds{0});
  EXPECT_EQ(this->value(this->store().next_due("llm")), std::nullopt);
  this->set_now(kStart + milliseconds{900});
  ASSERT_EQ(this->claim(claim_request("engine", 9)).size(), 2U);
  EXPECT_EQ(this->value(this->store().next_due("engine")), std::nullopt);
}

TYPED_TEST_P(JobStoreRecordContract, PendingJobsFromTheFutureAreFoundWhenTheCalendarWasSetBack) {
  this->settle(this->add_leased(1), giving_back());
  this->add_leased(2);
  this->add(3);
  EXPECT_TRUE(this->value(this->store().from_the_future()).empty());

  this->set_now(kNow - milliseconds{1});

  EXPECT_EQ(this->value(this->store().from_the_future()), std::vector{item_id(1)});
  this->update(item_id(1), [](const Job& job, WallTime now) { return decide::wait_anew(job, now); });
  EXPECT_TRUE(this->value(this->store().from_the_future()).empty());
}

// --- results, users, the whole ---

TYPED_TEST_P(JobStoreRecordContract, TH_2_AResultIsPublishedWithItsTransitionAndOnlyOnce) {
  const Job working = this->add_leased(1);
  this->settle(working, succeeding("{\"text\":\"first\"}"));
  EXPECT_EQ(this->refusal(
                this->store().update_leased(working.id, working.fence, succeeding("{\"text\":\"late\"}"))),
            this->stale_fence());

  EXPECT_EQ(text_of(this->value(this->store().results(working.id))), "stt/transcript={\"text\":\"first\"}\n");
}

TYPED_TEST_P(JobStoreRecordContract, AResultOfTheSameNameReplacesTheEarlierOne) {
  const Job working = this->add_leased(1);
  const auto publish = [](std::string json) -> Decide {
    return [json](const Job& job, WallTime) {
      Transition change = next_version(job);
      change.publish = {{.stage = "stt", .name = "transcript", .json = json}};
      return Result<Transition>{change};
    };
  };

  this->settle(working, publish("1"));
  this->settle(working, publish(hostile_text()));

  EXPECT_EQ(text_of(this->value(this->store().results(working.id))),
            "stt/transcript=" + hostile_text() + "\n");
}

TYPED_TEST_P(JobStoreRecordContract, ARetryThrowsAwayWhatItsStagesHadMade) {
  const Job other = this->add_leased(2);
  this->settle(other, succeeding("other"));
  const Job working = this->add_leased(1);
  auto& store = this->store();
  ASSERT_TRUE(this->run(store.checkpoint(working.id, working.fence, sample_checkpoint(0, 2))));
  this->settle(working, [](const Job& job, WallTime) {
    Transition change = next_version(job);
    change.publish = {{.stage = "upload", .name = "kept", .json = "0"},
                      {.stage = "stt", .name = "transcript", .json = "1"},
                      {.stage = "rating", .name = "rating", .json = "2"}};
    return Result<Transition>{change};
  });
  this->settle(working, failing(ErrorClass::permanent, "HF-MED-01"));

  const Job again =
      this->update(working.id, [](const Job& job, WallTime now) { return decide::retry(job, "stt", now); });

  EXPECT_EQ(again.status, JobStatus::pending);
  EXPECT_EQ(text_of(this->value(store.results(working.id))), "upload/kept=0\n");
  EXPECT_TRUE(this->value(store.segments(working.id)).empty());
  EXPECT_TRUE(this->value(store.gaps(working.id)).empty());
  EXPECT_EQ(text_of(this->value(store.results(other.id))), "stt/transcript=other\n");
  EXPECT_EQ(ids_of(this->claim(claim_request())), std::vector{working.id});
}

TYPED_TEST_P(JobStoreRecordContract, ARetryThatGoesOnKeepsSegmentsAndGaps) {
  const Job working = this->add_leased(1);
  auto& store = this->store();
  ASSERT_TRUE(this->run(store.checkpoint(working.id, working.fence, sample_checkpoint(0, 2))));
  this->settle(working, failing(ErrorClass::permanent, "HF-MED-01"));

  this->update(working.id, [](const Job& job, WallTime now) { return decide::retry(job, "", now); });

  EXPECT_EQ(text_of(this->value(store.segments(working.id))), text_of(sample_segments(0, 2)));
  EXPECT_EQ(text_of(this->value(store.gaps(working.id))), text_of(sample_gaps(0, 2)));
  EXPECT_EQ(this->find(working.id)->stages[1].position_ms, 2000);
}

TYPED_TEST_P(JobStoreRecordContract, AFilledTranscriptTakesThePlaceOfTheEarlierOneWithItsStage) {
  const Job working = this->add_leased(1);
  ASSERT_TRUE(this->run(this->store().checkpoint(working.id, working.fence, sample_checkpoint(0, 2))));
  this->settle(working, succeeding());
  this->settle(this->claim(claim_request("llm")).at(0), succeeding());
  const std::vector<speech::Region> gaps{{100, 200}, {300, 400}};
  this->update(item_id(1), [&](const Job& job, WallTime now) { return decide::fill_gaps(job, gaps, now); });
  EXPECT_EQ(this->find(item_id(1))->stages[1].fill, gaps) << "it is kept over a restart";
  EXPECT_EQ(this->value(this->store().segments(item_id(1))).size(), 2U) << "all stays until there is something new";
  EXPECT_EQ(this->value(this->store().results(item_id(1))).size(), 2U);

  decide::StageOutcome outcome;
  outcome.publish.push_back({.name = "transcript", .json = "{\"new\":1}"});
  outcome.filled = {.whole = {.segments = sample_segments(0, 3), .gaps = sample_gaps(1, 2)}, .segments_gained = 1};
  this->settle(this->claim(claim_request()).at(0),
               [outcome](const Job& job, WallTime now) { return decide::succeed(job, outcome, now); });

  EXPECT_EQ(text_of(this->value(this->store().segments(item_id(1)))), text_of(sample_segments(0, 3)));
  EXPECT_EQ(text_of(this->value(this->store().gaps(item_id(1)))), text_of(sample_gaps(1, 2)));
  const auto results = this->value(this->store().results(item_id(1)));
  ASSERT_EQ(results.size(), 1U) << "what was made of the transcript before is gone";
  EXPECT_EQ(results[0].json, "{\"new\":1}");
}

TYPED_TEST_P(JobStoreRecordContract, FR_1_WhatWasAcknowledgedIsThereAfterARestart) {
  this->settle(this->add_leased(1), succeeding("{}"));
  const Job working = this->add_leased(2);
  ASSERT_TRUE(this->run(this->store().checkpoint(working.id, working.fence, sample_checkpoint(0, 2))));
  this->add(3);
  const auto everything = [this] {
    std::string text;
    for (unsigned n = 1; n <= 3; ++n) text += this->all_about(item_id(n)) + "\n";
    return text + text_of(this->log()) + text_of(this->outbox());
  };
  const std::string before = everything();

  this->reopen();

  EXPECT_EQ(everything(), before);
  EXPECT_TRUE(this->run(this->store().update_leased(working.id, working.fence, succeeding())).has_value());
}

TYPED_TEST_P(JobStoreRecordContract, ASoundStoreHasNoComplaints) {
  EXPECT_TRUE(this->value(this->store().check()).empty());
  this->settle(this->add_leased(1), succeeding("{}"));
  this->settle(this->add_leased(2), failing(ErrorClass::permanent, "HF-MED-01"));
  EXPECT_THAT(this->value(this->store().check()), testing::IsEmpty());
}

TYPED_TEST_P(JobStoreRecordContract, FR_6_DeadLettersAreListedNewestFirstByWhatTheyFailedOf) {
  for (unsigned n = 1; n <= 4; ++n) {
    Job job = sample_job(n);
    job.owner = n == 4 ? "eve" : "ada";
    job.recipe = n == 3 ? "voicesync" : "introductions";
    this->add(job);
    this->set_now(kNow + milliseconds{n * 1000});
    const auto leased = this->claim(claim_request());
    this->settle(leased.front(), failing(ErrorClass::permanent, n == 2 ? "HF-MED-03" : "HF-MED-01"));
  }
  this->add(5);
  const auto found = [this](DeadLetterFilter filter, ItemId before = {}, unsigned limit = 50) {
    return ids_of(this->value(this->store().dead_letters({std::move(filter), std::move(before), limit})));
  };

  EXPECT_EQ(found({}), (std::vector{item_id(4), item_id(3), item_id(2), item_id(1)}));
  EXPECT_EQ(found({}, item_id(3), 1), std::vector{item_id(2)});
  EXPECT_EQ(found({.owner = "eve"}), std::vector{item_id(4)});
  EXPECT_EQ(found({.recipe = "voicesync"}), std::vector{item_id(3)});
  EXPECT_EQ(found({.code = "HF-MED-03"}), std::vector{item_id(2)});
  EXPECT_EQ(found({.stage = "stt", .kind = "transcribe"}).size(), 4U);
  EXPECT_TRUE(found({.stage = "rating"}).empty());
  EXPECT_TRUE(found({.kind = "generate"}).empty());
  EXPECT_EQ(found({.failed_from = kNow + milliseconds{2000}, .failed_until = kNow + milliseconds{3000}}),
            (std::vector{item_id(3), item_id(2)}));
  EXPECT_TRUE(found({.discarded = true}).empty());
}

TYPED_TEST_P(JobStoreRecordContract, FR_6_DeadLettersAreCountedByCause) {
  for (unsigned n = 1; n <= 5; ++n) {
    this->set_now(kNow + milliseconds{n * 1000});
    this->settle(this->add_leased(n), failing(ErrorClass::permanent, n == 2 ? "HF-MED-03" : "HF-MED-01"));
  }
  this->update(item_id(5), [](const Job& job, WallTime now) { return decide::discard(job, "root", "old", now); });

  const auto groups = this->value(this->store().dead_letter_groups({}));

  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].recipe + ' ' + groups[0].stage + ' ' + groups[0].kind + ' ' + groups[0].code,
            "introductions stt transcribe HF-MED-01");
  EXPECT_EQ(groups[0].count, 3U);
  EXPECT_EQ(groups[0].first_at, kNow + milliseconds{1000});
  EXPECT_EQ(groups[0].last_at, kNow + milliseconds{4000});
  EXPECT_EQ(groups[0].samples, (std::vector{item_id(4), item_id(3), item_id(1)}));
  EXPECT_EQ(groups[1].count, 1U);
  EXPECT_EQ(this->value(this->store().dead_letter_groups({.code = "HF-MED-03"})).size(), 1U);
  EXPECT_EQ(this->value(this->store().dead_letter_groups({.discarded = true})).at(0).count, 1U);
}

TYPED_TEST_P(JobStoreRecordContract, FR_6_QueuesAreCountedByKindOfStage) {
  this->settle(this->add_leased(1), succeeding("{}"));
  this->settle(this->add_leased(2), failing(ErrorClass::permanent, "HF-MED-01"));
  this->settle(this->add_leased(3), failing(ErrorClass::permanent, "HF-MED-01"));
  this->update(item_id(3), [](const Job& job, WallTime now) { return decide::discard(job, "root", "old", now); });
  this->settle(this->add_leased(4), failing(ErrorClass::dependency, "HF-ENG-02"));
  this->add_leased(5);
  Job later = sample_job(6);
  later.ready_at = kNow + milliseconds{60'000};
  this->add(later);
  Job due = sample_job(7);
  due.updated_at = kNow - milliseconds{90'000};
  this->add(due);

  const auto stats = this->value(this->store().queue_stats());

  ASSERT_EQ(stats.size(), 2U) << "generate has one that waits, transcribe all others";
  EXPECT_EQ(stats[0].kind, "generate");
  EXPECT_EQ(stats[0].pending, 1U);
  const QueueStats& speech = stats[1];
  EXPECT_EQ(speech.kind, "transcribe");
  EXPECT_EQ(speech.pending, 1U);
  EXPECT_EQ(speech.scheduled, 1U);
  EXPECT_EQ(speech.held, 1U);
  EXPECT_EQ(speech.processing, 1U);
  EXPECT_EQ(speech.failed, 1U) << "a discarded one needs nobody";
  EXPECT_EQ(speech.oldest.value(), milliseconds{90'000});
  EXPECT_EQ(speech.completed_last_hour, 1U);
}

TYPED_TEST_P(JobStoreRecordContract, WhatWasCompletedLongAgoIsNotCountedAsOfTheLastHour) {
  this->settle(this->add_leased(1), succeeding("{}"));
  this->set_now(kNow + std::chrono::hours{2});
  const auto stats = this->value(this->store().queue_stats());
  ASSERT_EQ(stats.size(), 1U);
  EXPECT_EQ(stats[0].kind + std::to_string(stats[0].completed_last_hour), "generate0");
}

TYPED_TEST_P(JobStoreRecordContract, AKeyIsLookedUpForAllOwners) {
  for (unsigned n = 1; n <= 3; ++n) {
    Job job = sample_job(n);
    job.owner = n == 1 ? "eve" : n == 2 ? "ada" : "bob";
    job.job_key = n == 3 ? "other" : "same";
    this->add(job);
  }
  Job keyless = sample_job(4);
  keyless.job_key.clear();
  this->add(keyless);

  EXPECT_EQ(ids_of(this->value(this->store().find_key_of_all("same"))), (std::vector{item_id(2), item_id(1)}));
  EXPECT_EQ(ids_of(this->value(this->store().find_key_of_all("other"))), std::vector{item_id(3)});
  EXPECT_TRUE(this->value(this->store().find_key_of_all("none")).empty());
  EXPECT_TRUE(this->value(this->store().find_key_of_all("")).empty());
}

TYPED_TEST_P(JobStoreRecordContract, FR_6_ADiscardedItemStaysWithoutWhatWasMadeOfIt) {
  const Job working = this->add_leased(1);
  auto& store = this->store();
  ASSERT_TRUE(this->run(store.checkpoint(working.id, working.fence, sample_checkpoint(0, 2))));
  this->settle(working, failing(ErrorClass::permanent, "HF-MED-01"));

  const Job discarded = this->update(
      working.id, [](const Job& job, WallTime now) { return decide::discard(job, "root", "sent twice", now); });
  this->reopen();

  EXPECT_EQ(text_of(this->find(working.id)), text_of(discarded));
  EXPECT_EQ(discarded.discarded, "sent twice");
  EXPECT_TRUE(this->value(this->store().segments(working.id)).empty());
  EXPECT_TRUE(this->value(this->store().gaps(working.id)).empty());
  EXPECT_EQ(types_of(this->audit(working.id)).back(), "job.discarded");
  EXPECT_EQ(this->refusal(this->store().update(
                working.id, [](const Job& job, WallTime now) { return decide::retry(job, "", now); })),
            this->error_text(ErrorClass::conflict, "HF-ITM-07"));
}

TYPED_TEST_P(JobStoreRecordContract, LAB_13_AResultByHandReplacesWhatWasTranscribed) {
  const Job working = this->add_leased(1);
  ASSERT_TRUE(this->run(this->store().checkpoint(working.id, working.fence, sample_checkpoint(0, 3))));
  this->settle(working, failing(ErrorClass::permanent, "HF-ENG-05"));
  const decide::ByHand made{.who = "root",
                            .results = {{.stage = "stt", .name = "transcript", .json = "{\"by_hand\":1}"}},
                            .segments = sample_segments(7, 9)};

  this->update(working.id,
               [made](const Job& job, WallTime now) { return decide::complete_by_hand(job, made, now); });
  this->reopen();

  EXPECT_EQ(this->find(working.id)->status, JobStatus::completed);
  EXPECT_EQ(text_of(this->value(this->store().segments(working.id))), text_of(sample_segments(7, 9)));
  EXPECT_TRUE(this->value(this->store().gaps(working.id)).empty());
  EXPECT_EQ(text_of(this->value(this->store().results(working.id))), "stt/transcript={\"by_hand\":1}\n");
  EXPECT_EQ(types_of(this->audit(working.id)).back(), "job.completed");
}

REGISTER_TYPED_TEST_SUITE_P(JobStoreRecordContract, FR_1_EveryAttemptLeavesItsTrail,
                            ARecordIsEverythingThatThereIsOfAnItem,
                            FR_1_TheLogIsInCommitOrderOverAllJobs, AuditEntriesOfAnyWordAreKept,
                            EventsAreReadPageByPage, TH_5_EveryAuditRowGoesIntoTheOutboxInCommitOrder,
                            TH_5_WhatIsDeliveredLeavesTheOutboxButNotTheLog, ANumberOfAnEventIsNeverUsedAgain,
                            JobsAreListedNewestFirstPageByPage, LAB_3_AListIsFilteredByOwnerStatusAndRecipe,
                            JobsAreCountedByBulkheadAndStatus, LAB_11_WhoHasUnfinishedJobsIsKnown,
    LAB_10_LeasedJobsAreFoundForRecovery,
                            HeldJobsAreFoundByWhatTheyWaitFor, FR_2_TheNextDueTimeIsKnown,
                            PendingJobsFromTheFutureAreFoundWhenTheCalendarWasSetBack,
                            TH_2_AResultIsPublishedWithItsTransitionAndOnlyOnce,
                            AResultOfTheSameNameReplacesTheEarlierOne, ARetryThrowsAwayWhatItsStagesHadMade,
                            ARetryThatGoesOnKeepsSegmentsAndGaps,
                            AFilledTranscriptTakesThePlaceOfTheEarlierOneWithItsStage,
                            FR_1_WhatWasAcknowledgedIsThereAfterARestart, ASoundStoreHasNoComplaints,
                            FR_6_DeadLettersAreListedNewestFirstByWhatTheyFailedOf,
                            FR_6_DeadLettersAreCountedByCause, FR_6_QueuesAreCountedByKindOfStage,
                            WhatWasCompletedLongAgoIsNotCountedAsOfTheLastHour, AKeyIsLookedUpForAllOwners,
                            FR_6_ADiscardedItemStaysWithoutWhatWasMadeOfIt,
                            LAB_13_AResultByHandReplacesWhatWasTranscribed);

}  // namespace holdfast::contract
