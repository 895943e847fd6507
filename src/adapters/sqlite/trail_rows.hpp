#pragma once

#include <vector>

#include "adapters/sqlite/database.hpp"
#include "ports/job_store.hpp"

/// Tables audit (which is the event log, with past_events of items that were removed) and outbox. Everything here runs
/// inside a transaction of the caller.
namespace holdfast::sqlite {

/// Appends the entries of one change to the trail and to the outbox.
Result<void> append(Database& database, std::int64_t item, const Job& after,
                    const std::vector<AuditEntry>& entries);

Result<std::vector<StoredEvent>> events_of(Database& database, std::int64_t item);
/// Of an item that was removed.
Result<std::vector<StoredEvent>> past_events_of(Database& database, const ItemId& id);
/// Of all items, those that were removed as well.
Result<std::vector<StoredEvent>> log_after(Database& database, std::uint64_t seq, unsigned limit);
Result<std::vector<StoredEvent>> undelivered(Database& database, unsigned limit);
Result<void> take_out(Database& database, const std::vector<std::uint64_t>& seqs);

}  // namespace holdfast::sqlite
