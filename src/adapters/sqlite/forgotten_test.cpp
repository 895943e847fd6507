#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "adapters/sqlite/schema.hpp"
#include "adapters/sqlite/test_backend.hpp"
#include "tests/contract/session_store_contract.hpp"

namespace holdfast::contract {
namespace {

constexpr std::string_view kRare = "xylophonquark";

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  std::ostringstream all;
  all << file.rdbuf();
  return all.str();
}

/// What was said is not found in the files of the store once it was deleted: not its words in any index either.
class ForgottenTest : public JobStoreTest<sqlite::TestBackend> {
 protected:
  /// A memory session that says the rare word in its transcript and in what was taken out of it.
  Job rare_session(unsigned n) {
    Transition change = created(sample_job(n));
    change.session_at = kStart;
    value(store().enqueue(std::move(change)));
    const Job working = claim(claim_request()).at(0);
    Checkpoint made = sample_checkpoint(0, 40);
    for (Segment& segment : made.segments) segment.text = "the " + std::string{kRare} + " " + segment.text;
    EXPECT_TRUE(run(store().checkpoint(working.id, working.fence, made)));
    std::vector<Extraction> taken;
    for (int at = 0; at < 40; ++at)
      taken.push_back(
          {.text = std::string{kRare} + " number " + std::to_string(at), .segments = {1}, .people = {"Rarename"}});
    return settle(working, [taken](const Job& job, WallTime now) {
      decide::StageOutcome outcome;
      outcome.publish.push_back({.name = "memories", .json = "{}", .extractions = taken});
      return decide::succeed(job, std::move(outcome), now);
    });
  }
  void remember_meaning(const Job& job) {
    NewVector made{.space = std::string{kMemorySpace}, .stage = "stt", .subject = "1", .model = "RareModel"};
    made.vector = std::vector<similar::Half>(384, 0x3c00);
    EXPECT_TRUE(run(backend().vectors().put(job.id, {made})));
  }
  bool on_disk(std::string_view word) {
    for (const auto& entry : std::filesystem::directory_iterator(backend().folder().path()))
      if (bytes_of(entry.path()).find(word) != std::string::npos) return true;
    return false;
  }
  /// Everything is in the one file, and the log is empty.
  void checkpoint_all() {
    backend().close();
    auto database = sqlite::Database::open({.path = backend().folder().store()});
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->script("PRAGMA wal_checkpoint(TRUNCATE)"));
  }
};

TEST_F(ForgottenTest, FR_9_WhatWasDeletedIsInNoFileOfTheStoreAnyMore) {
  const Job kept = rare_session(2);
  update(kept.id, [](const Job& now, WallTime at) { return decide::request_cancel(now, at); });
  const Decide expiring = [](const Job& now, WallTime at) {
    return decide::expire(now, {.file = true, .results = true, .rule = "by test"}, at);
  };
  const Decide removing = [](const Job& now, WallTime at) { return decide::remove(now, "by test", at); };
  const Job gone = rare_session(3);
  update(gone.id, [](const Job& now, WallTime at) { return decide::request_cancel(now, at); });
  remember_meaning(kept);
  checkpoint_all();
  ASSERT_TRUE(on_disk(kRare));
  ASSERT_TRUE(on_disk("RareModel"));
  backend().reopen();

  update(kept.id, expiring);
  update(gone.id, expiring);
  ASSERT_TRUE(run(backend().retention().remove(gone.id, removing)));
  EXPECT_TRUE(value(store().check()).empty());
  checkpoint_all();

  for (const char* word : {"xylophonquark", "lophonquark", "Rarename", "RareModel"})
    EXPECT_FALSE(on_disk(word)) << word;
}

TEST_F(ForgottenTest, FR_9_WhatRetriesTakeAwayIsGoneFromTheFilesToo) {
  const Job job = rare_session(1);
  remember_meaning(job);
  update(job.id, [](const Job& now, WallTime at) { return decide::retry(now, "stt", at); });
  checkpoint_all();

  EXPECT_FALSE(on_disk("Rarename"));
  EXPECT_FALSE(on_disk("RareModel"));
}

TEST_F(ForgottenTest, FR_9_WhatWasStoredBeforeThereWasASearchIsFoundAfterTheMigration) {
  backend().close();
  std::filesystem::remove(backend().folder().store());
  for (const char* more : {"-wal", "-shm"}) std::filesystem::remove(backend().folder().store() + more);
  {
    auto database = sqlite::Database::open({.path = backend().folder().store()});
    ASSERT_TRUE(database);
    const auto steps = sqlite::migrations();
    ASSERT_TRUE(sqlite::migrate(*database, steps.first(8)));
    ASSERT_TRUE(database->script(R"sql(
INSERT INTO plans VALUES(1, x'00');
INSERT INTO queue_items(item, id, owner, job_key, recipe, status, priority, bulkhead, ready_at, held_for, fence,
  version, cancel_requested, retry_count, stage, plan, progress, duration_ms, mode, created_at, updated_at)
  VALUES(7, 'itm_old', 'ada', 'k', 'memories', 2, 5, '', 0, '', 0, 1, 0, 0, 0, 1, x'', -1, '', 0, 0),
        (8, 'itm_other', 'ada', 'l', 'voicesync', 2, 5, '', 0, '', 0, 1, 0, 0, 0, 1, x'', -1, '', 0, 0);
INSERT INTO inputs VALUES(7, x'00', '', '', 1, x'ab', '', x'', ''), (8, x'00', '', '', 1, x'cd', '', x'', '');
INSERT INTO memory_sessions VALUES(7, 'ada', 5);
INSERT INTO transcript_segments VALUES(7, 0, 0, 1000, 1, 'we met in the harbour', NULL),
                                      (8, 0, 0, 1000, 1, 'harbour of no session', NULL);
INSERT INTO memory_extractions(item, user, stage, kind, text, segments, confidence, owner, due)
  VALUES(7, 'ada', 'memories', 0, 'the harbour is closed', '0', 1, '', '');)sql"));
  }
  backend().reopen();

  const auto found = value(backend().sessions().find({.owner = "ada", .words = {"harbours"}}));

  ASSERT_EQ(found.extractions.size(), 1U);
  EXPECT_EQ(found.extractions[0].stored.made.text, "the harbour is closed");
  EXPECT_EQ(found.extractions[0].recorded, (RecordedAt{.at = WallTime{milliseconds{5}}, .offset = {}}));
  ASSERT_EQ(found.segments.size(), 1U);
  EXPECT_EQ(found.segments[0].text, "we met in the harbour");
}

TEST_F(ForgottenTest, FR_9_AccentsAndEndingsDoNotHideAWord) {
  Transition change = created(sample_job(1));
  change.session_at = kStart;
  value(store().enqueue(std::move(change)));
  const Job working = claim(claim_request()).at(0);
  settle(working, [](const Job& job, WallTime now) {
    decide::StageOutcome outcome;
    outcome.publish.push_back({.name = "memories", .json = "{}"});
    outcome.publish.back().extractions.push_back({.text = "M\u00fcller studies music"});
    return decide::succeed(job, std::move(outcome), now);
  });

  for (const char* word : {"muller", "M\u00dcLLER", "study", "studying", "Music"}) {
    const auto found = value(backend().sessions().find({.owner = "ada", .words = {word}}));
    EXPECT_EQ(found.extractions.size(), 1U) << word;
  }
}

}  // namespace
}  // namespace holdfast::contract
