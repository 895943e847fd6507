#pragma once

#include <vector>

#include "adapters/sqlite/database.hpp"
#include "ports/job_store.hpp"

/// Tables transcript_segments, transcript_gaps and results. Everything here runs inside a transaction of the
/// caller.
namespace holdfast::sqlite {

/// Puts `segments` in the place of everything from number `first` on.
/// Errors: conflict HF-ITM-03 (segments before `first` are missing).
Result<void> put_segments(Database& database, std::int64_t item, std::size_t first,
                          const std::vector<Segment>& segments);
Result<std::vector<Segment>> segments_of(Database& database, std::int64_t item);
/// The same for gaps.
Result<void> put_gaps(Database& database, std::int64_t item, std::size_t first, const std::vector<Gap>& gaps);
Result<std::vector<Gap>> gaps_of(Database& database, std::int64_t item);

/// Throws away and publishes what a change says, extractions with the results that they are.
Result<void> put_results(Database& database, std::int64_t item, const Transition& change);
Result<std::vector<StoredResult>> results_of(Database& database, std::int64_t item);

}  // namespace holdfast::sqlite
