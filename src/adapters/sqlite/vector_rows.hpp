#pragma once

#include <string>
#include <vector>

#include "adapters/sqlite/database.hpp"
#include "ports/vector_store.hpp"

/// Table vectors. Everything here runs inside a transaction of the caller; `now`: the store's time.
namespace holdfast::sqlite {

Result<void> put_vectors(Database& database, const ItemId& id, const std::vector<NewVector>& vectors, WallTime now);
/// Those of one stage's results.
Result<void> drop_vectors(Database& database, std::int64_t item, const std::string& stage);
Result<std::vector<StoredVector>> load_vectors(Database& database, const VectorQuery& query);

}  // namespace holdfast::sqlite
