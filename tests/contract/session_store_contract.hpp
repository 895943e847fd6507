#pragma once

#include "ports/session_store.hpp"
#include "tests/contract/job_store_test_base.hpp"

namespace holdfast::contract {

/// What every SessionStore promises of what a JobStore over the same rows wrote. A Backend is that of JobStoreTest, and
/// has `SessionStore& sessions()` and `RetentionStore& retention()`.
template <class Backend>
class SessionStoreContract : public JobStoreTest<Backend> {
 protected:
  /// The n-th job as a memory session that began `minutes` after the start of time.
  Job add_session(unsigned n, int minutes, const std::string& owner = "ada") {
    Job job = sample_job(n);
    job.owner = owner;
    Transition change = created(std::move(job));
    change.session_at = kStart + std::chrono::minutes{minutes};
    return this->value(this->store().enqueue(std::move(change))).job;
  }
  /// Leases the job of the session that was added last, and gives it a transcript.
  Job work_on() {
    const Job working = this->claim(claim_request()).at(0);
    EXPECT_TRUE(this->run(this->store().checkpoint(working.id, working.fence, sample_checkpoint(0, 3))));
    return working;
  }
  static Decide publishing(std::vector<Extraction> extractions) {
    return [extractions](const Job& job, WallTime now) {
      decide::StageOutcome outcome;
      outcome.publish.push_back({.name = "memories", .json = "{}", .extractions = extractions});
      return decide::succeed(job, std::move(outcome), now);
    };
  }
  Job publish(const Job& working, std::vector<Extraction> extractions) {
    return this->settle(working, publishing(std::move(extractions)));
  }
  std::vector<StoredExtraction> kept_of(const Job& job) {
    const auto record = this->value(this->store().record(job.id));
    return record ? record->extractions : std::vector<StoredExtraction>{};
  }
  std::vector<MemorySession> sessions(SessionQuery query) {
    return this->value(this->backend().sessions().sessions(std::move(query)));
  }
  std::optional<MemorySession> session(const ItemId& id) { return this->value(this->backend().sessions().session(id)); }
  std::vector<OwnedExtraction> owned(ExtractionQuery query) {
    return this->value(this->backend().sessions().extractions(std::move(query)));
  }
};

inline Extraction sample_memory(const std::string& text) {
  return {.kind = ExtractionKind::memory, .text = text, .segments = {0, 2}, .confidence = 1.0 / 3};
}
inline Extraction sample_action(const std::string& text) {
  return {.kind = ExtractionKind::action,
          .text = text,
          .segments = {1},
          .confidence = 0.5,
          .owner = hostile_text(),
          .due = "tomorrow"};
}

inline std::vector<std::string> texts_of(const std::vector<OwnedExtraction>& found) {
  std::vector<std::string> texts;
  for (const OwnedExtraction& one : found) texts.push_back(one.stored.made.text);
  return texts;
}

TYPED_TEST_SUITE_P(SessionStoreContract);

TYPED_TEST_P(SessionStoreContract, FR_1_ASessionIsThereWithItsItemAndTellsHowItStands) {
  const Job job = this->add_session(1, 7);
  this->add(2);  // an item that is no session

  this->reopen();

  const auto pending = this->session(job.id);
  ASSERT_TRUE(pending);
  EXPECT_EQ(pending->item, job.id);
  EXPECT_EQ(pending->owner, "ada");
  EXPECT_EQ(pending->job_key, job.job_key);
  EXPECT_EQ(pending->status, JobStatus::pending);
  EXPECT_EQ(pending->started_at, kStart + std::chrono::minutes{7});
  EXPECT_EQ(pending->first_words, "");
  EXPECT_FALSE(this->session(item_id(2)));
  EXPECT_FALSE(this->session(item_id(99)));
  this->publish(this->work_on(), {sample_memory("a"), sample_memory("b"), sample_action("c")});

  const auto told = this->session(job.id);
  EXPECT_EQ(told->first_words, "segment 0");
  EXPECT_EQ(told->memories, 2U);
  EXPECT_EQ(told->actions, 1U);
}

TYPED_TEST_P(SessionStoreContract, FR_9_ExtractionsAreKeptByteForByteWithTheResultTheyAre) {
  this->add_session(1, 0);
  const Job working = this->work_on();
  EXPECT_TRUE(this->kept_of(working).empty());
  this->publish(working, {sample_memory(hostile_text()), sample_action("c")});

  this->reopen();

  const auto kept = this->kept_of(working);
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_EQ(kept[0].made, sample_memory(hostile_text()));
  EXPECT_EQ(kept[1].made, sample_action("c"));
  EXPECT_EQ(kept[0].stage, "stt");
  EXPECT_LT(kept[0].id, kept[1].id);
}

TYPED_TEST_P(SessionStoreContract, FR_9_ARetryOfTheStageReplacesItsExtractionsAndAFailureLeavesNone) {
  this->add_session(1, 0);
  const Job working = this->work_on();
  const Job done = this->publish(working, {sample_memory("first")});
  const std::uint64_t first = this->kept_of(done).at(0).id;

  this->update(done.id, [](const Job& job, WallTime now) { return decide::retry(job, "stt", now); });
  EXPECT_TRUE(this->kept_of(done).empty());
  const Job again = this->work_on();
  this->settle(again, failing(ErrorClass::permanent, "HF-LLM-04"));
  EXPECT_TRUE(this->kept_of(done).empty());
  EXPECT_EQ(this->session(done.id)->memories, 0U);

  this->update(done.id, [](const Job& job, WallTime now) { return decide::retry(job, "stt", now); });
  this->publish(this->work_on(), {sample_memory("second")});
  ASSERT_EQ(this->kept_of(done).size(), 1U);
  EXPECT_EQ(this->kept_of(done)[0].made.text, "second");
  EXPECT_GT(this->kept_of(done)[0].id, first);
}

TYPED_TEST_P(SessionStoreContract, FR_1_WhoLostTheLeaseLeavesNoExtraction) {
  this->add_session(1, 0);
  const Job late = this->work_on();
  this->settle(late, giving_back());
  const Job working = this->claim(claim_request()).at(0);

  EXPECT_EQ(this->refusal(this->store().update_leased(late.id, late.fence, this->publishing({sample_memory("late")}))),
            this->stale_fence());
  EXPECT_TRUE(this->kept_of(working).empty());
  this->publish(working, {sample_memory("once")});
  EXPECT_EQ(this->refusal(this->store().update_leased(late.id, late.fence, this->publishing({sample_memory("late")}))),
            this->stale_fence());
  EXPECT_EQ(this->kept_of(working).size(), 1U);
}

TYPED_TEST_P(SessionStoreContract, FR_1_WhatAStageKeptToGoOnWithIsStoredWithItsCheckpoint) {
  this->add_session(1, 0);
  const Job working = this->work_on();
  Checkpoint made{.first_segment = 3, .first_gap = 3, .position_ms = 3'000, .output = hostile_text()};
  ASSERT_TRUE(this->run(this->store().checkpoint(working.id, working.fence, made)));
  made.output.clear();
  made.position_ms = 4'000;
  ASSERT_TRUE(this->run(this->store().checkpoint(working.id, working.fence, made)));

  this->reopen();

  EXPECT_EQ(this->find(working.id)->stages[1].output, hostile_text());
  EXPECT_EQ(this->find(working.id)->stages[1].position_ms, 4'000);
  made.output = "late";
  EXPECT_EQ(this->refusal(this->store().checkpoint(working.id, working.fence + 1, made)), this->stale_fence());
  EXPECT_EQ(this->find(working.id)->stages[1].output, hostile_text());
}

TYPED_TEST_P(SessionStoreContract, SessionsOfAnOwnerComePageByPageTheNewestRecordingFirst) {
  for (const auto& [n, minutes] : std::map<unsigned, int>{{1, 30}, {2, 10}, {3, 20}, {4, 20}, {5, 20}})
    this->add_session(n, minutes);
  this->add_session(6, 15, "eve");

  std::vector<ItemId> seen;
  SessionQuery query{.owner = "ada", .limit = 2};
  for (int pages = 0; pages < 5; ++pages) {
    const auto page = this->sessions(query);
    for (const MemorySession& session : page) seen.push_back(session.item);
    if (page.empty()) break;
    query.after = SessionMark{page.back().started_at, page.back().item};
  }

  EXPECT_EQ(seen, (std::vector{item_id(1), item_id(5), item_id(4), item_id(3), item_id(2)}));
  EXPECT_EQ(this->sessions({.owner = "eve"}).size(), 1U);
  EXPECT_TRUE(this->sessions({.owner = "nobody"}).empty());
}

TYPED_TEST_P(SessionStoreContract, FR_9_ExtractionsOfAnOwnerComePageByPageTheLastOneFirst) {
  this->add_session(1, 0);
  this->publish(this->work_on(), {sample_action("a"), sample_memory("no action"), sample_action("b")});
  this->add_session(2, 1);
  this->publish(this->work_on(), {sample_action("c")});
  this->add_session(3, 2, "eve");
  Extraction nowhere = sample_action("d");
  nowhere.segments.clear();
  this->publish(this->work_on(), {nowhere});

  const auto first = this->owned({.owner = "ada", .limit = 2});
  EXPECT_EQ(texts_of(first), (std::vector<std::string>{"c", "b"}));
  EXPECT_EQ(first[0].item, item_id(2));
  EXPECT_EQ(first[0].start_ms, 1'000);
  const ExtractionQuery next{.owner = "ada", .before = first[1].stored.id, .limit = 2};
  EXPECT_EQ(texts_of(this->owned(next)), (std::vector<std::string>{"a"}));
  const ExtractionQuery memories{.owner = "ada", .kind = ExtractionKind::memory};
  EXPECT_EQ(texts_of(this->owned(memories)), (std::vector<std::string>{"no action"}));
  EXPECT_EQ(this->owned({.owner = "eve"}).at(0).start_ms, -1);
}

TYPED_TEST_P(SessionStoreContract, FR_10_WhatWasRememberedGoesWithTheResultsAndTheSessionWithTheItem) {
  const Job job = this->add_session(1, 0);
  this->publish(this->work_on(), {sample_memory("one"), sample_action("two")});
  this->update(job.id, [](const Job& now, WallTime at) { return decide::request_cancel(now, at); });

  this->update(job.id, [](const Job& now, WallTime at) {
    return decide::expire(now, {.file = true, .results = true, .rule = "1 h after the end of the work"}, at);
  });
  EXPECT_TRUE(this->kept_of(job).empty());
  EXPECT_TRUE(this->owned({.owner = "ada"}).empty());
  EXPECT_TRUE(this->session(job.id).has_value());

  const Decide removing = [](const Job& now, WallTime at) { return decide::remove(now, "its time is over", at); };
  EXPECT_TRUE(this->run(this->backend().retention().remove(job.id, removing)));
  EXPECT_FALSE(this->session(job.id).has_value());
  EXPECT_TRUE(this->sessions({.owner = "ada"}).empty());
  EXPECT_TRUE(this->value(this->store().check()).empty());
}

REGISTER_TYPED_TEST_SUITE_P(SessionStoreContract, FR_10_WhatWasRememberedGoesWithTheResultsAndTheSessionWithTheItem,
                            FR_1_ASessionIsThereWithItsItemAndTellsHowItStands,
                            FR_9_ExtractionsAreKeptByteForByteWithTheResultTheyAre,
                            FR_9_ARetryOfTheStageReplacesItsExtractionsAndAFailureLeavesNone,
                            FR_1_WhoLostTheLeaseLeavesNoExtraction,
                            FR_1_WhatAStageKeptToGoOnWithIsStoredWithItsCheckpoint,
                            SessionsOfAnOwnerComePageByPageTheNewestRecordingFirst,
                            FR_9_ExtractionsOfAnOwnerComePageByPageTheLastOneFirst);

}  // namespace holdfast::contract
