#pragma once

#include "adapters/sqlite/database.hpp"

/// What SQLite leaves to us about the file of its write-ahead log. For a connection in WAL mode that has read
/// something.
namespace holdfast::sqlite {

/// Makes everything that was committed durable. Returns SQLite's code.
int sync_wal(Database& database);

/// To be done before anything is built on what an earlier process left. Writes the log's own bytes over
/// themselves and syncs them: where the last sync of that process failed they may be in the system's cache alone
/// and marked as written there; we would see its last commits, build on them, and a power cut would take them
/// away with all of ours. Source: Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC
/// 2020. Then gives the log room in advance: a sync of a file that grows writes the file system's journal as well
/// as the file, one of a file that is overwritten does not, which is three to four times as many commits a second
/// on ext4. Where room cannot be given commits are only slower.
/// Errors: corrupt HF-STO-03 (a read, write or sync failed), transient HF-STO-01 (another process writes).
Result<void> prepare_wal(Database& database);

}  // namespace holdfast::sqlite
