#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <string_view>

#include "adapters/sqlite/lane.hpp"

namespace holdfast::sqlite {

/// Says on standard error what happened and aborts. After a failed sync the pages in memory are not what is
/// on disk, and a second sync would succeed without writing them: only a new process that reads the file
/// again knows the truth. Source: Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC
/// 2020.
[[noreturn]] void stop_on_damaged_store(int code, std::string_view what);

using OnDamage = std::function<void(int code, std::string_view what)>;

/// The one connection that writes. Each batch is one transaction and so one sync (group commit), or none if all
/// of it is deferred. One error takes back one work: if it had written something, the batch is done again with a
/// savepoint for each. Callers are told only after the commit.
class Writer {
 public:
  /// From this size of the WAL on, committed pages are copied into the main file after a commit.
  static constexpr std::int64_t kCheckpointBytes = 4LL << 20U;
  /// From this size on the WAL file is also cut to nothing, once nobody waits.
  static constexpr std::int64_t kTruncateBytes = 32LL << 20U;
  static constexpr std::uint64_t kAllDurable = std::numeric_limits<std::uint64_t>::max();

  /// `on_damage`: see SqliteOptions. `prepared`: prepare_wal has been done; else it is done before anything is written,
  /// and until then nothing that is there counts as durable.
  Writer(Database database, bool own_thread, OnDamage on_damage = {}, bool prepared = true);

  [[nodiscard]] Lane& lane() { return lane_; }
  /// The newest audit row that no power cut takes back; kAllDurable: all of them. May be asked on any thread.
  [[nodiscard]] std::uint64_t durable_seq() const { return durable_seq_; }

 private:
  void serve(Batch batch);
  Result<void> commit(Batch& batch);
  Result<void> begin(bool synced);
  Result<void> flush();
  Result<void> prepare();
  Result<bool> run_one(Work& work);
  Result<bool> run_together(Batch& batch);
  Result<void> run_apart(Batch& batch);
  void undo();
  void checkpoint();
  void stop(int code, std::string_view what);

  Database database_;
  OnDamage on_damage_;
  bool prepared_;
  bool stopped_ = false;              ///< only where `on_damage` returned
  Batch unanswered_;                  ///< what was to be written then, and since
  std::int64_t wal_bytes_ = 0;        ///< as of the last commit
  std::int64_t wal_bytes_tried_ = 0;  ///< when the last checkpoint was tried
  std::int64_t wal_file_bytes_ = 0;   ///< the file, which stays as long as it ever was until it is cut
  bool full_ = true;                  ///< the connection syncs at each commit
  bool wrote_ = false;                ///< the last commit had something to write
  std::atomic<std::uint64_t> durable_seq_;
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
