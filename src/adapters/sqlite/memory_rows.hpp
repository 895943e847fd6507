#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/sqlite/database.hpp"
#include "core/job/transition.hpp"
#include "ports/session_store.hpp"

/// Tables memory_sessions and memory_extractions. Everything here runs inside a transaction of the caller.
namespace holdfast::sqlite {

/// Of a new job that is one, when what was handed in is there.
Result<void> put_session(Database& database, std::int64_t item, const Transition& created);
/// Nothing: it is no session.
Result<std::optional<RecordedAt>> recorded_at(Database& database, std::int64_t item);

/// Puts the extractions of a result in the place of all that its stage had made.
Result<void> put_extractions(Database& database, std::int64_t item, const std::string& user,
                             const NamedResult& result);
Result<void> drop_extractions(Database& database, std::int64_t item, const std::string& stage);
Result<std::vector<StoredExtraction>> extractions_of(Database& database, std::int64_t item);

Result<std::vector<MemorySession>> list_sessions(Database& database, const SessionQuery& query);
Result<std::optional<MemorySession>> load_session(Database& database, const ItemId& id);
Result<std::vector<OwnedExtraction>> list_extractions(Database& database, const ExtractionQuery& query);

/// Columns and tables of which `read_owned` takes a row: `e` an extraction, `q` its item, `s` its session. Of "3,4" the
/// CAST takes the 3: the first segment.
inline constexpr std::string_view kOwnedExtractions =
    "SELECT e.id, e.stage, e.kind, e.text, e.segments, e.confidence, e.owner, e.due, e.people, e.places, q.id, "
    "(SELECT start_ms FROM transcript_segments t WHERE e.segments <> '' AND t.item = e.item AND "
    "t.number = CAST(e.segments AS INTEGER)), s.started_at, s.utc_offset_min, e.item "
    "FROM memory_extractions e CROSS JOIN queue_items q ON q.item = e.item "
    "LEFT JOIN memory_sessions s ON s.item = e.item ";
/// Of these: no newer session of the same file has extractions of the kind.
inline constexpr std::string_view kNotRepeated =
    "(s.sha256 IS NULL OR length(s.sha256) = 0 OR NOT EXISTS(SELECT 1 FROM memory_sessions o WHERE o.owner = s.owner "
    "AND o.sha256 = s.sha256 AND o.item > s.item AND EXISTS(SELECT 1 FROM memory_extractions x WHERE x.item = o.item "
    "AND x.kind = e.kind))) ";
Result<OwnedExtraction> read_owned(Database& database, const Statement& row);

}  // namespace holdfast::sqlite
