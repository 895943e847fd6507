#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "ports/account_store.hpp"
#include "ports/job_store.hpp"
#include "ports/retention_store.hpp"
#include "ports/session_store.hpp"
#include "ports/state_store.hpp"
#include "ports/vector_store.hpp"

namespace holdfast {

/// The calendar of this machine.
WallTime machine_now();

struct SqliteOptions {
  /// The store's calendar. Called on the store's own threads.
  std::function<WallTime()> now = machine_now;
  std::string vfs;  ///< name of a registered file system layer; empty: the platform's
  /// False: every call is done at once on the calling thread, as one transaction (simulation). True: a thread
  /// writes and a thread reads, and calls that arrive while a commit is under way share the next one.
  bool own_threads = true;
  /// Only looks: nothing is written, made or migrated, and every call that would write is refused by SQLite.
  bool read_only = false;
  /// What happens when it is not certain any more what is on disk: SQLite's code, and what failed. None: says
  /// so and aborts, which is the only thing that a server may do. One that returns leaves a store that writes
  /// nothing more and does not answer those who wait: for a simulator, whose process dies otherwise.
  std::function<void(int code, std::string_view what)> on_damage;
};

/// The ports that one SQLite file answers. They share its connections; the last of them to go closes the file.
struct SqliteStores {
  std::unique_ptr<JobStore> jobs;
  std::unique_ptr<AccountStore> accounts;
  std::unique_ptr<StateStore> states;
  std::unique_ptr<RetentionStore> retention;
  std::unique_ptr<SessionStore> sessions;
  std::unique_ptr<VectorStore> vectors;
};

/// Opens the stores in the file at `path`, or makes it. Callers' io_context must outlive them; their destruction
/// finishes what was handed over. Errors: dependency HF-STO-01 (cannot be opened or not made durable here), resource
/// HF-STO-02, corrupt HF-STO-03, invalid HF-CFG-01 (the library is too old, the file is newer than this program or
/// is none of ours).
Result<SqliteStores> open_sqlite_stores(std::string path, SqliteOptions options = {});

/// The job store alone. Errors: as above.
Result<std::unique_ptr<JobStore>> open_sqlite_job_store(std::string path, SqliteOptions options = {});

}  // namespace holdfast
