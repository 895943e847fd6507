#pragma once

#include <vector>

#include "adapters/sqlite/database.hpp"
#include "core/job/transition.hpp"
#include "ports/session_store.hpp"

/// Tables memory_sessions and memory_extractions. Everything here runs inside a transaction of the caller.
namespace holdfast::sqlite {

Result<void> put_session(Database& database, std::int64_t item, const std::string& owner, WallTime started_at);

/// Puts the extractions of a result in the place of all that its stage had made.
Result<void> put_extractions(Database& database, std::int64_t item, const std::string& user,
                             const NamedResult& result);
Result<void> drop_extractions(Database& database, std::int64_t item, const std::string& stage);
Result<std::vector<StoredExtraction>> extractions_of(Database& database, std::int64_t item);

Result<std::vector<MemorySession>> list_sessions(Database& database, const SessionQuery& query);
Result<std::optional<MemorySession>> load_session(Database& database, const ItemId& id);
Result<std::vector<OwnedExtraction>> list_extractions(Database& database, const ExtractionQuery& query);

}  // namespace holdfast::sqlite
