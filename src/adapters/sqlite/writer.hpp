#pragma once

#include <functional>
#include <string_view>

#include "adapters/sqlite/lane.hpp"

namespace holdfast::sqlite {

/// Says on standard error what happened and aborts. After a failed sync the pages in memory are not what is
/// on disk, and a second sync would succeed without writing them: only a new process that reads the file
/// again knows the truth. Source: Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC
/// 2020.
[[noreturn]] void stop_on_damaged_store(int code, std::string_view what);

/// Writes the log's own bytes over themselves and syncs them: to be done before anything is read that an
/// earlier process left. Where its last sync failed, they may be in the system's cache alone and marked as
/// written there: we would see its last commits, build on them, and a power cut would take them away with all
/// of ours. Source: as above.
Result<void> write_log_anew(Database& database);

using OnDamage = std::function<void(int code, std::string_view what)>;

/// The one connection that writes. Each batch is one transaction and so one sync (group commit); each work in
/// it is a savepoint, so that one error takes back one work. Callers are told only after the commit.
class Writer {
 public:
  /// From this size of the WAL on, committed pages are copied into the main file after a commit.
  static constexpr std::int64_t kCheckpointBytes = 4LL << 20U;
  /// From this size on the WAL file is also cut to nothing, once nobody waits.
  static constexpr std::int64_t kTruncateBytes = 32LL << 20U;

  /// `on_damage`: see SqliteOptions.
  Writer(Database database, bool own_thread, OnDamage on_damage = {});

  [[nodiscard]] Lane& lane() { return lane_; }

 private:
  void serve(Batch batch);
  Result<void> commit(Batch& batch);
  Result<void> run_all(Batch& batch);
  Result<void> run_one(Work& work);
  void undo();
  void checkpoint();
  void stop(int code, std::string_view what);

  Database database_;
  OnDamage on_damage_;
  bool stopped_ = false;              ///< only where `on_damage` returned
  Batch unanswered_;                  ///< what was to be written then, and since
  std::int64_t wal_bytes_ = 0;        ///< as of the last commit
  std::int64_t wal_bytes_tried_ = 0;  ///< when the last checkpoint was tried
  std::int64_t wal_file_bytes_ = 0;   ///< the file, which stays as long as it ever was until it is cut
  Lane lane_;                         ///< last: its thread ends before the rest goes
};

/// A connection that only reads. Each work is a short transaction of its own, so that it sees one moment.
class Reader {
 public:
  Reader(Database database, bool own_thread);
  [[nodiscard]] Lane& lane() { return lane_; }

 private:
  void serve(Batch batch);
  void serve_one(Work& work);

  Database database_;
  Lane lane_;
};

}  // namespace holdfast::sqlite
