#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "adapters/sqlite/codec.hpp"
#include "adapters/sqlite/database.hpp"
#include "ports/job_store.hpp"

/// Tables queue_items, inputs, plans, queue_counts. Everything here runs inside a transaction of the caller.
namespace holdfast::sqlite {

/// The claim's statements, here so that a test can ask how they are run. All three are one look at index
/// items_due.
inline constexpr const char* kNextPriority =
    "SELECT priority FROM queue_items WHERE status = 0 AND held_for = '' AND bulkhead = ?1 AND priority > ?2 "
    "ORDER BY priority LIMIT 1";
inline constexpr const char* kDueOfPriority =
    "SELECT item FROM queue_items WHERE status = 0 AND held_for = '' AND bulkhead = ?1 AND priority = ?2 AND "
    "ready_at <= ?3 ORDER BY ready_at, item LIMIT ?4";
inline constexpr const char* kFirstOfPriority =
    "SELECT ready_at FROM queue_items WHERE status = 0 AND held_for = '' AND bulkhead = ?1 AND priority = ?2 "
    "ORDER BY ready_at LIMIT 1";

/// A job with the numbers it has in the store.
struct JobRow {
  std::int64_t item = 0;
  std::int64_t plan = 0;
  Job job;
};

/// An item id as it is stored. The id must outlive the statement's binding, not longer.
[[nodiscard]] inline Compact stored(const ItemId& id) { return {.packed = pack_id(id), .plain = id.text()}; }
[[nodiscard]] ItemId read_id(const Statement& row, int column);

Result<std::optional<JobRow>> load(Database& database, const ItemId& id);
Result<std::optional<JobRow>> load_item(Database& database, std::int64_t item);
Result<std::optional<JobRow>> load_key(Database& database, const std::string& owner,
                                       const std::string& job_key);
/// Number of an item, if it is there.
Result<std::optional<std::int64_t>> item_of(Database& database, const ItemId& id);

/// Writes a job that is not there yet. Returns its number.
Result<std::int64_t> insert(Database& database, const Job& job);
/// Replaces what differs between both.
Result<void> replace(Database& database, const JobRow& before, const Job& after);

/// Takes a job out, after everything that names it.
Result<void> erase(Database& database, const JobRow& row);

Result<std::vector<Job>> list_jobs(Database& database, const Query& query);
/// Numbers of due jobs in claim order. Costs the same for any length of the queue: one look at each priority
/// in use.
Result<std::vector<std::int64_t>> due_items(Database& database, const std::string& bulkhead, WallTime now,
                                            unsigned count_max);
Result<std::optional<WallTime>> first_due(Database& database, const std::string& bulkhead);
Result<std::set<std::string>> active_owners(Database& database);
Result<std::vector<QueueCount>> count_jobs(Database& database);
Result<std::vector<ItemId>> processing_ids(Database& database);
/// Pending ones last changed after `now`.
Result<std::vector<ItemId>> pending_after(Database& database, WallTime now);
Result<std::vector<ItemId>> held_ids(Database& database, const std::string& dependency);

[[nodiscard]] inline std::int64_t to_ms(WallTime time) { return time.time_since_epoch().count(); }
[[nodiscard]] inline WallTime from_ms(std::int64_t ms) { return WallTime{milliseconds{ms}}; }

}  // namespace holdfast::sqlite
