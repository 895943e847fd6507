#include "adapters/sqlite/writer.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string>

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

/// Returns SQLite's code.
int write_anew(sqlite3_file* file) {
  constexpr sqlite3_int64 kChunk = 1 << 16U;
  sqlite3_int64 size = 0;
  int code = file->pMethods->xFileSize(file, &size);
  std::string bytes;
  for (sqlite3_int64 at = 0; at < size && code == SQLITE_OK; at += kChunk) {
    bytes.resize(static_cast<std::size_t>(std::min(kChunk, size - at)));
    const int count = static_cast<int>(bytes.size());
    code = file->pMethods->xRead(file, bytes.data(), count, at);
    if (code == SQLITE_OK) code = file->pMethods->xWrite(file, bytes.data(), count, at);
  }
  const bool any = code == SQLITE_OK && size > 0;
  return any ? file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) : code;
}

}  // namespace

Result<void> write_log_anew(Database& database) {
  HF_TRY_VOID(database.run("BEGIN IMMEDIATE"));  // nobody adds to it meanwhile
  sqlite3_file* log = nullptr;
  int code = sqlite3_file_control(database.connection(), nullptr, SQLITE_FCNTL_JOURNAL_POINTER, &log);
  if (code == SQLITE_OK && log != nullptr && log->pMethods != nullptr) code = write_anew(log);
  HF_TRY_VOID(database.run("ROLLBACK"));
  if (code == SQLITE_OK) return {};
  return std::unexpected{error_of(code, "the log of the job store cannot be written anew")};
}

void stop_on_damaged_store(int code, std::string_view what) {
  std::fprintf(
      stderr,
      "holdfast: the job store cannot be trusted any more: %.*s (SQLite %d). Stopping; start again.\n",
      static_cast<int>(what.size()), what.data(), code);
  std::abort();
}

Writer::Writer(Database database, bool own_thread, OnDamage on_damage)
    : database_{std::move(database)},
      on_damage_{std::move(on_damage)},
      lane_{[this](Batch batch) { serve(std::move(batch)); }, own_thread} {
  const auto committed = [](void* self, sqlite3* /*connection*/, const char* /*schema*/, int pages) {
    static_cast<Writer*>(self)->wal_bytes_ = pages * kPageBytes;
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
  for (const auto& work : batch) work->finish();
  checkpoint();
}

/// Returns an error when nothing of the batch was kept, or when we stop because nobody can know.
Result<void> Writer::commit(Batch& batch) {
  database_.forget_failure();
  HF_TRY_VOID(database_.run("BEGIN IMMEDIATE"));
  HF_TRY_VOID(run_all(batch));
  if (const auto done = database_.run("COMMIT"); !done) {
    if (!is_certainly_undone(database_)) stop(database_.last_failure(), done.error().what());
    return done;
  }
  return {};
}

Result<void> Writer::run_all(Batch& batch) {
  for (const auto& work : batch) HF_TRY_VOID(run_one(*work));
  return {};
}

/// Returns an error when the whole transaction cannot be kept.
Result<void> Writer::run_one(Work& work) {
  HF_TRY_VOID(database_.run("SAVEPOINT work"));
  const bool kept = work.run(database_);
  if (damage_of(database_.last_failure()) > Damage::statement) return std::unexpected{last_error(database_)};
  database_.forget_failure();
  if (!kept) HF_TRY_VOID(database_.run("ROLLBACK TO work"));
  return database_.run("RELEASE work");
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
