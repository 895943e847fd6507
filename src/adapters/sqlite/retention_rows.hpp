#pragma once

#include "adapters/sqlite/database.hpp"
#include "ports/retention_store.hpp"

/// What retention looks for and takes out. Each is the inside of one transaction; `now`: the store's time.
namespace holdfast::sqlite {

Result<std::vector<std::string>> recipes_over(Database& database);
Result<std::vector<Job>> jobs_over(Database& database, const OverQuery& query, WallTime now);
Result<std::uint64_t> count_over(Database& database, const OverQuery& query, WallTime now);
Result<Job> remove_job(Database& database, const ItemId& id, const Decide& decide, WallTime now);
Result<Pruned> prune(Database& database, const PruneRequest& request, WallTime now);
/// Returns how many pages were given back.
Result<std::size_t> give_back(Database& database, unsigned pages_max);

}  // namespace holdfast::sqlite
