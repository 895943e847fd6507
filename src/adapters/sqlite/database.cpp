#include "adapters/sqlite/database.hpp"

#include <cstdio>
#include <cstdlib>

namespace holdfast::sqlite {
namespace {

/// A statement in use a second time is a bug of ours that would corrupt the first use.
void require_free(sqlite3_stmt* statement) {
  if (sqlite3_stmt_busy(statement) == 0) return;
  std::fprintf(stderr, "holdfast: statement used twice at once: %s\n", sqlite3_sql(statement));
  std::abort();
}

}  // namespace

Damage damage_of(int code) {
  switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
      return Damage::none;
    case SQLITE_IOERR:
      return Damage::store;
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
    case SQLITE_ERROR:
      return Damage::statement;
    default:
      return Damage::transaction;
  }
}

Error error_of(int code, std::string_view what) {
  const std::string text = std::string{what} + " (SQLite " + std::to_string(code) + ")";
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorClass::transient, "HF-STO-01", text};
    case SQLITE_FULL:
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG:
      return {ErrorClass::resource, "HF-STO-02", text};
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {ErrorClass::corrupt, "HF-STO-03", text};
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY:
      return {ErrorClass::dependency, "HF-STO-01", text};
    default:
      return {ErrorClass::unknown, "HF-SRV-01", text};
  }
}

Statement::~Statement() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Result<bool> Statement::step() {
  const int code = bind_code_ == SQLITE_OK ? sqlite3_step(statement_) : bind_code_;
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  *last_code_ = code;
  return std::unexpected{error_of(code, sqlite3_errmsg(connection_))};
}

std::string_view Statement::view(int column) const {
  const void* bytes = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes == nullptr ? std::string_view{}
                          : std::string_view{static_cast<const char*>(bytes), size_t(size)};
}

void Statement::bind(int index, std::string_view value) {
  const char* bytes = value.data() == nullptr ? "" : value.data();  // a null pointer would be SQL's NULL
  keep(sqlite3_bind_text64(statement_, index, bytes, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::bind(int index, Blob value) {
  const char* bytes = value.bytes.data() == nullptr ? "" : value.bytes.data();
  keep(sqlite3_bind_blob64(statement_, index, bytes, value.bytes.size(), SQLITE_TRANSIENT));
}

Result<Database> Database::open(const OpenOptions& options) {
  if (sqlite3_libversion_number() < kOldestVersion) {
    return fail(ErrorClass::invalid, "HF-CFG-01", std::string{"SQLite is too old: "} + sqlite3_libversion());
  }
  sqlite3* connection = nullptr;
  const int access = options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const int code =
      sqlite3_open_v2(options.path.c_str(), &connection, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                      options.vfs.empty() ? nullptr : options.vfs.c_str());
  Database made{connection};
  if (code != SQLITE_OK) return std::unexpected{error_of(code, options.path + ": " + sqlite3_errstr(code))};
  HF_TRY_VOID(made.configure(options));
  return made;
}

Result<void> Database::configure(const OpenOptions& options) {
  sqlite3* const connection = connection_.get();
  sqlite3_busy_timeout(connection, kBusyMs);
  sqlite3_wal_autocheckpoint(connection, 0);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_QPSG, 1, nullptr);  // no planning anew for each value
  HF_TRY_VOID(
      script("PRAGMA synchronous=FULL; PRAGMA mmap_size=0; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
             "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA cache_size=-2048;"));
  if (options.read_only) {
    HF_TRY_VOID(script("PRAGMA query_only=ON"));
  } else {
    HF_TRY(const auto pages, integer("PRAGMA page_count"));
    if (pages == 0) HF_TRY_VOID(script("PRAGMA auto_vacuum=INCREMENTAL"));  // of an old file it would rewrite a page
    HF_TRY_VOID(script("PRAGMA journal_mode=WAL"));
    HF_TRY_VOID(script("PRAGMA secure_delete=ON"));  // what is deleted is overwritten, not only given free
  }
  HF_TRY_VOID(expect("PRAGMA journal_mode", "wal"));
  HF_TRY_VOID(expect("PRAGMA synchronous", "2"));
  HF_TRY_VOID(expect("PRAGMA foreign_keys", "1"));
  HF_TRY_VOID(expect("PRAGMA trusted_schema", "0"));
  HF_TRY_VOID(expect("PRAGMA wal_autocheckpoint", "0"));
  return expect("PRAGMA mmap_size", "0");
}

Result<void> Database::expect(const char* pragma, std::string_view value) {
  HF_TRY(Statement found, query(pragma));
  HF_TRY(const bool row, found.step());
  const std::string got = row ? found.text(0) : "0";  // mmap_size says nothing where there is no mmap
  if (got == value) return {};
  return fail(ErrorClass::dependency, "HF-STO-01",
              std::string{pragma} + " is " + got + " and cannot be made " + std::string{value} + " here");
}

Result<void> Database::script(const char* sql) {
  const int code = sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return {};
  *last_code_ = code;
  return std::unexpected{error_of(code, sqlite3_errmsg(connection_.get()))};
}

Result<Statement> Database::prepare(std::string_view sql) {
  auto& kept = statements_[sql];
  if (!kept) {
    sqlite3_stmt* made = nullptr;
    const int code = sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &made, nullptr);
    kept.reset(made);
    if (code != SQLITE_OK) {
      *last_code_ = code;
      return std::unexpected{error_of(code, sqlite3_errmsg(connection_.get()))};
    }
  }
  require_free(kept.get());
  return Statement{connection_.get(), kept.get(), last_code_.get()};
}

}  // namespace holdfast::sqlite
