#pragma once

#include <sqlite3.h>

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/base/result.hpp"

namespace holdfast::sqlite {

/// SQLite before this may damage a WAL that is reset by two connections. Source: sqlite.org/wal.html, "the
/// WAL reset bug".
inline constexpr int kOldestVersion = 3'051'003;

/// How long a statement waits for another process that writes (`holdfast user add`), before it is an error.
inline constexpr int kBusyMs = 5000;

/// Bytes that are not text: compact encodings of codec.hpp.
struct Blob {
  std::string_view bytes;
};

/// Something with a shorter form: stored as `packed` bytes where there are some, else as `plain` text.
struct Compact {
  std::string packed;
  std::string_view plain;
};

/// What an error of SQLite means for what else goes on at the same time.
enum class Damage : std::uint8_t {
  none,
  statement,    ///< this statement only: a constraint, a value too big
  transaction,  ///< nothing of the transaction can be kept: disk full, no memory, somebody else writes, malformed page
  store,        ///< what is on disk is not certain any more: I/O error, failed sync
};
[[nodiscard]] Damage damage_of(int code);

/// transient HF-STO-01 (busy), resource HF-STO-02 (full), corrupt HF-STO-03, unknown HF-SRV-01 (a bug of
/// ours).
[[nodiscard]] Error error_of(int code, std::string_view what);

/// A prepared statement while it is used: bound, stepped, read. Gives the statement back when it goes.
class Statement {
 public:
  explicit Statement(sqlite3* connection, sqlite3_stmt* statement, int* last_code)
      : connection_{connection}, statement_{statement}, last_code_{last_code} {}
  Statement(Statement&& other) noexcept
      : connection_{other.connection_},
        statement_{std::exchange(other.statement_, nullptr)},
        last_code_{other.last_code_},
        bind_code_{other.bind_code_} {}
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  /// Next row: true; no more rows: false.
  Result<bool> step();

  [[nodiscard]] std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  template <class T>
  [[nodiscard]] T as(int column) const {
    return static_cast<T>(integer(column));
  }
  [[nodiscard]] double real(int column) const { return sqlite3_column_double(statement_, column); }
  /// Text or blob, byte for byte; null: empty.
  [[nodiscard]] std::string text(int column) const { return std::string{view(column)}; }
  /// The same without a copy, until the next step.
  [[nodiscard]] std::string_view view(int column) const;
  [[nodiscard]] bool is_null(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
  }
  [[nodiscard]] bool is_blob(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_BLOB;
  }
  [[nodiscard]] bool is_integer(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_INTEGER;
  }

  /// A value that cannot be bound is reported by the next step.
  void bind(int index, std::integral auto value) {
    keep(sqlite3_bind_int64(statement_, index, static_cast<std::int64_t>(value)));
  }
  void bind(int index, double value) { keep(sqlite3_bind_double(statement_, index, value)); }
  void bind(int index, std::nullptr_t) { keep(sqlite3_bind_null(statement_, index)); }
  void bind(int index, std::string_view value);
  void bind(int index, Blob value);
  void bind(int index, const Compact& value) {
    value.packed.empty() ? bind(index, value.plain) : bind(index, Blob{value.packed});
  }
  template <class T>
  void bind(int index, const std::optional<T>& value) {
    value ? bind(index, *value) : bind(index, nullptr);
  }

 private:
  void keep(int code) {
    if (code != SQLITE_OK) bind_code_ = code;
  }

  sqlite3* connection_;
  sqlite3_stmt* statement_;
  int* last_code_;
  int bind_code_ = SQLITE_OK;
};

struct OpenOptions {
  std::string path;
  bool read_only = false;
  std::string vfs;  ///< name of a registered file system layer; empty: the platform's
};

/// One connection with our settings, and the statements it has prepared. Used by one thread at a time.
class Database {
 public:
  /// Opens or creates. Every setting that durability rests on is set and then read back.
  /// Errors: dependency HF-STO-01 (cannot be opened), invalid HF-CFG-01 (SQLite too old, not a store of
  /// ours), corrupt.
  static Result<Database> open(const OpenOptions& options);

  /// Runs statements that return nothing, and have no parameters.
  Result<void> script(const char* sql);

  /// A statement, kept for the next time, with its parameters bound in order. `sql` must live as long as the
  /// program.
  template <class... Args>
  Result<Statement> query(std::string_view sql, const Args&... args) {
    HF_TRY(Statement found, prepare(sql));
    int index = 0;
    (found.bind(++index, args), ...);
    return found;
  }
  /// Runs a statement to its end.
  template <class... Args>
  Result<void> run(std::string_view sql, const Args&... args) {
    HF_TRY(Statement found, query(sql, args...));
    HF_TRY_VOID(found.step());
    return {};
  }
  /// The first column of the first row.
  template <class... Args>
  Result<std::optional<std::int64_t>> integer(std::string_view sql, const Args&... args) {
    HF_TRY(Statement found, query(sql, args...));
    HF_TRY(const bool row, found.step());
    return row ? std::optional{found.integer(0)} : std::nullopt;
  }

  [[nodiscard]] std::int64_t last_rowid() const { return sqlite3_last_insert_rowid(connection_.get()); }
  [[nodiscard]] bool in_transaction() const { return sqlite3_get_autocommit(connection_.get()) == 0; }
  [[nodiscard]] sqlite3* connection() const { return connection_.get(); }

  /// Code of the last statement that failed since `forget_failure`; SQLITE_OK: none did.
  [[nodiscard]] int last_failure() const { return *last_code_; }
  void forget_failure() { *last_code_ = SQLITE_OK; }

 private:
  struct Close {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  explicit Database(sqlite3* connection) : connection_{connection} {}
  Result<void> configure(const OpenOptions& options);
  Result<void> expect(const char* pragma, std::string_view value);
  Result<Statement> prepare(std::string_view sql);

  std::unique_ptr<sqlite3, Close> connection_;
  std::unique_ptr<int> last_code_ = std::make_unique<int>(SQLITE_OK);  // stays where it is when this is moved
  std::unordered_map<std::string_view, std::unique_ptr<sqlite3_stmt, Finalize>> statements_;
};

}  // namespace holdfast::sqlite
