#include "adapters/sqlite/writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fstream>

#include "adapters/sqlite/test_backend.hpp"
#include "adapters/sqlite/test_disk.hpp"
#include "tests/contract/job_store_samples.hpp"

namespace holdfast::sqlite {
namespace {

using contract::created;
using contract::item_id;

SqliteOptions on_test_disk() { return {.vfs = kTestDisk}; }

/// Starts `count` calls at the same time and returns what they returned, in the order of the calls.
std::vector<Result<Enqueued>> enqueue_at_once(TestBackend& backend, unsigned from, unsigned count) {
  std::vector<Result<Enqueued>> results(count);
  for (unsigned i = 0; i < count; ++i) {
    auto call = backend.store().enqueue(created(from + i));
    asio::co_spawn(backend.io(), std::move(call), [&results, i](std::exception_ptr, Result<Enqueued> result) {
      results[i] = std::move(result);
    });
  }
  backend.io().restart();
  backend.io().run();
  return results;
}

std::size_t jobs_in(TestBackend& backend) {
  return backend.run(backend.store().list({.limit = 10'000})).value().size();
}

TEST(Writer, ACallIsAnsweredOnlyAfterItsSync) {
  TestDisk disk;
  TestBackend backend{on_test_disk()};
  for (unsigned n = 1; n <= 5; ++n) {
    const int before = disk.wal_syncs;
    ASSERT_TRUE(backend.run(backend.store().enqueue(created(n))));
    EXPECT_GT(disk.wal_syncs, before);
  }
}

TEST(Writer, CallsThatArriveDuringACommitShareTheNextOne) {
  TestDisk disk;
  TestBackend backend{on_test_disk()};
  disk.hold_syncs = true;
  std::optional<Result<Enqueued>> first;
  auto call = backend.store().enqueue(created(1));
  asio::co_spawn(backend.io(), std::move(call),
                 [&](std::exception_ptr, Result<Enqueued> result) { first = std::move(result); });
  backend.io().poll();
  disk.syncs_held.wait(0);  // the first commit is under way
  const int before = disk.wal_syncs;
  std::size_t answered = 0;
  for (unsigned n = 2; n <= 51; ++n) {
    auto later = backend.store().enqueue(created(n));
    asio::co_spawn(backend.io(), std::move(later), [&](std::exception_ptr, Result<Enqueued> result) {
      answered += result.has_value() ? 1 : 0;
    });
  }
  backend.io().poll();
  EXPECT_FALSE(first.has_value());
  EXPECT_EQ(answered, 0U);

  disk.hold_syncs = false;
  disk.hold_syncs.notify_all();
  backend.io().run();

  EXPECT_TRUE(first.has_value());
  EXPECT_EQ(answered, 50U);
  EXPECT_EQ(disk.wal_syncs - before, 2);
}

TEST(Writer, FR_8_WhatIsClaimedGoesOnBeforeItsSenderIsAnswered) {
  TestDisk disk;
  TestBackend backend{on_test_disk()};
  disk.hold_syncs = true;
  std::vector<std::string> told;
  const auto start = [&](auto call, std::string name) {
    asio::co_spawn(backend.io(), std::move(call), [&told, name](std::exception_ptr, const auto& result) {
      told.push_back(name + (result ? "" : "!"));
    });
  };
  start(backend.store().enqueue(created(1)), "first");
  backend.io().poll();
  disk.syncs_held.wait(0);  // the first commit is under way: the next one has both
  start(backend.store().enqueue(created(2)), "sender");
  ClaimRequest request = contract::claim_request();
  request.local_holder = true;
  start(backend.store().claim(std::move(request)), "claim");
  backend.io().poll();
  disk.hold_syncs = false;
  disk.hold_syncs.notify_all();
  backend.io().run();

  EXPECT_THAT(told, testing::ElementsAre("first", "claim", "sender"));
}

TEST(Writer, AFullDiskWritesNothingTellsEverybodyAndIsOverWhenThereIsRoom) {
  TestDisk disk;
  TestBackend backend{on_test_disk()};
  ASSERT_TRUE(backend.run(backend.store().enqueue(created(1))));
  disk.wal_write_error = SQLITE_FULL;
  for (const auto& result : enqueue_at_once(backend, 2, 5)) {
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().error_class(), ErrorClass::resource);
    EXPECT_EQ(result.error().code(), "HF-STO-02");
  }
  EXPECT_EQ(jobs_in(backend), 1U);

  disk.wal_write_error = SQLITE_OK;
  for (const auto& result : enqueue_at_once(backend, 2, 5)) EXPECT_TRUE(result.has_value());

  EXPECT_EQ(jobs_in(backend), 6U);
  backend.reopen();
  EXPECT_EQ(jobs_in(backend), 6U);
  EXPECT_TRUE(backend.run(backend.store().check()).value().empty());
}

TEST(Writer, AnErrorOfOneCallLeavesTheOthersOfItsBatchAlone) {
  TestDisk disk;
  TestBackend backend{on_test_disk()};
  disk.hold_syncs = true;
  unsigned kept = 0;
  unsigned refused = 0;
  for (unsigned n = 0; n <= 20; ++n) {
    Transition change = created(n);
    if (n % 2 == 1) change.after.job_key = "key-0";  // used by the first already, for something else
    auto call = backend.store().enqueue(std::move(change));
    asio::co_spawn(backend.io(), std::move(call), [&](std::exception_ptr, Result<Enqueued> result) {
      (result.has_value() ? kept : refused) += 1;
    });
  }
  backend.io().poll();
  disk.hold_syncs = false;
  disk.hold_syncs.notify_all();
  backend.io().run();

  EXPECT_EQ(kept, 11U);
  EXPECT_EQ(refused, 10U);
  EXPECT_EQ(jobs_in(backend), 11U);
  EXPECT_TRUE(backend.run(backend.store().check()).value().empty());
}

TEST(Writer, AWorkThatHasWrittenBeforeItFailsIsTakenBackAlone) {
  const TestFolder folder;
  auto database = Database::open({.path = folder.store()});
  ASSERT_TRUE(database && database->script("CREATE TABLE t(x);"
                                           "CREATE TABLE audit(seq INTEGER PRIMARY KEY AUTOINCREMENT)"));
  Writer writer{*std::move(database), true};
  asio::io_context io;
  unsigned failed = 0;
  for (int n = 0; n < 9; ++n) {
    auto work = [n](Database& on) -> Result<void> {
      HF_TRY_VOID(on.run("INSERT INTO t VALUES(?1)", n));
      if (n % 3 == 1) return fail(ErrorClass::conflict, "HF-ITM-03", "changed its mind");
      return {};
    };
    auto call = on_lane<void>(writer.lane(), Haste::durable, std::move(work));
    asio::co_spawn(io, std::move(call), [&](std::exception_ptr, Result<void> done) { failed += done ? 0 : 1; });
  }
  io.run();

  auto reading = Database::open({.path = folder.store(), .read_only = true});
  EXPECT_EQ(failed, 3U);
  EXPECT_EQ(reading->integer("SELECT count(*) * 100 + sum(x) FROM t"), 600 + 0 + 2 + 3 + 5 + 6 + 8);
}

using WriterDeathTest = testing::Test;

void break_the_sync(int code) {
  TestDisk disk;
  TestBackend backend{on_test_disk()};
  (void)backend.run(backend.store().enqueue(created(1)));
  disk.sync_error = code;
  const auto result = backend.run(backend.store().enqueue(created(2)));
  std::fprintf(stderr, "went on: %d\n", int(result.has_value()));
}

TEST(WriterDeathTest, AFailedSyncIsNeverRepeated) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(break_the_sync(SQLITE_IOERR_FSYNC), "cannot be trusted any more");
}

void break_a_write() {
  TestDisk disk;
  TestBackend backend{on_test_disk()};
  disk.wal_write_error = SQLITE_IOERR_WRITE;
  (void)backend.run(backend.store().enqueue(created(1)));
}

TEST(WriterDeathTest, AnIoErrorEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(break_a_write(), "cannot be trusted any more");
}

/// In a simulator the process dies otherwise: a store whose disk has failed then does nothing and says
/// nothing.
TEST(Writer, AStoreThatIsNotToAbortAnswersNobodyAfterAFailedSync) {
  TestDisk disk;
  int code = SQLITE_OK;
  const auto damaged = [&code](int with, std::string_view) { code = with; };
  TestBackend backend{{.vfs = kTestDisk, .own_threads = false, .on_damage = damaged}};
  ASSERT_TRUE(backend.run(backend.store().enqueue(created(1))));
  disk.sync_error = SQLITE_IOERR_FSYNC;
  unsigned answers = 0;
  for (unsigned n = 2; n <= 3; ++n) {
    auto call = backend.store().enqueue(created(n));
    asio::co_spawn(backend.io(), std::move(call),
                   [&](std::exception_ptr, Result<Enqueued>) { answers += 1; });
    backend.io().restart();
    backend.io().poll();
    disk.sync_error = SQLITE_OK;
  }

  EXPECT_EQ(code, SQLITE_IOERR_FSYNC);
  EXPECT_EQ(answers, 0U);
}

/// Everything that was answered is in the bytes that were synced, at every moment.
TEST(Writer, LAB_1_APowerCutTakesNothingBackThatWasAnswered) {
  const TestFolder after_the_cut;
  TestDisk disk;
  disk.survivors = after_the_cut.path();
  TestBackend backend{on_test_disk()};
  backend.set_now(contract::kNow);
  for (unsigned n = 1; n <= 20; ++n) {
    ASSERT_TRUE(backend.run(backend.store().enqueue(created(n))));
    auto request = contract::claim_request();
    request.local_holder = n % 2 == 0;
    const auto claimed = backend.run(backend.store().claim(std::move(request))).value();
    ASSERT_EQ(claimed.size(), 1U);
    const Job& job = claimed.front();
    const auto settled =
        backend.run(backend.store().update_leased(job.id, job.fence, contract::succeeding()));
    ASSERT_TRUE(settled.has_value());

    const TestFolder copy;  // opening it changes it
    std::filesystem::copy(after_the_cut.path(), copy.path());
    asio::io_context io;
    auto opened = open_sqlite_job_store((copy.path() / "holdfast.db").string(), {.own_threads = false});
    ASSERT_TRUE(opened.has_value()) << opened.error().what();
    const auto count = [&](Task<Result<std::vector<Job>>> list) {
      std::size_t found = 0;
      asio::co_spawn(io, std::move(list), [&](std::exception_ptr, Result<std::vector<Job>> jobs) {
        for (const Job& one : jobs.value()) found += one.stage == 2 ? 1 : 0;
      });
      io.restart();
      io.run();
      return found;
    };
    EXPECT_EQ(count((*opened)->list({.limit = 1000})), n);
  }
}

/// Puts the first job into the store and leases it for a worker that ends with this machine.
Job lease_locally(TestBackend& backend) {
  backend.set_now(contract::kNow);
  EXPECT_TRUE(backend.run(backend.store().enqueue(created(1))));
  auto request = contract::claim_request();
  request.local_holder = true;
  auto claimed = backend.run(backend.store().claim(std::move(request))).value();
  EXPECT_EQ(claimed.size(), 1U);
  return claimed.front();
}

std::vector<std::string> types_of(const std::vector<StoredEvent>& events) {
  std::vector<std::string> types;
  for (const StoredEvent& event : events) types.push_back(event.entry.type);
  return types;
}

TEST(Writer, TheLeaseOfALocalHolderIsLeftToTheNextSync) {
  TestDisk disk;
  TestBackend backend{on_test_disk()};
  backend.set_now(contract::kNow);
  ASSERT_TRUE(backend.run(backend.store().enqueue(created(1))));
  auto request = contract::claim_request();
  request.local_holder = true;
  const int before = disk.wal_syncs;

  const auto claimed = backend.run(backend.store().claim(std::move(request))).value();

  EXPECT_EQ(claimed.size(), 1U);
  EXPECT_EQ(disk.wal_syncs, before);
}

TEST(Writer, AnEventThatAPowerCutMayTakeBackIsToldToNobody) {
  TestDisk disk;
  TestBackend backend{on_test_disk()};
  lease_locally(backend);

  const auto log = backend.run(backend.store().events_after(0, 10)).value();
  const auto outbox = backend.run(backend.store().outbox(10)).value();

  EXPECT_EQ(types_of(log), std::vector<std::string>{"job.created"});
  EXPECT_EQ(types_of(outbox), std::vector<std::string>{"job.created"});
}

TEST(Writer, TheOutboxMakesDurableWhatItWouldKeepBack) {
  const TestFolder after_the_cut;
  TestDisk disk;
  disk.survivors = after_the_cut.path();
  TestBackend backend{on_test_disk()};
  const Job job = lease_locally(backend);
  const auto created_event = backend.run(backend.store().outbox(10)).value();
  ASSERT_TRUE(backend.run(backend.store().delivered({created_event.front().seq})));

  const auto outbox = backend.run(backend.store().outbox(10)).value();

  EXPECT_EQ(types_of(outbox), std::vector<std::string>{"stage.started"});
  TestBackend reopened{std::filesystem::path{after_the_cut.path()}};
  EXPECT_EQ(reopened.run(reopened.store().find(job.id)).value()->fence, job.fence);
}

TEST(Writer, TheSyncOfALaterCommitTakesTheLeaseAlong) {
  const TestFolder after_the_cut;
  TestDisk disk;
  disk.survivors = after_the_cut.path();
  TestBackend backend{on_test_disk()};
  const Job job = lease_locally(backend);
  const int before = disk.wal_syncs;

  ASSERT_TRUE(backend.run(backend.store().enqueue(created(2))));

  EXPECT_EQ(disk.wal_syncs, before + 1);
  EXPECT_EQ(backend.run(backend.store().events_after(0, 10)).value().size(), 3U);
  TestBackend reopened{std::filesystem::path{after_the_cut.path()}};
  EXPECT_EQ(reopened.run(reopened.store().find(job.id)).value()->status, JobStatus::processing);
}

/// Found by the simulator: a call that is refused writes nothing, and a commit of nothing syncs nothing.
TEST(Writer, ACommitOfNothingMakesNothingDurable) {
  TestDisk disk;
  TestBackend backend{on_test_disk()};
  const Job job = lease_locally(backend);
  const auto refuse = [](const Job&, WallTime) -> Result<Transition> {
    return fail(ErrorClass::conflict, "HF-ITM-03", "no");
  };

  EXPECT_FALSE(backend.run(backend.store().update(job.id, refuse)).has_value());

  EXPECT_EQ(types_of(backend.run(backend.store().events_after(0, 10)).value()),
            std::vector<std::string>{"job.created"});
}

TEST(Writer, APowerCutThatTakesALeaseBackLeavesTheJobPending) {
  const TestFolder after_the_cut;
  TestDisk disk;
  disk.survivors = after_the_cut.path();
  TestBackend backend{on_test_disk()};
  const Job job = lease_locally(backend);

  TestBackend reopened{std::filesystem::path{after_the_cut.path()}};

  const auto found = reopened.run(reopened.store().find(job.id)).value();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->status, JobStatus::pending);
  EXPECT_TRUE(reopened.run(reopened.store().check()).value().empty());
}

/// What a process that was killed had committed and not synced is still in memory, so a new one sees it, and
/// may tell of it: it has to be on the disk first.
TEST(Writer, OpeningMakesDurableWhatAKilledProcessHadNotSynced) {
  TestDisk disk;
  TestBackend backend{on_test_disk()};
  lease_locally(backend);
  const int before = disk.wal_syncs;

  auto other = open_sqlite_job_store(backend.folder().store(), {.vfs = kTestDisk, .own_threads = false});

  ASSERT_TRUE(other.has_value());
  EXPECT_GT(disk.wal_syncs, before);
}

std::uintmax_t wal_bytes(const TestBackend& backend) {
  return std::filesystem::file_size(backend.folder().store() + "-wal");
}

/// Jobs with a payload of `bytes`, one call each.
void fill(TestBackend& backend, unsigned from, unsigned count, std::size_t bytes) {
  for (unsigned n = from; n < from + count; ++n) {
    Transition change = created(n);
    change.after.input.payload = std::string(bytes, 'x');
    ASSERT_TRUE(backend.run(backend.store().enqueue(std::move(change))));
  }
}

TEST(Writer, TheLogIsCopiedIntoTheMainFileAndUsedAgain) {
  TestBackend backend;
  fill(backend, 0, 40, 1U << 20U);

  EXPECT_GT(std::filesystem::file_size(backend.folder().store()), 30U << 20U);
  EXPECT_LT(wal_bytes(backend), 16U << 20U);
}

TEST(Writer, ALogThatHasGrownLongIsCutWhenNobodyWaits) {
  TestBackend backend;
  fill(backend, 0, 1, 40U << 20U);  // one transaction cannot be copied before it is over
  fill(backend, 1, 1, 1);           // the call after it begins when the checkpoint of the first is over

  EXPECT_LT(wal_bytes(backend), 1U << 20U);
}

TEST(Writer, AnotherProcessMayWriteBetweenTwoCommits) {
  TestBackend backend;
  ASSERT_TRUE(backend.run(backend.store().enqueue(created(1))));
  auto other = open_sqlite_stores(backend.folder().store(), {.own_threads = false});
  ASSERT_TRUE(other.has_value());

  ASSERT_TRUE(backend.run(other->states->keep("a", "1")));
  ASSERT_TRUE(backend.run(backend.store().enqueue(created(2))));

  EXPECT_TRUE(backend.run(backend.states().kept("a")).value().has_value());
  EXPECT_EQ(backend.run(other->jobs->list({})).value().size(), 2U);
}

TEST(Writer, DestructionFinishesWhatWasHandedOver) {
  TestBackend backend;
  unsigned answered = 0;
  for (unsigned n = 1; n <= 30; ++n) {
    auto call = backend.store().enqueue(created(n));
    asio::co_spawn(backend.io(), std::move(call), [&](std::exception_ptr, Result<Enqueued> result) {
      answered += result.has_value() ? 1 : 0;
    });
  }
  backend.io().poll();

  backend.close();
  backend.io().run();

  EXPECT_EQ(answered, 30U);
  backend.reopen();
  EXPECT_EQ(jobs_in(backend), 30U);
}

/// A work that only says whether it was served or refused.
class Probe final : public Work {
 public:
  Probe(std::atomic<int>& served, std::atomic<int>& refused)
      : Work{Haste::durable}, served_{served}, refused_{refused} {}
  bool run(Database& /*database*/) override { return true; }
  void refuse(const Error& error) override { error_ = error; }
  void finish() override {
    (error_ && error_->error_class() == ErrorClass::transient ? refused_ : served_) += 1;
  }

 private:
  std::atomic<int>& served_;
  std::atomic<int>& refused_;
  std::optional<Error> error_;
};

TEST(Lane, RefusesWhatIsMoreThanItsLimit) {
  std::atomic<bool> open{false};
  std::atomic<int> begun{0};
  std::atomic<int> served{0};
  std::atomic<int> refused{0};
  {
    Lane lane{[&](Batch batch) {
                begun += 1;
                begun.notify_all();
                open.wait(false);
                for (const auto& work : batch) work->finish();
              },
              true};
    lane.submit(std::make_unique<Probe>(served, refused));
    begun.wait(0);
    for (std::size_t i = 0; i < Lane::kWaitingMax + 3; ++i)
      lane.submit(std::make_unique<Probe>(served, refused));
    EXPECT_EQ(refused, 3);
    open = true;
    open.notify_all();
  }
  EXPECT_EQ(served, static_cast<int>(Lane::kWaitingMax) + 1);
}

}  // namespace
}  // namespace holdfast::sqlite
