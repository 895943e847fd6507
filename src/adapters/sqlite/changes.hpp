#pragma once

#include "adapters/sqlite/database.hpp"
#include "ports/job_store.hpp"

/// The writing methods of the port, each the inside of one transaction; `now`: the store's time. An error
/// means: roll back.
namespace holdfast::sqlite {

Result<Enqueued> enqueue(Database& database, const Transition& created);
Result<std::vector<Job>> claim(Database& database, const ClaimRequest& request, WallTime now);
/// `fence`: of the lease that the caller says it holds; none: anybody else.
Result<Job> update(Database& database, const ItemId& id, std::optional<Fence> fence, const Decide& decide,
                   WallTime now);
Result<void> extend(Database& database, const ItemId& id, Fence fence, WallTime until);
Result<void> checkpoint(Database& database, const ItemId& id, Fence fence, const Checkpoint& made,
                        WallTime now);

}  // namespace holdfast::sqlite
