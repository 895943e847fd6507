#include "adapters/sqlite/database.hpp"

#include <gtest/gtest.h>

#include <array>
#include <fstream>

#include "adapters/sqlite/changes.hpp"
#include "adapters/sqlite/job_rows.hpp"
#include "adapters/sqlite/output_rows.hpp"
#include "adapters/sqlite/retention_rows.hpp"
#include "adapters/sqlite/schema.hpp"
#include "adapters/sqlite/test_backend.hpp"
#include "adapters/sqlite/trail_rows.hpp"
#include "tests/contract/retention_store_contract.hpp"

namespace holdfast::sqlite {
namespace {

constexpr std::array<const char*, 2> kTwoSteps{"CREATE TABLE a(x); INSERT INTO a VALUES(1)",
                                               "ALTER TABLE a ADD COLUMN y; UPDATE a SET y = x + 1"};

Database open_at(const std::string& path) {
  auto opened = Database::open({.path = path});
  EXPECT_TRUE(opened.has_value()) << path;
  return *std::move(opened);
}

std::string pragma(Database& database, const char* name) {
  auto found = database.query(name);
  if (!found || !found->step().value_or(false)) return "nothing";
  return found->text(0);
}

TEST(Database, WhatDurabilityRestsOnIsSet) {
  const TestFolder folder;
  Database database = open_at(folder.store());
  EXPECT_EQ(pragma(database, "PRAGMA journal_mode"), "wal");
  EXPECT_EQ(pragma(database, "PRAGMA synchronous"), "2");
  EXPECT_EQ(pragma(database, "PRAGMA wal_autocheckpoint"), "0");
  EXPECT_EQ(pragma(database, "PRAGMA mmap_size"), "0");
  EXPECT_EQ(pragma(database, "PRAGMA foreign_keys"), "1");
  EXPECT_EQ(pragma(database, "PRAGMA trusted_schema"), "0");
  EXPECT_EQ(pragma(database, "PRAGMA auto_vacuum"), "2");
  EXPECT_FALSE(database.script("PRAGMA writable_schema=ON; DELETE FROM sqlite_schema").has_value());
}

TEST(Database, TheLibraryIsNewerThanTheWalResetBug) {
  EXPECT_GE(sqlite3_libversion_number(), kOldestVersion);
}

TEST(Database, AFileThatCannotBeWalIsRefused) {
  const auto memory = Database::open({.path = ":memory:"});
  ASSERT_FALSE(memory.has_value());
  EXPECT_EQ(memory.error().code(), "HF-STO-01");
}

TEST(Database, AFileThatCannotBeOpenedIsRefused) {
  const TestFolder folder;
  const auto opened = Database::open({.path = (folder.path() / "no such folder" / "x.db").string()});
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().error_class(), ErrorClass::dependency);
}

TEST(Database, AFileThatIsNoDatabaseIsCorrupt) {
  const TestFolder folder;
  std::ofstream{folder.store()} << std::string(8192, 'x');
  const auto opened = open_sqlite_job_store(folder.store());
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().error_class(), ErrorClass::corrupt);
}

TEST(Database, AReadingConnectionCannotWrite) {
  const TestFolder folder;
  Database writing = open_at(folder.store());
  ASSERT_TRUE(migrate(writing, migrations()));
  auto reading = Database::open({.path = folder.store(), .read_only = true});
  ASSERT_TRUE(reading.has_value());
  EXPECT_FALSE(reading->run("DELETE FROM users").has_value());
}

TEST(Database, AnIntegerBlobAndTextComeBackAsTheyWent) {
  const TestFolder folder;
  Database database = open_at(folder.store());
  ASSERT_TRUE(database.script("CREATE TABLE t(a, b, c, d, e)"));
  const std::string bytes{"\0\xff", 2};
  ASSERT_TRUE(database.run("INSERT INTO t VALUES(?1, ?2, ?3, ?4, ?5)", -1, bytes, Blob{bytes}, nullptr,
                           std::string_view{}));

  auto row = database.query("SELECT a, b, c, d, e, typeof(b), typeof(c), typeof(d), typeof(e) FROM t");
  ASSERT_TRUE(row && row->step().value_or(false));
  EXPECT_EQ(row->integer(0), -1);
  EXPECT_EQ(row->text(1), bytes);
  EXPECT_EQ(row->text(2), bytes);
  EXPECT_EQ(row->text(5) + row->text(6) + row->text(7) + row->text(8), "textblobnulltext");
}

TEST(Migrate, EachStepIsDoneOnce) {
  const TestFolder folder;
  Database database = open_at(folder.store());
  ASSERT_TRUE(migrate(database, std::span{kTwoSteps}.first(1)));
  EXPECT_EQ(pragma(database, "PRAGMA user_version"), "1");

  ASSERT_TRUE(migrate(database, kTwoSteps));
  ASSERT_TRUE(migrate(database, kTwoSteps));

  EXPECT_EQ(pragma(database, "PRAGMA user_version"), "2");
  EXPECT_EQ(pragma(database, "SELECT group_concat(x || '-' || y) FROM a"), "1-2");
}

/// Takes every step after the first one back.
constexpr const char* kBackToTheFirst = R"sql(
DROP TRIGGER segment_put;
DROP TRIGGER segment_gone;
DROP TABLE segment_words;
DROP TABLE vectors;
DROP TABLE memory_extractions;
DROP TABLE extraction_words;
DROP TABLE memory_sessions;
DROP TABLE past_events;
DROP TABLE removed_items;
DROP INDEX items_over;
ALTER TABLE queue_items DROP COLUMN kept;
ALTER TABLE queue_items DROP COLUMN results_expired_at;
ALTER TABLE queue_items DROP COLUMN file_expired_at;
ALTER TABLE queue_items DROP COLUMN over_at;
DROP TABLE management_audit;
DROP TABLE attempts;
DROP TABLE invitations;
DROP TABLE api_tokens;
DROP TABLE refresh_tokens;
ALTER TABLE users DROP COLUMN version;
ALTER TABLE users DROP COLUMN active;
ALTER TABLE queue_items DROP COLUMN discarded;
DROP TABLE states;
DROP TABLE transcript_gaps;
PRAGMA user_version = 1;)sql";

TEST(Migrate, AStoreOfTheFirstVersionKeepsItsJobsAndLearnsWhatCameLater) {
  const TestFolder folder;
  Database database = open_at(folder.store());
  ASSERT_TRUE(migrate(database, migrations()));
  ASSERT_TRUE(enqueue(database, contract::created(1)));
  const auto claimed = claim(database, contract::claim_request(), contract::kNow).value();
  ASSERT_EQ(claimed.size(), 1U);
  ASSERT_TRUE(enqueue(database, contract::created(2)));
  const Decide cancel = [](const Job& job, WallTime now) { return decide::request_cancel(job, now); };
  ASSERT_TRUE(update(database, contract::item_id(2), std::nullopt, cancel, contract::kNow));
  ASSERT_TRUE(database.script(kBackToTheFirst));

  ASSERT_TRUE(migrate(database, migrations()));
  ASSERT_TRUE(
      checkpoint(database, claimed[0].id, claimed[0].fence, contract::sample_checkpoint(0, 2), contract::kNow));

  EXPECT_EQ(contract::text_of(gaps_of(database, 1).value()), contract::text_of(contract::sample_gaps(0, 2)));
  EXPECT_EQ(load_item(database, 1).value()->job.discarded, "");
  EXPECT_FALSE(load_item(database, 1).value()->job.over_at.has_value());
  EXPECT_EQ(load_item(database, 2).value()->job.over_at, contract::kNow) << "as far as an old store tells";
  EXPECT_EQ(undelivered(database, 100).value().size(), log_after(database, 0, 100).value().size());
}

TEST(Migrate, AStepThatFailsLeavesNothingBehind) {
  constexpr std::array<const char*, 2> kBroken{kTwoSteps[0],
                                               "CREATE TABLE b(x); INSERT INTO nowhere VALUES(1)"};
  const TestFolder folder;
  Database database = open_at(folder.store());

  EXPECT_FALSE(migrate(database, kBroken).has_value());

  EXPECT_EQ(pragma(database, "PRAGMA user_version"), "1");
  EXPECT_EQ(pragma(database, "SELECT count(*) FROM sqlite_schema"), "1");
  EXPECT_TRUE(migrate(database, kTwoSteps).has_value());
}

TEST(Migrate, AStoreOfANewerProgramIsRefusedAndLeftAsItIs) {
  const TestFolder folder;
  {
    Database database = open_at(folder.store());
    ASSERT_TRUE(migrate(database, migrations()));
    ASSERT_TRUE(database.script("PRAGMA user_version=99"));
  }
  const auto opened = open_sqlite_job_store(folder.store());

  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code(), "HF-CFG-01");
  EXPECT_NE(opened.error().what().find("newer version"), std::string::npos);
  EXPECT_NE(opened.error().what().find("99"), std::string::npos);
  Database database = open_at(folder.store());
  EXPECT_EQ(pragma(database, "PRAGMA user_version"), "99");
}

/// The error of opening only to read, empty when there is none.
std::string refusal_to_read(const TestFolder& folder) {
  const auto opened = open_sqlite_job_store(folder.store(), {.own_threads = false, .read_only = true});
  return opened ? "" : opened.error().code();
}

TEST(ReadOnly, AStoreIsReadAndNotWritten) {
  TestBackend backend;
  ASSERT_TRUE(backend.run(backend.states().keep("a", "1")));
  backend.close();
  auto stores = open_sqlite_stores(backend.folder().store(), {.read_only = true});
  ASSERT_TRUE(stores.has_value()) << stores.error().what();

  EXPECT_TRUE(backend.run(stores->states->kept("a")).value().has_value());
  EXPECT_TRUE(backend.run(stores->jobs->check()).value().empty());
  const auto written = backend.run(stores->states->keep("b", "2"));
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().error_class(), ErrorClass::dependency);
  EXPECT_FALSE(backend.run(stores->states->kept("b")).value().has_value());
}

TEST(ReadOnly, NothingIsMadeAndNothingIsMigrated) {
  const TestFolder folder;
  EXPECT_EQ(refusal_to_read(folder), "HF-STO-01");
  EXPECT_FALSE(std::filesystem::exists(folder.store()));
  {
    Database database = open_at(folder.store());
    ASSERT_TRUE(migrate(database, migrations()));
    ASSERT_TRUE(database.script("PRAGMA user_version=0"));
  }
  EXPECT_EQ(refusal_to_read(folder), "HF-CFG-01");
  Database database = open_at(folder.store());
  EXPECT_EQ(pragma(database, "PRAGMA user_version"), "0");
}

TEST(Migrate, SomebodyElsesFileGetsNoTablesOfOurs) {
  const TestFolder folder;
  {
    Database database = open_at(folder.store());
    ASSERT_TRUE(database.script("CREATE TABLE theirs(x)"));
  }
  const auto opened = open_sqlite_job_store(folder.store());

  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code(), "HF-CFG-01");
  Database database = open_at(folder.store());
  EXPECT_EQ(pragma(database, "SELECT count(*) FROM sqlite_schema"), "1");
}

TEST(Migrate, EveryStoreHasANameOfItsOwn) {
  const TestFolder one;
  const TestFolder two;
  const auto name = [](const TestFolder& folder) {
    Database database = open_at(folder.store());
    EXPECT_TRUE(migrate(database, migrations()).has_value());
    return pragma(database, "SELECT value FROM meta WHERE key = 'instance'");
  };
  EXPECT_EQ(name(one).size(), 32U);
  EXPECT_EQ(name(one), name(one));
  EXPECT_NE(name(one), name(two));
}

/// How SQLite runs a statement: "SEARCH ..." looks into an index, "SCAN" reads all rows, "TEMP B-TREE" sorts.
std::string plan_of(Database& database, const std::string& sql) {
  const std::string explain = "EXPLAIN QUERY PLAN " + sql;
  Database alone = open_at(sqlite3_db_filename(database.connection(), "main"));  // keeps no statement of ours
  auto rows = alone.query(explain);
  std::string plan;
  while (rows && rows->step().value_or(false)) plan += rows->text(3) + "\n";
  return plan;
}

TEST(ClaimPlan, IsOneLookAtTheIndexOfDueJobs) {
  const TestFolder folder;
  Database database = open_at(folder.store());
  ASSERT_TRUE(migrate(database, migrations()));
  for (const char* sql : {kNextPriority, kDueOfPriority, kFirstOfPriority}) {
    const std::string plan = plan_of(database, sql);
    EXPECT_NE(plan.find("SEARCH queue_items USING"), std::string::npos) << plan;
    EXPECT_NE(plan.find("items_due"), std::string::npos) << plan;
    EXPECT_EQ(plan.find("TEMP B-TREE"), std::string::npos) << plan;
  }
}

/// Statements of this connection that read all rows of a table or sorted, since they were prepared. What has
/// to: reading the outbox and the counts is reading all of them.
std::string slow_statements(const Database& database) {
  std::string slow;
  sqlite3_stmt* statement = nullptr;
  while ((statement = sqlite3_next_stmt(database.connection(), statement)) != nullptr) {
    const std::string sql = sqlite3_sql(statement);
    const bool reads_all = sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0) > 0;
    const bool sorts = sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_SORT, 0) > 0;
    const bool may =
        sql.find("FROM outbox o") != std::string::npos || sql.find("FROM queue_counts") != std::string::npos;
    if (sorts || (reads_all && !may)) slow += sql + "\n";
  }
  return slow;
}

/// Every call of retention, with jobs that are over among those that are not.
void look_at_retention(Database& database) {
  const Decide cancel = [](const Job& job, WallTime now) { return decide::request_cancel(job, now); };
  for (const unsigned n : {20U, 21U}) {
    ASSERT_TRUE(update(database, contract::item_id(n), std::nullopt, cancel, contract::kNow));
    ASSERT_TRUE(update(database, contract::item_id(n), std::nullopt, contract::expiring(), contract::kNow));
  }
  const OverQuery query = contract::over_query(JobStatus::cancelled, 0, milliseconds{0});
  EXPECT_EQ(recipes_over(database).value().size(), 1U);
  EXPECT_EQ(jobs_over(database, query, contract::kNow).value().size(), 2U);
  EXPECT_EQ(count_over(database, query, contract::kNow).value(), 2U);
  ASSERT_TRUE(remove_job(database, contract::item_id(20), contract::removing(), contract::kNow));
  EXPECT_EQ(past_events_of(database, contract::item_id(20)).value().back().entry.type, "job.removed");
  ASSERT_TRUE(prune(database, {.audit = milliseconds{1}}, contract::kNow));
}

TEST(ClaimPlan, NoCallOfTheStoreReadsAllJobsOrSortsThem) {
  const TestFolder folder;
  Database database = open_at(folder.store());
  ASSERT_TRUE(migrate(database, migrations()));
  for (unsigned n = 1; n <= 50; ++n) ASSERT_TRUE(enqueue(database, contract::created(n)));
  const ItemId some = contract::item_id(7);

  for (unsigned filters = 0; filters < 8; ++filters) {
    Query query{.before = contract::item_id(40)};
    if ((filters & 1U) != 0) query.owner = "ada";
    if ((filters & 2U) != 0) query.status = JobStatus::pending;
    if ((filters & 4U) != 0) query.recipe = "introductions";
    EXPECT_EQ(list_jobs(database, query).value().size(), 39U) << filters;
  }
  const auto claimed = claim(database, contract::claim_request("engine", 3), contract::kNow).value();
  ASSERT_EQ(claimed.size(), 3U);
  ASSERT_TRUE(extend(database, claimed[0].id, claimed[0].fence, contract::kNow));
  ASSERT_TRUE(checkpoint(database, claimed[0].id, claimed[0].fence, {.position_ms = 5}, contract::kNow));
  ASSERT_TRUE(
      update(database, claimed[0].id, 1, contract::failing(ErrorClass::dependency, "w"), contract::kNow));
  EXPECT_EQ(held_ids(database, "w").value().size(), 1U);
  EXPECT_EQ(processing_ids(database).value().size(), 2U);
  EXPECT_EQ(pending_after(database, contract::kStart).value().size(), 48U);
  EXPECT_TRUE(first_due(database, "engine").value().has_value());
  EXPECT_TRUE(load_key(database, "ada", "key-7").value().has_value());
  EXPECT_TRUE(load(database, some).value().has_value());
  EXPECT_EQ(events_of(database, 7).value().size(), 1U);
  EXPECT_EQ(log_after(database, 10, 5).value().size(), 5U);
  EXPECT_EQ(undelivered(database, 5).value().size(), 5U);
  ASSERT_TRUE(take_out(database, {3}));
  look_at_retention(database);

  EXPECT_EQ(slow_statements(database), "");
}

}  // namespace
}  // namespace holdfast::sqlite
