#include "adapters/sqlite/trail_rows.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "adapters/sqlite/job_rows.hpp"

namespace holdfast::sqlite {
namespace {

/// Words of the trail that are stored as their place in this table, others as text. Only ever append to it.
constexpr std::array<std::string_view, 18> kTypes{
    "job.created",   "stage.started",       "stage.completed", "stage.failed", "stage.interrupted",
    "job.held",      "job.released",        "job.completed",   "job.dead",     "job.cancel_requested",
    "job.cancelled", "job.retry_requested", "job.rescheduled", "job.discarded", "job.entered_by_hand",
    "job.file_expired", "job.results_expired", "job.removed"};

void bind_type(Statement& insert, int index, const std::string& type) {
  const auto known = std::ranges::find(kTypes, type);
  known == kTypes.end() ? insert.bind(index, type) : insert.bind(index, known - kTypes.begin());
}

Result<std::string> read_type(const Statement& row, int column) {
  if (!row.is_integer(column)) return row.text(column);
  const auto place = row.as<std::uint64_t>(column);
  if (place < kTypes.size()) return std::string{kTypes[place]};
  return fail(ErrorClass::corrupt, "HF-STO-03", "the trail has an event of an unknown kind");
}

Result<void> append_one(Database& database, std::int64_t item, const Job& after, const AuditEntry& entry) {
  HF_TRY(auto insert,
         database.query("INSERT INTO audit(item, at, attempt, fence, status, type, stage, detail) "
                        "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                        item, to_ms(after.updated_at), entry.attempt, entry.fence,
                        std::to_underlying(after.status)));
  bind_type(insert, 6, entry.type);
  if (!entry.stage.empty()) insert.bind(7, entry.stage);
  if (!entry.detail.empty()) insert.bind(8, entry.detail);
  HF_TRY_VOID(insert.step());
  return database.run("INSERT INTO outbox VALUES(?1)", database.last_rowid());
}

Result<StoredEvent> read_event(const Statement& row) {
  StoredEvent event{.seq = row.as<std::uint64_t>(0), .item = read_id(row, 1), .owner = row.text(2)};
  event.at = from_ms(row.integer(3));
  event.status = row.as<JobStatus>(4);
  HF_TRY(event.entry.type, read_type(row, 5));
  event.entry.stage = row.text(6);
  event.entry.attempt = row.as<unsigned>(7);
  event.entry.fence = row.as<Fence>(8);
  event.entry.detail = row.text(9);
  return event;
}

Result<std::vector<StoredEvent>> read_events(Statement found) {
  std::vector<StoredEvent> events;
  while (true) {
    HF_TRY(const bool row, found.step());
    if (!row) return events;
    HF_TRY(StoredEvent event, read_event(found));
    events.push_back(std::move(event));
  }
}

/// The first events of both, of items that are there and of those that were removed.
Result<std::vector<StoredEvent>> in_order(Statement present, Statement past, unsigned limit) {
  HF_TRY(auto events, read_events(std::move(present)));
  HF_TRY(auto older, read_events(std::move(past)));
  std::ranges::move(older, std::back_inserter(events));
  std::ranges::sort(events, {}, &StoredEvent::seq);
  if (events.size() > limit) events.resize(limit);
  return events;
}

}  // namespace

Result<void> append(Database& database, std::int64_t item, const Job& after,
                    const std::vector<AuditEntry>& entries) {
  for (const AuditEntry& entry : entries) HF_TRY_VOID(append_one(database, item, after, entry));
  return {};
}

Result<std::vector<StoredEvent>> events_of(Database& database, std::int64_t item) {
  HF_TRY(auto found, database.query(R"sql(
SELECT a.seq, q.id, q.owner, a.at, a.status, a.type, a.stage, a.attempt, a.fence, a.detail
FROM queue_items q CROSS JOIN audit a ON a.item = q.item WHERE q.item = ?1 ORDER BY a.seq)sql",
                                    item));
  return read_events(std::move(found));
}

Result<std::vector<StoredEvent>> past_events_of(Database& database, const ItemId& id) {
  HF_TRY(auto found, database.query(R"sql(
SELECT p.seq, r.id, r.owner, p.at, p.status, p.type, p.stage, p.attempt, p.fence, p.detail
FROM removed_items r CROSS JOIN past_events p ON p.removed = r.removed WHERE r.id = ?1 ORDER BY p.seq)sql",
                                    stored(id)));
  return read_events(std::move(found));
}

Result<std::vector<StoredEvent>> log_after(Database& database, std::uint64_t seq, unsigned limit) {
  HF_TRY(auto present, database.query(R"sql(
SELECT a.seq, q.id, q.owner, a.at, a.status, a.type, a.stage, a.attempt, a.fence, a.detail
FROM audit a CROSS JOIN queue_items q ON q.item = a.item WHERE a.seq > ?1 ORDER BY a.seq LIMIT ?2)sql",
                                      seq, limit));
  HF_TRY(auto past, database.query(R"sql(
SELECT p.seq, r.id, r.owner, p.at, p.status, p.type, p.stage, p.attempt, p.fence, p.detail
FROM past_events p CROSS JOIN removed_items r ON r.removed = p.removed WHERE p.seq > ?1 ORDER BY p.seq LIMIT ?2)sql",
                                   seq, limit));
  return in_order(std::move(present), std::move(past), limit);
}

Result<std::vector<StoredEvent>> undelivered(Database& database, unsigned limit) {
  HF_TRY(auto present, database.query(R"sql(
SELECT a.seq, q.id, q.owner, a.at, a.status, a.type, a.stage, a.attempt, a.fence, a.detail
FROM (SELECT seq FROM outbox o ORDER BY seq LIMIT ?1) o CROSS JOIN audit a ON a.seq = o.seq
  CROSS JOIN queue_items q ON q.item = a.item)sql",
                                      limit));
  HF_TRY(auto past, database.query(R"sql(
SELECT p.seq, r.id, r.owner, p.at, p.status, p.type, p.stage, p.attempt, p.fence, p.detail
FROM (SELECT seq FROM outbox o ORDER BY seq LIMIT ?1) o CROSS JOIN past_events p ON p.seq = o.seq
  CROSS JOIN removed_items r ON r.removed = p.removed)sql",
                                   limit));
  return in_order(std::move(present), std::move(past), limit);
}

Result<void> take_out(Database& database, const std::vector<std::uint64_t>& seqs) {
  for (const std::uint64_t seq : seqs) HF_TRY_VOID(database.run("DELETE FROM outbox WHERE seq = ?1", seq));
  return {};
}

}  // namespace holdfast::sqlite
