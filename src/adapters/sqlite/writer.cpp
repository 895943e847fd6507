#include "adapters/sqlite/writer.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>

#include "adapters/sqlite/wal_file.hpp"

namespace holdfast::sqlite {
namespace {

constexpr std::int64_t kPageBytes = 4096;

/// Whether a COMMIT that failed can have left nothing behind: it was refused before it began, so that the
/// transaction is still open, or the disk was full, so that the last frame of the log, the one that counts,
/// is not complete. After any other error that frame may be on disk although SQLite has forgotten it.
bool is_certainly_undone(const Database& database) {
  return database.in_transaction() || (database.last_failure() & 0xff) == SQLITE_FULL;
}

Error last_error(const Database& database) {
  return error_of(database.last_failure(), sqlite3_errstr(database.last_failure()));
}

}  // namespace

void stop_on_damaged_store(int code, std::string_view what) {
  std::fprintf(
      stderr,
      "holdfast: the job store cannot be trusted any more: %.*s (SQLite %d). Stopping; start again.\n",
      static_cast<int>(what.size()), what.data(), code);
  std::abort();
}

Writer::Writer(Database database, bool own_thread, OnDamage on_damage, bool prepared)
    : database_{std::move(database)},
      on_damage_{std::move(on_damage)},
      prepared_{prepared},
      durable_seq_{prepared ? kAllDurable : 0},
      lane_{[this](Batch batch) { serve(std::move(batch)); }, own_thread} {
  const auto committed = [](void* self, sqlite3* /*connection*/, const char* /*schema*/, int pages) {
    static_cast<Writer*>(self)->wal_bytes_ = pages * kPageBytes;
    static_cast<Writer*>(self)->wrote_ = true;
    return SQLITE_OK;
  };
  sqlite3_wal_hook(database_.connection(), committed, this);
}

void Writer::stop(int code, std::string_view what) {
  if (!on_damage_) stop_on_damaged_store(code, what);
  stopped_ = true;
  on_damage_(code, what);
}

void Writer::serve(Batch batch) {
  const auto done = stopped_ ? Result<void>{} : commit(batch);
  if (!done && !stopped_) undo();
  if (stopped_) {
    std::ranges::move(batch, std::back_inserter(unanswered_));
    return;
  }
  if (!done) {
    for (const auto& work : batch) work->refuse(done.error());
  }
  // Who goes on working before who is answered: what was claimed is begun while its sender is still being told.
  for (const bool deferred : {true, false}) {
    for (const auto& work : batch) {
      if ((work->haste() == Haste::deferred) == deferred) work->finish();
    }
  }
  checkpoint();
}

/// Returns an error when nothing of the batch was kept, or when we stop because nobody can know.
Result<void> Writer::commit(Batch& batch) {
  database_.forget_failure();
  HF_TRY_VOID(prepare());
  const auto is = [](Haste haste) { return [haste](const auto& work) { return work->haste() == haste; }; };
  if (std::ranges::all_of(batch, is(Haste::flush))) {
    HF_TRY_VOID(flush());
    for (const auto& work : batch) work->run(database_);
    return {};
  }
  const bool synced = !std::ranges::all_of(batch, is(Haste::deferred));
  wrote_ = false;
  database_.forget_failure();
  HF_TRY_VOID(begin(synced));
  HF_TRY(const bool each_kept, run_together(batch));
  if (!each_kept) {
    HF_TRY_VOID(database_.run("ROLLBACK"));
    HF_TRY_VOID(begin(synced));
    HF_TRY_VOID(run_apart(batch));
  }
  if (const auto done = database_.run("COMMIT"); !done) {
    if (!is_certainly_undone(database_)) stop(database_.last_failure(), done.error().what());
    return done;
  }
  // The log is one file: its sync takes what came before along. A commit of nothing syncs nothing.
  if (synced && wrote_) durable_seq_ = kAllDurable;
  return std::ranges::any_of(batch, is(Haste::flush)) ? flush() : Result<void>{};
}

/// Begins a transaction whose commit is synced, or one that is left to the next sync. Without a sync SQLite
/// still keeps the order of what it writes, so that a power cut takes back the newest transactions and no
/// other. Source: sqlite.org/pragma.html#pragma_synchronous, NORMAL in WAL mode.
Result<void> Writer::begin(bool synced) {
  if (synced != full_) {
    HF_TRY_VOID(database_.script(synced ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL"));
    full_ = synced;
  }
  HF_TRY_VOID(database_.run("BEGIN IMMEDIATE"));
  if (synced || durable_seq_ != kAllDurable) return {};
  HF_TRY(const auto newest, database_.integer("SELECT seq FROM sqlite_sequence WHERE name = 'audit'"));
  durable_seq_ = static_cast<std::uint64_t>(newest.value_or(0));
  return {};
}

Result<void> Writer::prepare() {
  if (prepared_) return {};
  HF_TRY_VOID(prepare_wal(database_));
  prepared_ = true;
  durable_seq_ = kAllDurable;
  return {};
}

Result<void> Writer::flush() {
  if (durable_seq_ == kAllDurable) return {};
  if (const int code = sync_wal(database_); code != SQLITE_OK) {
    stop(code, "a sync failed");
    return std::unexpected{error_of(code, "a sync failed")};
  }
  durable_seq_ = kAllDurable;
  return {};
}

/// Runs a work. Returns whether it is to be kept; an error when the whole transaction cannot be.
Result<bool> Writer::run_one(Work& work) {
  const bool kept = work.run(database_);
  if (damage_of(database_.last_failure()) > Damage::statement) return std::unexpected{last_error(database_)};
  database_.forget_failure();
  return kept;
}

/// The usual way: without savepoints, which copy every page that is written twice. Almost every work that fails
/// has found out before it wrote anything. False: one has not, and all of them have to be done again.
Result<bool> Writer::run_together(Batch& batch) {
  for (const auto& work : batch) {
    const auto before = sqlite3_total_changes64(database_.connection());
    HF_TRY(const bool kept, run_one(*work));
    if (!kept && sqlite3_total_changes64(database_.connection()) != before) return false;
  }
  return true;
}

Result<void> Writer::run_apart(Batch& batch) {
  for (const auto& work : batch) {
    HF_TRY_VOID(database_.run("SAVEPOINT work"));
    HF_TRY(const bool kept, run_one(*work));
    if (!kept) HF_TRY_VOID(database_.run("ROLLBACK TO work"));
    HF_TRY_VOID(database_.run("RELEASE work"));
  }
  return {};
}

/// After an error that concerns the whole batch.
void Writer::undo() {
  const int code = database_.last_failure();
  if (damage_of(code) == Damage::store) return stop(code, sqlite3_errstr(code));
  if (!database_.in_transaction()) return;  // BEGIN had failed, or SQLite took it back by itself
  if (const auto done = database_.run("ROLLBACK"); !done) {
    stop(database_.last_failure(), done.error().what());
  }
}

/// What is in the WAL stays safe there, so a checkpoint that does not get through is tried again later.
void Writer::checkpoint() {
  if (wal_bytes_ < wal_bytes_tried_) wal_bytes_tried_ = 0;  // the WAL was begun anew
  wal_file_bytes_ = std::max(wal_file_bytes_, wal_bytes_);
  const bool cut = wal_file_bytes_ >= kTruncateBytes && lane_.idle();
  if (!cut && wal_bytes_ - wal_bytes_tried_ < kCheckpointBytes) return;
  wal_bytes_tried_ = wal_bytes_;
  const int mode = cut ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
  sqlite3_busy_timeout(database_.connection(), 0);  // never wait for a reader
  const int code = sqlite3_wal_checkpoint_v2(database_.connection(), nullptr, mode, nullptr, nullptr);
  sqlite3_busy_timeout(database_.connection(), kBusyMs);
  if (damage_of(code) == Damage::store) return stop(code, "a checkpoint failed");
  if (cut && code == SQLITE_OK) wal_bytes_ = wal_file_bytes_ = wal_bytes_tried_ = 0;
}

Reader::Reader(Database database, bool own_thread)
    : database_{std::move(database)}, lane_{[this](Batch batch) { serve(std::move(batch)); }, own_thread} {}

void Reader::serve(Batch batch) {
  for (const auto& work : batch) serve_one(*work);
}

void Reader::serve_one(Work& work) {
  if (const auto begun = database_.run("BEGIN"); !begun) {
    work.refuse(begun.error());
  } else {
    work.run(database_);
  }
  if (database_.in_transaction()) {
    if (const auto ended = database_.run("COMMIT"); !ended) work.refuse(ended.error());
  }
  work.finish();
}

}  // namespace holdfast::sqlite
