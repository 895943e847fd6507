#pragma once

#include <sstream>

#include "ports/session_store.hpp"
#include "tests/contract/job_store_test_base.hpp"

namespace holdfast::contract {

/// What every SessionStore promises of what a JobStore over the same rows wrote. A Backend is that of JobStoreTest, and
/// has `SessionStore& sessions()`, `RetentionStore& retention()` and `VectorStore& vectors()`.
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
  /// A session of a file with this hash.
  Job add_recording(unsigned n, const std::string& sha256, const std::string& owner = "ada") {
    Job job = sample_job(n);
    job.owner = owner;
    job.input.sha256 = sha256;
    Transition change = created(std::move(job));
    change.session_at = kStart;
    return this->value(this->store().enqueue(std::move(change))).job;
  }
  FoundTexts texts(const std::string& words, unsigned limit = 50, const std::string& owner = "ada") {
    TextQuery query{.owner = owner, .limit = limit};
    std::istringstream split{words};
    for (std::string word; split >> word;) query.words.push_back(word);
    return this->value(this->backend().sessions().find(std::move(query)));
  }
  /// What was taken out, then what was said, each with a bar behind it.
  std::string found(const std::string& words, unsigned limit = 50, const std::string& owner = "ada") {
    std::string all;
    const FoundTexts found = texts(words, limit, owner);
    for (const OwnedExtraction& one : found.extractions) all += one.stored.made.text + "|";
    for (const SaidText& one : found.segments) all += one.text + "|";
    return all;
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

TYPED_TEST_P(SessionStoreContract, FR_9_NamesAndWhereItWasRecordedAreKept) {
  Job job = sample_job(1);
  Transition change = created(std::move(job));
  change.session_at = kStart;
  change.session_offset = std::chrono::minutes{-210};
  this->value(this->store().enqueue(std::move(change)));
  const Job working = this->work_on();
  Extraction named = sample_memory("Anna flies to Rome");
  named.people = {"Anna", "B\u00e4rbel O'Neill"};
  named.places = {"Rome"};
  this->publish(working, {named, sample_action("c")});

  this->reopen();

  EXPECT_EQ(this->kept_of(working).at(0).made, named);
  EXPECT_EQ(this->session(working.id)->offset, std::chrono::minutes{-210});
  const RecordedAt expected{.at = kStart, .offset = std::chrono::minutes{-210}};
  EXPECT_EQ(this->value(this->store().record(working.id))->recorded, expected);
  EXPECT_EQ(this->owned({.owner = "ada"}).at(0).recorded, expected);
  this->add(2);
  EXPECT_FALSE(this->value(this->store().record(item_id(2)))->recorded) << "no session";
}

TYPED_TEST_P(SessionStoreContract, FR_9_WordsFindWhatWasTakenOutAndWhatWasSaidTheBestFirst) {
  this->add_session(1, 0);
  this->publish(this->work_on(), {sample_memory("the dentist has room"), sample_action("call the dentist on monday"),
                                  sample_memory("maria brings documents")});

  EXPECT_EQ(this->found("dentist monday"), "call the dentist on monday|the dentist has room|");
  EXPECT_EQ(this->found("MARIA"), "maria brings documents|");
  EXPECT_EQ(this->found("tomorrow"), "call the dentist on monday|") << "by when it is to be done";
  EXPECT_EQ(this->found("segment"), "segment 2|segment 1|segment 0|") << "equals: the last one first";
  EXPECT_EQ(this->found("nothing of it"), "");
  EXPECT_EQ(this->found("dentist maria", 1), "maria brings documents|") << "the rarer word";
  const auto hit = this->texts("monday").extractions.at(0);
  EXPECT_EQ(hit.item, item_id(1));
  EXPECT_EQ(hit.start_ms, 1'000);
  const auto said = this->texts("segment").segments.at(0);
  EXPECT_EQ(said.item, item_id(1));
  EXPECT_EQ(said.segment, 2U);
  EXPECT_EQ(said.start_ms, 2'000);
}

TYPED_TEST_P(SessionStoreContract, FR_9_NothingOfAWordIsSyntax) {
  this->add_session(1, 0);
  this->publish(this->work_on(), {sample_memory("call anna near the station"), sample_memory("nothing else")});

  for (const char* words : {"\"", "\"\"", "*", "anna*", "\"anna", "anna\"", "(anna", "text:anna", "-anna", "^anna", "anna + call",
                            "NEAR(anna)", "{text}:anna", "'; DROP TABLE memory_extractions; --", "?1", "a\\", "\xff\xfe", "\x01anna"}) {
    const auto found = this->run(this->backend().sessions().find({.owner = "ada", .words = {words}}));
    EXPECT_TRUE(found.has_value()) << words;
  }
  EXPECT_EQ(this->texts("NOT anna").extractions.size(), 1U);
  EXPECT_EQ(this->texts("anna AND missing").extractions.size(), 1U);
  const auto many = this->run(this->backend().sessions().find(
      {.owner = "ada", .words = std::vector<std::string>(32, std::string(64, 'x')), .limit = 1'000'000}));
  EXPECT_TRUE(many.has_value());
  EXPECT_TRUE(this->value(this->backend().sessions().find({.owner = "ada"})).extractions.empty()) << "no word at all";
  EXPECT_TRUE(this->value(this->store().check()).empty());
}

TYPED_TEST_P(SessionStoreContract, FR_9_NobodyFindsWhatIsSomebodyElses) {
  this->add_session(1, 0);
  this->publish(this->work_on(), {sample_memory("secret of ada")});
  this->add_session(2, 0, "eve");
  const Job eves = this->publish(this->work_on(), {sample_memory("secret of eve")});
  this->add(3);  // no session: its words are not among these
  this->publish(this->work_on(), {});

  EXPECT_EQ(this->found("secret"), "secret of ada|");
  EXPECT_EQ(this->found("secret", 50, "eve"), "secret of eve|");
  EXPECT_EQ(this->found("secret", 50, ""), "");
  EXPECT_EQ(this->texts("segment").segments.size(), 3U) << "of one session alone";
  const auto id = this->kept_of(eves).at(0).id;
  EXPECT_EQ(this->value(this->backend().sessions().extractions_of("eve", {id})).size(), 1U);
  EXPECT_TRUE(this->value(this->backend().sessions().extractions_of("ada", {id, 999})).empty());
}

TYPED_TEST_P(SessionStoreContract, FR_9_ARecordingThatWasSentTwiceIsToldOnceWithReferenceToBoth) {
  this->add_recording(1, "f11e");
  this->publish(this->work_on(), {sample_action("call anna"), sample_memory("only the first knows")});
  const auto first = this->owned({.owner = "ada"}).at(0).stored.id;
  this->add_recording(2, "f11e");
  const Job again = this->work_on();
  EXPECT_EQ(texts_of(this->owned({.owner = "ada"})), (std::vector<std::string>{"call anna"})) << "the second is at work";

  this->publish(again, {sample_action("call anna now")});
  this->add_recording(3, "f11e", "eve");
  this->publish(this->work_on(), {sample_action("call anna, says eve")});
  this->add_recording(4, "another");
  this->publish(this->work_on(), {sample_action("call bob")});

  const auto listed = this->owned({.owner = "ada"});
  EXPECT_EQ(texts_of(listed), (std::vector<std::string>{"call bob", "call anna now"}));
  EXPECT_EQ(listed.at(1).also_in, (std::vector{item_id(1)}));
  EXPECT_TRUE(listed.at(0).also_in.empty());
  EXPECT_EQ(this->found("anna"), "call anna now|");
  EXPECT_EQ(this->found("knows"), "only the first knows|") << "the second has none of this kind";
  EXPECT_TRUE(this->value(this->backend().sessions().extractions_of("ada", {first})).empty());
  EXPECT_EQ(this->session(item_id(1))->same_recording, (std::vector{item_id(2)}));
  EXPECT_EQ(this->session(item_id(2))->same_recording, (std::vector{item_id(1)}));
  EXPECT_EQ(this->sessions({.owner = "ada"}).size(), 3U) << "each is an item of its own";
}

TYPED_TEST_P(SessionStoreContract, FR_9_WhatHasNoVectorYetIsToldByIdUntilItHasOne) {
  this->add_session(1, 0);
  const Job job = this->publish(this->work_on(), {sample_memory("one"), sample_action("two")});
  this->add_session(2, 0, "eve");
  this->publish(this->work_on(), {sample_memory("three")});
  const auto missing = [&](UnembeddedQuery query) {
    std::string texts;
    for (const Unembedded& one : this->value(this->backend().sessions().without_vector(query))) texts += one.text + " ";
    return texts;
  };
  EXPECT_EQ(missing({}), "one two three ");
  EXPECT_EQ(missing({.limit = 1}), "one ");
  const auto first = this->value(this->backend().sessions().without_vector({})).at(0);
  EXPECT_EQ(first.item, job.id);
  EXPECT_EQ(first.stage, "stt");

  const NewVector made{.space = std::string{kMemorySpace}, .stage = "stt", .subject = std::to_string(first.id),
                       .model = "minilm", .vector = {0x3c00}};
  ASSERT_TRUE(this->run(this->backend().vectors().put(job.id, {made})));

  EXPECT_EQ(missing({}), "two three ");
  EXPECT_EQ(missing({.model = "minilm"}), "two three ");
  EXPECT_EQ(missing({.model = "another"}), "one two three ");
  EXPECT_EQ(missing({.after = first.id}), "two three ");
  EXPECT_EQ(missing({.model = "another", .after = first.id}), "two three ");
}

TYPED_TEST_P(SessionStoreContract, FR_9_WhatIsGoneIsNotFoundByItsWordsAnyMore) {
  const Job job = this->add_session(1, 0);
  this->publish(this->work_on(), {sample_memory("soon gone")});
  ASSERT_EQ(this->found("gone"), "soon gone|");
  this->update(job.id, [](const Job& now, WallTime at) { return decide::retry(now, "stt", at); });
  EXPECT_EQ(this->found("gone"), "");
  this->publish(this->work_on(), {sample_memory("here again")});
  EXPECT_EQ(this->found("again"), "here again|");
  this->update(job.id, [](const Job& now, WallTime at) { return decide::request_cancel(now, at); });

  this->update(job.id, [](const Job& now, WallTime at) {
    return decide::expire(now, {.file = true, .results = true, .rule = "1 h after the end of the work"}, at);
  });

  EXPECT_EQ(this->found("again segment"), "");
  const Decide removing = [](const Job& now, WallTime at) { return decide::remove(now, "its time is over", at); };
  EXPECT_TRUE(this->run(this->backend().retention().remove(job.id, removing)));
  EXPECT_TRUE(this->value(this->store().check()).empty());
}

REGISTER_TYPED_TEST_SUITE_P(SessionStoreContract, FR_9_NamesAndWhereItWasRecordedAreKept,
                            FR_9_WordsFindWhatWasTakenOutAndWhatWasSaidTheBestFirst, FR_9_NothingOfAWordIsSyntax,
                            FR_9_NobodyFindsWhatIsSomebodyElses,
                            FR_9_ARecordingThatWasSentTwiceIsToldOnceWithReferenceToBoth,
                            FR_9_WhatHasNoVectorYetIsToldByIdUntilItHasOne,
                            FR_9_WhatIsGoneIsNotFoundByItsWordsAnyMore,
                            FR_10_WhatWasRememberedGoesWithTheResultsAndTheSessionWithTheItem,
                            FR_1_ASessionIsThereWithItsItemAndTellsHowItStands,
                            FR_9_ExtractionsAreKeptByteForByteWithTheResultTheyAre,
                            FR_9_ARetryOfTheStageReplacesItsExtractionsAndAFailureLeavesNone,
                            FR_1_WhoLostTheLeaseLeavesNoExtraction,
                            FR_1_WhatAStageKeptToGoOnWithIsStoredWithItsCheckpoint,
                            SessionsOfAnOwnerComePageByPageTheNewestRecordingFirst,
                            FR_9_ExtractionsOfAnOwnerComePageByPageTheLastOneFirst);

}  // namespace holdfast::contract
