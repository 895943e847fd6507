#pragma once

#include <string>
#include <vector>

#include "adapters/sqlite/database.hpp"
#include "ports/job_store.hpp"

/// What operators ask: dead letters and how the queues stand. Index items_by_status finds the jobs that are not over
/// and the dead letters, which are few among those that are completed; no index is kept for these questions alone.
namespace holdfast::sqlite {

Result<std::vector<Job>> dead_letters(Database& database, const DeadLetterQuery& query);
Result<std::vector<DeadLetterGroup>> dead_letter_groups(Database& database, const DeadLetterFilter& filter);
Result<std::vector<QueueStats>> queue_stats(Database& database, WallTime now);
/// One look at index items_by_key for each owner there is.
Result<std::vector<Job>> jobs_of_key(Database& database, const std::string& job_key);

}  // namespace holdfast::sqlite
