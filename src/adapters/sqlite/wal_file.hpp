#pragma once

#include "adapters/sqlite/database.hpp"

/// What SQLite leaves to us about the file of its write-ahead log. For a connection in WAL mode that has read
/// something.
namespace holdfast::sqlite {

/// Makes everything that was committed durable. Returns SQLite's code.
int sync_wal(Database& database);

/// Gives the log room in advance, and makes durable what a process that was killed had committed and not synced.
/// A sync of a file that grows writes the file system's journal as well as the file, one of a file that is
/// overwritten does not: three to four times as many commits a second on ext4. Where room cannot be given
/// commits are only slower. Errors: corrupt HF-STO-03 (the sync failed).
Result<void> prepare_wal(Database& database);

}  // namespace holdfast::sqlite
