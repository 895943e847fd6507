#include "adapters/sqlite/retention_rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/sqlite/test_backend.hpp"
#include "tests/contract/retention_store_contract.hpp"

namespace holdfast::sqlite {
namespace {

using namespace std::chrono_literals;
using contract::kNow;

class RetentionRows : public testing::Test {
 protected:
  RetentionRows() { backend.set_now(kNow); }

  template <class T>
  T value(Task<Result<T>> task) {
    Result<T> result = backend.run(std::move(task));
    if (result) return *std::move(result);
    ADD_FAILURE() << result.error().what();
    return T{};
  }
  /// A cancelled item, as it is handed in, with so many letters in it.
  ItemId over(unsigned n, std::size_t letters = 1) {
    Transition change = contract::created(n);
    change.after.input.payload = std::string(letters, 'x');
    const ItemId id = value(backend.store().enqueue(std::move(change))).job.id;
    const Decide cancel = [](const Job& job, WallTime now) { return decide::request_cancel(job, now); };
    value(backend.store().update(id, cancel));
    return id;
  }
  void remove(const ItemId& id) {
    value(backend.store().update(id, contract::expiring()));
    value(backend.retention().remove(id, contract::removing()));
    const auto told = value(backend.store().outbox(1000));
    EXPECT_TRUE(backend.run(backend.store().delivered(contract::seqs_of(told))));
  }
  std::vector<ManagementEntry> lines() { return value(backend.accounts().management(0, 100)); }
  std::int64_t pages(const char* pragma) {
    auto database = Database::open({.path = backend.folder().store(), .read_only = true});
    return database->integer(pragma).value().value_or(-1);
  }

  TestBackend backend;
};

TEST_F(RetentionRows, FR_10_WhatIsTakenOutOfTheAuditIsALineOfTheAuditOfManagement) {
  for (unsigned n = 1; n <= 3; ++n) remove(over(n));
  backend.set_now(kNow + 100h);
  EXPECT_EQ(value(backend.retention().prune({.audit = 1h, .only_count = true})).trails, 3U);
  EXPECT_TRUE(lines().empty()) << "only counted";

  EXPECT_EQ(value(backend.retention().prune({.audit = 1h})).trails, 3U);

  ASSERT_EQ(lines().size(), 1U);
  EXPECT_EQ(lines()[0].actor + " " + lines()[0].operation + " " + lines()[0].outcome, "retention prune_audit done");
  EXPECT_EQ(lines()[0].subject, (Subject{{"count", "3"}, {"older_than", "1 h"}}));
  EXPECT_EQ(value(backend.retention().prune({.audit = 1h})).trails, 0U);
  EXPECT_EQ(lines().size(), 1U) << "nothing is said of nothing";
}

TEST_F(RetentionRows, FR_10_OldLinesOfTheAuditOfManagementGoAndOneSaysSo) {
  for (int n = 0; n < 5; ++n)
    value(backend.accounts().begin_management({.at = kNow + n * 1h, .actor = "root", .operation = "changeUser"}));
  backend.set_now(kNow + 100h);

  EXPECT_EQ(value(backend.retention().prune({.management = 200h})).lines, 0U);
  EXPECT_EQ(value(backend.retention().prune({.management = 97h, .limit = 2})).lines, 2U) << "a portion";
  EXPECT_EQ(value(backend.retention().prune({.management = 97h})).lines, 1U);

  std::string told;
  for (const ManagementEntry& line : lines()) told += line.operation + " ";
  EXPECT_EQ(told, "prune_management_audit prune_management_audit changeUser changeUser ");
}

TEST_F(RetentionRows, FR_10_FreePagesGoBackToTheDiskInSmallSteps) {
  std::vector<ItemId> items;
  for (unsigned n = 1; n <= 60; ++n) items.push_back(over(n, 100'000));
  for (const ItemId& id : items) remove(id);
  const std::int64_t before = pages("PRAGMA page_count");
  const std::int64_t free = pages("PRAGMA freelist_count");
  ASSERT_GT(free, 1000);

  EXPECT_EQ(value(backend.retention().give_back(100)), 100U);
  EXPECT_EQ(pages("PRAGMA freelist_count"), free - 100);
  for (std::size_t given = 1; given > 0;) given = value(backend.retention().give_back(100));

  EXPECT_EQ(pages("PRAGMA freelist_count"), std::int64_t{RetentionStore::kFreePages}) << "room to grow into";
  EXPECT_LT(pages("PRAGMA page_count"), before - free + 300);
  EXPECT_TRUE(value(backend.store().check()).empty());
  const auto grown = std::filesystem::file_size(backend.folder().store());
  backend.close();
  EXPECT_LT(std::filesystem::file_size(backend.folder().store()), std::max<std::uintmax_t>(grown, 4'000'000));
}

TEST_F(RetentionRows, AFileThatCannotGiveItsPagesBackSaysThatThereAreNone) {
  backend.close();
  {
    auto database = Database::open({.path = backend.folder().store()});
    ASSERT_TRUE(database->script("PRAGMA journal_mode=DELETE; PRAGMA auto_vacuum=NONE; VACUUM;"
                                 "PRAGMA journal_mode=WAL"));
  }
  backend.reopen();
  for (unsigned n = 1; n <= 30; ++n) remove(over(n, 100'000));

  EXPECT_EQ(value(backend.retention().give_back(100)), 0U);
  EXPECT_TRUE(value(backend.store().check()).empty());
}

TEST_F(RetentionRows, TheCheckFindsARemovalThatIsOnlyHalfThere) {
  remove(over(1));
  over(2);
  const auto said = [this] {
    std::string all;
    for (const std::string& what : value(backend.store().check())) all += what + "\n";
    return all;
  };
  const auto damage = [this](const char* sql) {
    auto database = Database::open({.path = backend.folder().store()});
    sqlite3_db_config(database->connection(), SQLITE_DBCONFIG_DEFENSIVE, 0, nullptr);
    ASSERT_TRUE(database->script(sql));
  };
  ASSERT_EQ(said(), "");
  damage("DELETE FROM past_events WHERE seq = (SELECT max(seq) FROM past_events)");
  EXPECT_EQ(said(), "removed item without the end of its trail: 1\n");
  damage("UPDATE removed_items SET id = (SELECT id FROM queue_items)");
  EXPECT_THAT(said(), testing::HasSubstr("removed item that is still there: 1"));
  damage("UPDATE queue_items SET kept = 1");
  EXPECT_THAT(said(), testing::HasSubstr("item whose retention cannot be"));
}

}  // namespace
}  // namespace holdfast::sqlite
