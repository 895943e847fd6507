#pragma once

#include "core/retention/retention.hpp"
#include "ports/retention_store.hpp"
#include "tests/contract/job_store_test_base.hpp"

namespace holdfast::contract {

using namespace std::chrono_literals;

inline Decide expiring(bool file = true, bool results = true) {
  return [file, results](const Job& job, WallTime now) {
    return decide::expire(job, {.file = file, .results = results, .rule = "1 h after the end of the work"}, now);
  };
}
inline Decide removing() {
  return [](const Job& job, WallTime now) { return decide::remove(job, "2 h after the end of the work", now); };
}
inline OverQuery over_query(JobStatus status, retention::Kept kept, milliseconds age, unsigned limit = 50) {
  return {.recipe = "introductions", .search = {.status = status, .kept = kept, .age = age}, .limit = limit};
}

/// Every store that answers JobStore keeps these promises as well. Its Backend has `RetentionStore& retention();`.
template <class Backend>
class RetentionStoreContract : public JobStoreTest<Backend> {
 protected:
  RetentionStore& retention() { return this->backend().retention(); }

  /// The n-th job, completed at `end` with a transcript.
  Job completed(unsigned n, WallTime end) {
    this->set_now(end);
    Job job = this->add_leased(n);
    EXPECT_TRUE(this->run(this->store().checkpoint(job.id, job.fence, sample_checkpoint(0, 2))));
    job = this->settle(job, succeeding());
    const auto rating = this->claim(claim_request("llm"));
    return this->settle(rating.at(0), [](const Job& last, WallTime now) { return decide::succeed(last, {}, now); });
  }
  Job dead(unsigned n, WallTime end) {
    this->set_now(end);
    return this->settle(this->add_leased(n), failing(ErrorClass::permanent, "HF-ENG-05"));
  }
  std::vector<ItemId> found(const OverQuery& query) { return ids_of(this->value(retention().over(query))); }
  Job remove(const ItemId& id) { return this->value(retention().remove(id, removing())); }
};
TYPED_TEST_SUITE_P(RetentionStoreContract);

inline constexpr retention::Kept kAll = retention::kFile | retention::kResults;

TYPED_TEST_P(RetentionStoreContract, VS_9_WhatIsOverIsFoundByAgeStatusAndWhatIsStillThere) {
  const Job first = this->completed(1, kNow);
  const Job second = this->completed(2, kNow + 1h);
  const Job failed = this->dead(3, kNow);
  this->set_now(kNow + 2h);

  EXPECT_EQ(this->found(over_query(JobStatus::completed, kAll, 1h)), (std::vector{first.id, second.id}));
  EXPECT_EQ(this->found(over_query(JobStatus::completed, kAll, 1h, 1)), (std::vector{first.id})) << "oldest first";
  EXPECT_EQ(this->found(over_query(JobStatus::completed, kAll, 2h)), (std::vector{first.id}));
  EXPECT_EQ(this->found(over_query(JobStatus::failed, kAll, 2h)), (std::vector{failed.id}));
  EXPECT_TRUE(this->found(over_query(JobStatus::cancelled, kAll, 0ms)).empty());
  EXPECT_EQ(this->value(this->retention().count_over(over_query(JobStatus::completed, kAll, 1h, 1))), 2U);

  this->update(first.id, expiring(true, false));
  EXPECT_EQ(this->found(over_query(JobStatus::completed, kAll, 1h)), (std::vector{second.id}));
  EXPECT_EQ(this->found(over_query(JobStatus::completed, retention::kResults, 1h)), (std::vector{first.id}));
}

TYPED_TEST_P(RetentionStoreContract, VS_9_WhatIsNotOverIsNeverFound) {
  this->add(1);
  this->add_leased(2);
  const Job again = this->completed(3, kNow);
  this->update(again.id, [](const Job& job, WallTime now) { return decide::retry(job, "stt", now); });
  this->set_now(kNow + 24h * 1000);

  EXPECT_TRUE(this->value(this->retention().recipes_over()).empty());
  for (const JobStatus status : {JobStatus::pending, JobStatus::processing, JobStatus::completed}) {
    for (const retention::Kept kept : {0U, 1U, 2U, 3U}) EXPECT_TRUE(this->found(over_query(status, kept, 0ms)).empty());
  }
}

TYPED_TEST_P(RetentionStoreContract, TheRecipesOfWhatIsOverAreKnown) {
  const Job job = this->dead(1, kNow);
  Job other = sample_job(2);
  other.recipe = "a recipe that is gone";
  this->add(other);
  this->update(other.id, [](const Job& waiting, WallTime now) { return decide::request_cancel(waiting, now); });

  EXPECT_EQ(this->value(this->retention().recipes_over()),
            (std::vector<std::string>{"a recipe that is gone", job.recipe}));
}

TYPED_TEST_P(RetentionStoreContract, VS_9_WhatExpiresIsGoneAndTheRecordSaysSoAfterARestart) {
  const Job job = this->completed(1, kNow);
  this->set_now(kNow + 1h);
  const Job after = this->update(job.id, expiring());
  this->reopen();

  EXPECT_EQ(text_of(this->find(job.id)), text_of(std::optional{after}));
  EXPECT_EQ(after.over_at, kNow);
  EXPECT_EQ(after.file_expired_at, kNow + 1h);
  EXPECT_EQ(after.results_expired_at, kNow + 1h);
  const auto record = this->value(this->store().record(job.id));
  EXPECT_TRUE(record->segments.empty() && record->gaps.empty() && record->results.empty());
  const auto types = types_of(this->audit(job.id));
  EXPECT_EQ(types[types.size() - 2] + " " + types.back(), "job.file_expired job.results_expired");
  EXPECT_EQ(this->audit(job.id).back().entry.detail, "1 h after the end of the work");
}

TYPED_TEST_P(RetentionStoreContract, VS_9_NothingOfWhatIsInWorkExpiresWhateverIsDecided) {
  const Job working = this->add_leased(1);
  const auto forced = [](const Job& job, WallTime now) -> Result<Transition> {
    Transition change = next_version(job);
    change.after.file_expired_at = now;
    return change;
  };
  const std::string before = this->all_about(working.id);

  EXPECT_EQ(this->refusal(this->store().update(working.id, expiring())),
            this->error_text(ErrorClass::conflict, "HF-ITM-03"));
  EXPECT_EQ(this->refusal(this->store().update(working.id, forced)),
            this->error_text(ErrorClass::conflict, "HF-ITM-03"));
  EXPECT_EQ(this->refusal(this->retention().remove(working.id, removing())),
            this->error_text(ErrorClass::conflict, "HF-ITM-03"));
  EXPECT_EQ(this->all_about(working.id), before);
}

TYPED_TEST_P(RetentionStoreContract, FR_10_ARemovedItemIsGoneWithEverythingAndItsTrailStays) {
  const Job job = this->completed(1, kNow);
  const Job other = this->completed(2, kNow);
  this->set_now(kNow + 2h);
  this->update(job.id, expiring());
  this->remove(job.id);
  this->reopen();

  EXPECT_FALSE(this->find(job.id).has_value());
  EXPECT_FALSE(this->value(this->store().find_key(job.owner, job.job_key)).has_value());
  EXPECT_FALSE(this->value(this->store().record(job.id)).has_value());
  EXPECT_EQ(ids_of(this->value(this->store().list({}))), (std::vector{other.id}));
  std::uint64_t counted = 0;
  for (const QueueCount& count : this->value(this->store().counts())) counted += count.jobs;
  EXPECT_EQ(counted, 1U);
  const auto trail = this->audit(job.id);
  EXPECT_EQ(trail.front().entry.type + " .. " + trail.back().entry.type, "job.created .. job.removed");
  EXPECT_EQ(trail.back().entry.detail, "2 h after the end of the work");
  EXPECT_EQ(trail.back().owner, job.owner);
  EXPECT_TRUE(this->value(this->store().check()).empty());
  EXPECT_EQ(this->refusal(this->retention().remove(job.id, removing())), this->unknown_item());
}

TYPED_TEST_P(RetentionStoreContract, FR_10_TheLogStaysInOrderAndLosesNoEventToARemoval) {
  const Job first = this->completed(1, kNow);
  this->completed(2, kNow);
  this->update(first.id, expiring());
  const auto before = seqs_of(this->log());
  this->remove(first.id);
  this->add(3);

  const auto after = this->log();
  const auto seqs = seqs_of(after);
  EXPECT_TRUE(std::ranges::is_sorted(seqs));
  EXPECT_EQ(std::vector(seqs.begin(), seqs.begin() + static_cast<std::ptrdiff_t>(before.size())), before);
  EXPECT_EQ(types_of(after)[before.size()], "job.removed");
  EXPECT_EQ(after.back().item, item_id(3));
  EXPECT_GT(after.back().seq, before.back() + 1);
  EXPECT_EQ(seqs_of(this->value(this->store().events_after(before[2], 3))),
            (std::vector{before[3], before[4], before[5]}));
}

TYPED_TEST_P(RetentionStoreContract, FR_10_TheTrailOfTheLastItemIsToldAlsoWhenNothingElseIsLeft) {
  const Job job = this->completed(1, kNow);
  this->update(job.id, expiring());
  this->remove(job.id);
  const auto told = this->outbox();
  EXPECT_TRUE(this->run(this->store().delivered(seqs_of(told))));  // need not be durable

  EXPECT_EQ(seqs_of(this->log()), seqs_of(told));
}

TYPED_TEST_P(RetentionStoreContract, TH_5_WhatWasNotDeliveredOfARemovedItemIsDelivered) {
  const Job job = this->completed(1, kNow);
  this->update(job.id, expiring());
  const auto before = seqs_of(this->outbox());
  this->remove(job.id);

  auto undelivered = this->outbox();
  EXPECT_EQ(undelivered.size(), before.size() + 1);
  EXPECT_EQ(undelivered.back().entry.type, "job.removed");
  EXPECT_TRUE(this->run(this->store().delivered(seqs_of(undelivered))));
  EXPECT_TRUE(this->outbox().empty());
}

TYPED_TEST_P(RetentionStoreContract, FR_10_ARecordOfWhichSomethingIsKeptIsNotRemoved) {
  const Job job = this->completed(1, kNow);
  this->update(job.id, expiring(true, false));
  const std::string before = this->all_about(job.id);
  const auto forced = [](const Job& there, WallTime) -> Result<Transition> { return next_version(there); };

  EXPECT_EQ(this->refusal(this->retention().remove(job.id, forced)),
            this->error_text(ErrorClass::conflict, "HF-ITM-03"));
  EXPECT_EQ(this->all_about(job.id), before);
}

TYPED_TEST_P(RetentionStoreContract, FR_10_TheKeyOfARemovedItemIsFree) {
  const Job job = this->completed(1, kNow);
  this->update(job.id, expiring());
  this->remove(job.id);
  Job again = sample_job(5);
  again.job_key = job.job_key;
  again.fingerprint = "another file";

  const auto sent = this->value(this->store().enqueue(created(again)));

  EXPECT_TRUE(sent.created);
  EXPECT_EQ(sent.job.id, again.id);
}

TYPED_TEST_P(RetentionStoreContract, FR_10_ADiscardedItemCanBeRemoved) {
  const Job job = this->dead(1, kNow);
  this->update(job.id, [](const Job& there, WallTime now) { return decide::discard(there, "root", "no use", now); });

  EXPECT_EQ(this->found(over_query(JobStatus::failed, 0, 0ms)), (std::vector{job.id}));
  this->remove(job.id);
  EXPECT_FALSE(this->find(job.id).has_value());
}

TYPED_TEST_P(RetentionStoreContract, FR_10_TrailsArePrunedByAgeInPortionsAndNeverBeforeTheyAreDelivered) {
  std::vector<Job> jobs;
  for (unsigned n = 1; n <= 3; ++n) {
    jobs.push_back(this->completed(n, kNow + 1h * n));
    this->update(jobs.back().id, expiring());
    this->remove(jobs.back().id);
  }
  const Job there = this->completed(4, kNow);
  this->set_now(kNow + 100h);
  const PruneRequest all{.audit = 1h};
  EXPECT_EQ(this->value(this->retention().prune(all)).trails, 0U) << "nothing was delivered";
  EXPECT_TRUE(this->run(this->store().delivered(seqs_of(this->outbox()))));

  EXPECT_EQ(this->value(this->retention().prune({})).trails, 0U) << "kept";
  EXPECT_EQ(this->value(this->retention().prune({.audit = 1000h})).trails, 0U) << "not so old";
  EXPECT_EQ(this->value(this->retention().prune({.audit = 1h, .only_count = true})).trails, 3U);
  EXPECT_EQ(this->value(this->retention().prune({.audit = 1h, .limit = 2})).trails, 2U);
  EXPECT_TRUE(this->audit(jobs[0].id).empty() && this->audit(jobs[1].id).empty()) << "oldest first";
  EXPECT_FALSE(this->audit(jobs[2].id).empty());
  EXPECT_EQ(this->value(this->retention().prune(all)).trails, 1U);
  EXPECT_EQ(text_of(this->log()), text_of(this->audit(there.id))) << "a trail is never pruned before its item";
  EXPECT_TRUE(this->value(this->store().check()).empty());
}

REGISTER_TYPED_TEST_SUITE_P(
    RetentionStoreContract, VS_9_WhatIsOverIsFoundByAgeStatusAndWhatIsStillThere, VS_9_WhatIsNotOverIsNeverFound,
    TheRecipesOfWhatIsOverAreKnown, VS_9_WhatExpiresIsGoneAndTheRecordSaysSoAfterARestart,
    VS_9_NothingOfWhatIsInWorkExpiresWhateverIsDecided, FR_10_ARemovedItemIsGoneWithEverythingAndItsTrailStays,
    FR_10_TheLogStaysInOrderAndLosesNoEventToARemoval,
    FR_10_TheTrailOfTheLastItemIsToldAlsoWhenNothingElseIsLeft, TH_5_WhatWasNotDeliveredOfARemovedItemIsDelivered,
    FR_10_ARecordOfWhichSomethingIsKeptIsNotRemoved, FR_10_TheKeyOfARemovedItemIsFree,
    FR_10_ADiscardedItemCanBeRemoved, FR_10_TrailsArePrunedByAgeInPortionsAndNeverBeforeTheyAreDelivered);

}  // namespace holdfast::contract
