#include "adapters/sqlite/check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "adapters/sqlite/test_backend.hpp"
#include "tests/contract/job_store_samples.hpp"

namespace holdfast::sqlite {
namespace {

using contract::created;

/// A store with a finished stage, a leased job and segments.
class CheckTest : public testing::Test {
 protected:
  CheckTest() {
    backend.set_now(contract::kNow);
    auto& store = backend.store();
    for (unsigned n = 1; n <= 3; ++n) EXPECT_TRUE(backend.run(store.enqueue(created(n))));
    const auto jobs = backend.run(store.claim(contract::claim_request("engine", 2))).value();
    EXPECT_TRUE(backend.run(store.update_leased(jobs[0].id, jobs[0].fence, contract::succeeding())));
    EXPECT_TRUE(
        backend.run(store.checkpoint(jobs[1].id, jobs[1].fence, contract::sample_checkpoint(0, 3))));
  }

  /// Changes the file behind the store's back.
  void damage(const char* sql) {
    auto database = Database::open({.path = backend.folder().store()});
    ASSERT_TRUE(database.has_value());
    sqlite3_db_config(database->connection(), SQLITE_DBCONFIG_DEFENSIVE, 0, nullptr);
    ASSERT_TRUE(database->script("PRAGMA foreign_keys=OFF"));
    const auto done = database->script(sql);
    ASSERT_TRUE(done.has_value()) << done.error().what();
  }
  std::string said() {
    std::string all;
    for (const std::string& sentence : backend.run(backend.store().check()).value()) all += sentence + "\n";
    return all;
  }

  /// Number of the first page of a table; page 1 is the file's first.
  std::int64_t root_of_inputs() {
    auto database = Database::open({.path = backend.folder().store(), .read_only = true});
    return database->integer("SELECT rootpage FROM sqlite_schema WHERE name = 'inputs'").value().value_or(0);
  }

  TestBackend backend;
};

TEST_F(CheckTest, FindsNothingInASoundStore) { EXPECT_EQ(said(), ""); }

TEST_F(CheckTest, FindsTextOfAnyKindSound) {
  Transition change = created(9);
  change.after.owner = change.after.input.name = change.after.job_key = contract::hostile_text();
  ASSERT_TRUE(backend.run(backend.store().enqueue(change)));
  EXPECT_EQ(said(), "");
}

TEST_F(CheckTest, FindsAnEventThatIsGone) {
  damage("DELETE FROM audit WHERE seq = 2");
  EXPECT_THAT(said(), testing::HasSubstr("outbox event that is not in the log: 2"));
}

TEST_F(CheckTest, FindsAnItemWithoutItsTrailOrInput) {
  damage("DELETE FROM outbox; DELETE FROM audit WHERE item = 3; DELETE FROM inputs WHERE item = 3");
  EXPECT_THAT(said(), testing::HasSubstr("item without a trail: 3"));
  EXPECT_THAT(said(), testing::HasSubstr("item without what was handed in: 3"));
}

TEST_F(CheckTest, FindsAWrongCount) {
  damage("UPDATE queue_counts SET jobs = jobs + 1 WHERE bulkhead = 'llm'");
  EXPECT_EQ(said(), "count that is not the number of items: llm 0\n");
}

TEST_F(CheckTest, FindsAGapBetweenSegments) {
  damage("DELETE FROM transcript_segments WHERE number = 1");
  EXPECT_EQ(said(), "gap between the segments of an item: 2\n");
}

TEST_F(CheckTest, FindsAGapThatIsGone) {
  damage("DELETE FROM transcript_gaps WHERE number = 1");
  EXPECT_EQ(said(), "missing number among the gaps of an item: 2\n");
}

constexpr const char* kOneMemory =
    "INSERT INTO memory_sessions VALUES(1, 'ada', 0, NULL, x'');"
    "INSERT INTO memory_extractions VALUES(7, 1, 'ada', 'stt', 0, 'a', '0', 1, '', '', '', '')";

TEST_F(CheckTest, FR_9_FindsTextsThatASearchDoesNotKnowAndWordsOfNoText) {
  damage("DROP TRIGGER extraction_put; DROP TRIGGER extraction_gone");
  damage(kOneMemory);
  EXPECT_EQ(said(), "text that is not found by its words: extraction 7\n");

  damage("INSERT INTO extraction_words(rowid, text, owner, due) VALUES(7, 'a', '', '')");
  EXPECT_EQ(said(), "");
  damage("DELETE FROM memory_extractions");
  EXPECT_EQ(said(), "words of a text that is not there: extraction 7\n");
}

TEST_F(CheckTest, FR_9_FindsSegmentsThatASearchDoesNotKnow) {
  damage("INSERT INTO memory_sessions VALUES(2, 'ada', 0, NULL, x'')");  // its segments were there before it
  EXPECT_THAT(said(), testing::HasSubstr("text that is not found by its words: segment 2 of 2\n"));
}

TEST_F(CheckTest, FR_9_FindsMemoriesThatBelongToNoResultOrToSomebodyElse) {
  damage(kOneMemory);
  EXPECT_EQ(said(), "");

  damage("UPDATE memory_sessions SET owner = 'eve'; UPDATE memory_extractions SET user = 'eve', stage = 'other'");
  EXPECT_EQ(said(),
            "extraction of a result that is not there: 7\nmemory session of somebody else than its item: 1\n"
            "extraction of somebody else than its item: 7\n");
}

TEST_F(CheckTest, FindsAnEventNumberThatWouldBeGivenAgain) {
  damage("UPDATE sqlite_sequence SET seq = 1");
  EXPECT_THAT(said(), testing::HasSubstr("event number that may be given again"));
}

TEST_F(CheckTest, FindsDamagedBytesInsideARow) {
  damage("UPDATE queue_items SET progress = x'ff' WHERE item = 1");
  EXPECT_EQ(said(), "item 1: bytes inside a row of the job store are damaged\n");
}

TEST_F(CheckTest, FindsAStateThatCannotBe) {
  damage("UPDATE queue_items SET lease_node = NULL WHERE item = 2");
  EXPECT_EQ(said(), "item 2: its state cannot be\n");
}

TEST_F(CheckTest, FindsADamagedPage) {
  damage("PRAGMA wal_checkpoint(TRUNCATE)");
  const auto page = root_of_inputs();
  backend.close();
  {
    std::fstream file{backend.folder().store(), std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(static_cast<std::streamoff>((page - 1) * 4096 + 3));
    file.write("\x7f\x7f\x7f", 3);
  }
  auto database = Database::open({.path = backend.folder().store(), .read_only = true});
  ASSERT_TRUE(database.has_value());

  const auto found = complaints(*database);

  ASSERT_TRUE(found.has_value());
  EXPECT_THAT(*found, testing::Contains(testing::HasSubstr("damaged page")));
}

}  // namespace
}  // namespace holdfast::sqlite
