#include <algorithm>

#include "core/job/legal.hpp"
#include "sim/memory_ledger.hpp"

namespace holdfast::sim {
namespace {

/// What a planted bug takes a job for that is worked on again: as it was when it was over.
Job as_it_was(const Job& job) {
  Job seen = job;
  seen.status = JobStatus::completed;
  seen.stage = seen.stages.size();
  seen.over_at = job.created_at;
  seen.lease.reset();
  return seen;
}

}  // namespace

/// The job that a decision sees. A planted bug shows to retention what is in use as if it were over.
Result<Transition> MemoryLedger::decided(const Job& job, const Decide& decide) const {
  if (!bugs.prunes_what_is_in_use || is_terminal(job.status)) return decide(job, now());
  auto change = decide(as_it_was(job), now());
  const bool expires = change && !change->audit.empty() && change->audit.front().type == "job.file_expired";
  if (!expires) return decide(job, now());
  Job after = job;
  after.version += 1;
  after.file_expired_at = now();
  change->after = after;
  change->drop_segments = false;
  change->drop_results_of.clear();
  return change;
}

bool MemoryLedger::is_over(const Job& job, const OverQuery& query) const {
  const retention::Search& search = query.search;
  if (job.recipe != query.recipe || retention::kept(job) != search.kept) return false;
  if (bugs.prunes_what_is_in_use && !job.over_at && search.what == "file") return job.created_at + search.age <= now();
  return job.over_at && job.status == search.status && *job.over_at + search.age <= now();
}

std::vector<std::string> MemoryLedger::recipes_over() const {
  std::set<std::string> recipes;
  for (const auto& [id, job] : jobs_) {
    if (job.over_at || bugs.prunes_what_is_in_use) recipes.insert(job.recipe);
  }
  return {recipes.begin(), recipes.end()};
}

std::vector<Job> MemoryLedger::over(const OverQuery& query) const {
  std::vector<Job> found;
  for (const auto& [id, job] : jobs_) {
    if (is_over(job, query)) found.push_back(job);
  }
  std::ranges::sort(found, {}, [](const Job& job) { return std::pair{job.over_at, job.id}; });
  if (found.size() > query.limit) found.resize(query.limit);
  return found;
}

std::uint64_t MemoryLedger::count_over(const OverQuery& query) const {
  const auto count = std::ranges::count_if(jobs_, [&](const auto& entry) { return is_over(entry.second, query); });
  return static_cast<std::uint64_t>(count);
}

void MemoryLedger::erase(const Job& job) {
  index(job, false);
  if (!job.job_key.empty()) keys_.erase({job.owner, job.job_key});
  segments_.erase(job.id);
  gaps_.erase(job.id);
  results_.erase(job.id);
  sessions_.erase(job.id);
  extractions_.erase(job.id);
  vectors_.erase(job.id);
  jobs_.erase(job.id);
}

Result<Job> MemoryLedger::remove(const ItemId& id, const Decide& decide) {
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return fail(ErrorClass::not_found, "HF-ITM-06", "there is no such item");
  const Job before = found->second;
  HF_TRY(Transition change, decide(before, now()));
  const bool legal = may_be_removed(before) && is_same_item(before, change.after) && is_sound(change.after);
  if (!legal) return fail(ErrorClass::conflict, "HF-ITM-03", "something of the item is still kept");
  if (on_commit) on_commit({&before, &change, std::nullopt});
  append(change.after, std::move(change.audit));
  erase(before);
  removed_.emplace(id, *before.over_at);
  if (bugs.removes_without_trace) log_of_.erase(id);
  return std::move(change.after);
}

bool MemoryLedger::is_undelivered(const ItemId& id) const {
  const auto trail = log_of_.find(id);
  return trail != log_of_.end() && std::ranges::any_of(trail->second, [this](std::size_t at) {
           return outbox_.contains(log_[at].seq);
         });
}

/// There is no audit of management here.
Pruned MemoryLedger::prune(const PruneRequest& request) {
  std::vector<std::pair<WallTime, ItemId>> due;
  for (const auto& [id, over_at] : removed_) {
    const bool old = request.audit && over_at <= retention::coarse_cutoff(*request.audit, now());
    if (old && !is_undelivered(id)) due.emplace_back(over_at, id);
  }
  std::ranges::sort(due);
  if (due.size() > request.limit) due.resize(request.limit);
  for (const auto& [over_at, id] : due) {
    if (request.only_count) continue;
    for (const std::size_t at : log_of_[id]) pruned_.insert(log_[at].seq);
    log_of_.erase(id);
    removed_.erase(id);
  }
  return {.trails = due.size()};
}

}  // namespace holdfast::sim
