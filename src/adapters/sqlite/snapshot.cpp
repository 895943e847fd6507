#include "adapters/sqlite/snapshot.hpp"

#include <memory>

#include "adapters/sqlite/database.hpp"

namespace holdfast {
namespace {

using sqlite::Database;

struct Close {
  void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
};
using Connection = std::unique_ptr<sqlite3, Close>;

/// A plain connection: the copy gets its settings from the pages that are copied. No journal: a half copy is thrown
/// away.
Result<Connection> open_copy(const std::string& to) {
  sqlite3* connection = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(to.c_str(), &connection, flags, nullptr);
  Connection made{connection};
  if (code != SQLITE_OK) return std::unexpected{sqlite::error_of(code, to + ": " + sqlite3_errstr(code))};
  const char* const settings = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF";
  const int quiet = sqlite3_exec(connection, settings, nullptr, nullptr, nullptr);
  if (quiet != SQLITE_OK) return std::unexpected{sqlite::error_of(quiet, sqlite3_errmsg(connection))};
  return made;
}

/// All pages in one step, so in one transaction that reads: of one moment.
Result<void> copy_pages(sqlite3* from, sqlite3* to) {
  sqlite3_backup* const copying = sqlite3_backup_init(to, "main", from, "main");
  if (copying == nullptr) return std::unexpected{sqlite::error_of(sqlite3_extended_errcode(to), sqlite3_errmsg(to))};
  const int stepped = sqlite3_backup_step(copying, -1);
  const int ended = sqlite3_backup_finish(copying);
  if (stepped == SQLITE_DONE && ended == SQLITE_OK) return {};
  const int code = ended != SQLITE_OK ? ended : stepped;
  return std::unexpected{sqlite::error_of(code, sqlite3_errstr(code))};
}

Result<SnapshotPoint> point_of(const std::string& path) {
  HF_TRY(Database copy, Database::open({.path = path, .read_only = true}));
  HF_TRY(const auto last, copy.integer("SELECT seq FROM sqlite_sequence WHERE name = 'audit'"));
  HF_TRY(const auto items, copy.integer("SELECT count(*) FROM queue_items"));
  HF_TRY(const auto schema, copy.integer("PRAGMA user_version"));
  return SnapshotPoint{.last_event = static_cast<std::uint64_t>(last.value_or(0)),
                       .items = static_cast<std::uint64_t>(items.value_or(0)),
                       .schema = static_cast<unsigned>(schema.value_or(0))};
}

}  // namespace

Result<SnapshotPoint> copy_sqlite_store(const std::string& from, const std::string& to) {
  {
    HF_TRY(Database source, Database::open({.path = from, .read_only = true}));
    HF_TRY(const Connection copy, open_copy(to));
    HF_TRY_VOID(copy_pages(source.connection(), copy.get()));
  }
  return point_of(to);
}

}  // namespace holdfast
