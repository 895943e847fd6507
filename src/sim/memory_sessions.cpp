#include "sim/memory_sessions.hpp"

#include <algorithm>
#include <tuple>

namespace holdfast::sim {

MemorySession MemorySessions::made_of(const Job& job, WallTime started_at) const {
  MemorySession session{.item = job.id,
                        .job_key = job.job_key,
                        .owner = job.owner,
                        .status = job.status,
                        .started_at = started_at,
                        .duration_ms = job.duration_ms};
  const auto segments = ledger_.segments(job.id);
  const auto worded = std::ranges::find_if(segments, [](const Segment& segment) { return !segment.text.empty(); });
  if (worded != segments.end()) session.first_words = worded->text;
  for (const StoredExtraction& stored : ledger_.extractions(job.id)) {
    (stored.made.kind == ExtractionKind::memory ? session.memories : session.actions) += 1;
  }
  return session;
}

Task<Result<std::vector<MemorySession>>> MemorySessions::sessions(SessionQuery query) {
  std::vector<MemorySession> found;
  for (const auto& [item, started_at] : ledger_.sessions()) {
    const Job& job = ledger_.jobs().at(item);
    const bool beyond =
        !query.after || std::tie(started_at, item) < std::tie(query.after->started_at, query.after->item);
    if (job.owner == query.owner && beyond) found.push_back(made_of(job, started_at));
  }
  std::ranges::sort(found, [](const MemorySession& left, const MemorySession& right) {
    return std::tie(right.started_at, right.item) < std::tie(left.started_at, left.item);
  });
  if (found.size() > query.limit) found.resize(query.limit);
  co_return found;
}

Task<Result<std::optional<MemorySession>>> MemorySessions::session(ItemId item) {
  const auto found = ledger_.sessions().find(item);
  if (found == ledger_.sessions().end()) co_return std::optional<MemorySession>{};
  co_return std::optional{made_of(ledger_.jobs().at(item), found->second)};
}

Task<Result<std::vector<OwnedExtraction>>> MemorySessions::extractions(ExtractionQuery query) {
  std::vector<OwnedExtraction> found;
  for (const auto& [item, job] : ledger_.jobs()) {
    if (job.owner != query.owner) continue;
    const auto segments = ledger_.segments(item);
    for (StoredExtraction& stored : ledger_.extractions(item)) {
      if (stored.made.kind != query.kind || (query.before != 0 && stored.id >= query.before)) continue;
      const std::size_t first = stored.made.segments.empty() ? segments.size() : stored.made.segments.front();
      const std::int64_t start_ms = first < segments.size() ? segments[first].start_ms : -1;
      found.push_back({.item = item, .stored = std::move(stored), .start_ms = start_ms});
    }
  }
  std::ranges::sort(found, std::greater{}, [](const OwnedExtraction& one) { return one.stored.id; });
  if (found.size() > query.limit) found.resize(query.limit);
  co_return found;
}

}  // namespace holdfast::sim
