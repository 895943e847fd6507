#include "adapters/sqlite/stores.hpp"

#include "adapters/sqlite/lanes.hpp"
#include "adapters/sqlite/schema.hpp"
#include "adapters/sqlite/wal_file.hpp"

namespace holdfast {

using sqlite::Database;
using sqlite::Lanes;

WallTime machine_now() {
  return std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now());
}

namespace {

/// False: somebody else writes. Then it can be read, and is prepared before the first thing that is written.
Result<bool> prepare(Database& writing) {
  const auto done = sqlite::prepare_wal(writing);
  if (!done && done.error().error_class() != ErrorClass::transient) return std::unexpected{done.error()};
  return done.has_value();
}

}  // namespace

Result<SqliteStores> open_sqlite_stores(std::string path, SqliteOptions options) {
  sqlite::OpenOptions file{
      .path = std::move(path), .read_only = options.read_only, .vfs = std::move(options.vfs)};
  HF_TRY(auto writing, Database::open(file));
  HF_TRY(const bool prepared, options.read_only ? Result<bool>{true} : prepare(writing));
  HF_TRY_VOID(options.read_only ? sqlite::require_newest(writing, sqlite::migrations())
                                : sqlite::migrate(writing, sqlite::migrations()));
  file.read_only = true;
  HF_TRY(auto reading, Database::open(file));
  Lanes::Options rules{.file = std::move(file),
                       .now = std::move(options.now),
                       .own_threads = options.own_threads,
                       .on_damage = std::move(options.on_damage),
                       .prepared = prepared};
  const auto lanes = std::make_shared<Lanes>(std::move(writing), std::move(reading), std::move(rules));
  return SqliteStores{.jobs = sqlite::make_job_store(lanes),
                      .accounts = sqlite::make_account_store(lanes),
                      .states = sqlite::make_state_store(lanes),
                      .retention = sqlite::make_retention_store(lanes),
                      .sessions = sqlite::make_session_store(lanes),
                      .vectors = sqlite::make_vector_store(lanes)};
}

Result<std::unique_ptr<JobStore>> open_sqlite_job_store(std::string path, SqliteOptions options) {
  HF_TRY(SqliteStores stores, open_sqlite_stores(std::move(path), std::move(options)));
  return std::move(stores.jobs);
}

}  // namespace holdfast
