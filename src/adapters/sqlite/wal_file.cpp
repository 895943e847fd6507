#include "adapters/sqlite/wal_file.hpp"

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

}  // namespace

int sync_wal(Database& database) {
  sqlite3_file* const file = wal_of(database);
  return file == nullptr ? SQLITE_IOERR_FSYNC : file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
}

Result<void> prepare_wal(Database& database) {
  if (sqlite3_file* const file = wal_of(database); file != nullptr) {
    int chunk = kChunkBytes;
    sqlite3_int64 size = kRoomBytes;
    (void)file->pMethods->xFileControl(file, SQLITE_FCNTL_CHUNK_SIZE, &chunk);
    (void)file->pMethods->xFileControl(file, SQLITE_FCNTL_SIZE_HINT, &size);
  }
  const int code = sync_wal(database);
  if (code == SQLITE_OK) return {};
  return std::unexpected{error_of(code, "the log of the job store cannot be synced")};
}

}  // namespace holdfast::sqlite
