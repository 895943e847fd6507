#include "adapters/sqlite/wal_file.hpp"

#include <algorithm>
#include <string>

namespace holdfast::sqlite {
namespace {

constexpr int kChunkBytes = 1 << 20;
/// What the log has when it is begun anew: Writer::kCheckpointBytes, and the largest commit on top.
constexpr sqlite3_int64 kRoomBytes = 6 << 20;

/// Null: there is none.
sqlite3_file* wal_of(Database& database) {
  sqlite3_file* file = nullptr;
  const int code =
      sqlite3_file_control(database.connection(), "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&file));
  return code == SQLITE_OK && file != nullptr && file->pMethods != nullptr ? file : nullptr;
}

/// Returns SQLite's code.
int write_anew(sqlite3_file* file) {
  constexpr sqlite3_int64 kPiece = 1 << 16U;
  sqlite3_int64 size = 0;
  int code = file->pMethods->xFileSize(file, &size);
  std::string bytes;
  for (sqlite3_int64 at = 0; at < size && code == SQLITE_OK; at += kPiece) {
    bytes.resize(static_cast<std::size_t>(std::min(kPiece, size - at)));
    const int count = static_cast<int>(bytes.size());
    code = file->pMethods->xRead(file, bytes.data(), count, at);
    if (code == SQLITE_OK) code = file->pMethods->xWrite(file, bytes.data(), count, at);
  }
  return code;
}

void give_room(sqlite3_file* file) {
  int chunk = kChunkBytes;
  sqlite3_int64 size = kRoomBytes;
  (void)file->pMethods->xFileControl(file, SQLITE_FCNTL_CHUNK_SIZE, &chunk);
  (void)file->pMethods->xFileControl(file, SQLITE_FCNTL_SIZE_HINT, &size);
}

int prepare(sqlite3_file* file) {
  if (const int code = write_anew(file); code != SQLITE_OK) return code;
  give_room(file);
  return file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
}

}  // namespace

int sync_wal(Database& database) {
  sqlite3_file* const file = wal_of(database);
  return file == nullptr ? SQLITE_IOERR_FSYNC : file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
}

Result<void> prepare_wal(Database& database) {
  HF_TRY_VOID(database.run("BEGIN IMMEDIATE"));  // nobody adds to it meanwhile
  sqlite3_file* const file = wal_of(database);
  const int code = file == nullptr ? SQLITE_OK : prepare(file);
  HF_TRY_VOID(database.run("ROLLBACK"));
  if (code == SQLITE_OK) return {};
  return std::unexpected{error_of(code, "the log of the job store cannot be written anew")};
}

}  // namespace holdfast::sqlite
