#include "sim/memory_ledger.hpp"

#include <algorithm>

#include "core/job/decide.hpp"
#include "core/job/legal.hpp"

namespace holdfast::sim {
namespace {

std::unexpected<Error> no_such_item() {
  return fail(ErrorClass::not_found, "HF-ITM-06", "there is no such item");
}

std::string bulkhead_of(const Job& job) {
  return current_stage(job) != nullptr ? current_stage(job)->bulkhead : std::string{};
}

void count_into(QueueStats& stats, const Job& job, WallTime now) {
  const bool waits = job.status == JobStatus::pending;
  if (job.status == JobStatus::processing) stats.processing += 1;
  if (job.status == JobStatus::failed && job.discarded.empty()) stats.failed += 1;
  if (!waits) return;
  (job.held_for.empty() ? job.ready_at > now ? stats.scheduled : stats.pending : stats.held) += 1;
  stats.oldest = std::max(stats.oldest.value_or(milliseconds{0}), now - job.updated_at);
}

bool is_worth_telling(const QueueStats& stats) {
  return stats.pending + stats.scheduled + stats.held + stats.processing + stats.failed + stats.completed_last_hour > 0;
}

bool matches(const Job& job, const Query& query) {
  return (!query.owner || job.owner == *query.owner) && (!query.status || job.status == *query.status) &&
         (!query.recipe || job.recipe == *query.recipe) && (query.before.empty() || job.id < query.before);
}

}  // namespace

void MemoryLedger::index(const Job& job, bool add) {
  const std::tuple entry{bulkhead_of(job), job.priority, job.ready_at, job.id};
  const bool due = job.status == JobStatus::pending && (job.held_for.empty() || bugs.claims_held_jobs);
  if (due && add) due_.insert(entry);
  if (due && !add) due_.erase(entry);
  const bool busy = job.status == JobStatus::processing;
  if (busy && add) processing_.insert(job.id);
  if (busy && !add) processing_.erase(job.id);
}

void MemoryLedger::append(const Job& after, std::vector<AuditEntry> entries) {
  for (AuditEntry& entry : entries) {
    const std::uint64_t seq = log_.size() + 1;
    log_.push_back({.seq = seq,
                    .item = after.id,
                    .owner = after.owner,
                    .at = after.updated_at,
                    .entry = std::move(entry),
                    .status = after.status});
    log_of_[after.id].push_back(log_.size() - 1);
    const bool lost = bugs.loses_outbox_rows && seq % 50 == 0;
    if (!lost) outbox_.insert(seq);
  }
}

Result<Job> MemoryLedger::commit(const ItemId& id, Transition change, std::optional<Fence> caller) {
  const auto before = jobs_.find(id);
  if (before != jobs_.end() && !is_legal(before->second, change.after) && !bugs.prunes_what_is_in_use) {
    return fail(ErrorClass::conflict, "HF-ITM-03", "illegal transition");
  }
  if (on_commit) on_commit({before == jobs_.end() ? nullptr : &before->second, &change, caller});
  if (before != jobs_.end()) index(before->second, false);
  if (before != jobs_.end() && gives_up_key(before->second, change.after))
    keys_.erase({before->second.owner, before->second.job_key});
  Job& stored = jobs_[id] = change.after;
  const bool redone = !change.audit.empty() && change.audit.back().type == "job.redo";
  if (bugs.redoes_what_is_finished && redone && !change.audit.back().detail.empty()) stored.stage = 1;
  if (bugs.forgets_cancel_requests) stored.cancel_requested = false;
  index(stored, true);

  append(stored, std::move(change.audit));
  if (before == jobs_.end() && change.session_at) sessions_[id] = {*change.session_at, change.session_offset};
  publish(id, change);
  return stored;
}

void MemoryLedger::publish(const ItemId& id, Transition& change) {
  auto& results = results_[id];
  auto& extractions = extractions_[id];
  const auto drop = [&](const std::string& stage) {
    std::erase_if(extractions, [&](const StoredExtraction& old) { return old.stage == stage; });
    drop_vectors(id, stage);
  };
  for (const std::string& stage : change.drop_results_of) {
    std::erase_if(results, [&](const StoredResult& result) { return result.stage == stage; });
    drop(stage);
  }
  for (NamedResult& result : change.publish) {
    drop(result.stage);
    for (Extraction& made : result.extractions) {
      extractions.push_back({.id = ++last_extraction_, .stage = result.stage, .made = std::move(made)});
    }
    std::erase_if(results,
                  [&](const auto& old) { return old.stage == result.stage && old.name == result.name; });
    results.push_back({std::move(result.stage), std::move(result.name), std::move(result.json)});
  }
  if (!change.drop_segments) return;
  auto& segments = segments_[id];
  if (!bugs.appends_what_replaces) segments.clear();
  std::ranges::move(change.segments, std::back_inserter(segments));
  gaps_[id] = std::move(change.gaps);
}

Result<Enqueued> MemoryLedger::enqueue(Transition created) {
  if (!is_legal_start(created.after))
    return fail(ErrorClass::conflict, "HF-ITM-03", "a new job is pending and unleased");
  if (created.after.job_key.empty()) return start(std::move(created));
  const std::pair key{created.after.owner, created.after.job_key};
  if (const auto found = keys_.find(key); found != keys_.end() && !bugs.ignores_job_key) {
    const Job& existing = jobs_.at(found->second);
    if (existing.fingerprint != created.after.fingerprint) {
      return fail(ErrorClass::invalid, "HF-IDM-01", "this key was used for something else");
    }
    return Enqueued{existing, false};
  }
  keys_[key] = created.after.id;
  return start(std::move(created));
}

Result<Enqueued> MemoryLedger::start(Transition created) {
  const ItemId id = created.after.id;
  HF_TRY(Job job, commit(id, std::move(created), std::nullopt));
  return Enqueued{std::move(job), true};
}

std::vector<Job> MemoryLedger::claim(const ClaimRequest& request) {
  std::vector<ItemId> chosen;
  for (auto entry =
           due_.lower_bound({request.bulkhead, std::numeric_limits<int>::min(), WallTime::min(), ItemId{}});
       entry != due_.end() && std::get<0>(*entry) == request.bulkhead && chosen.size() < request.count_max;
       ++entry) {
    if (std::get<2>(*entry) <= now()) chosen.push_back(std::get<3>(*entry));
  }
  std::vector<Job> leased;
  for (const ItemId& id : chosen) {
    Job job = jobs_.at(id);
    if (bugs.claims_held_jobs) job.held_for.clear();
    if (bugs.forgets_gaps) gaps_.erase(id);
    auto change = decide::claim(job, request.node, request.lease_for, now());
    if (!change) continue;
    auto claimed = commit(id, std::move(*change), std::nullopt);
    if (claimed) leased.push_back(std::move(*claimed));
  }
  return leased;
}

Result<void> MemoryLedger::check_fence(const Job& job, Fence fence) const {
  const bool valid = job.status == JobStatus::processing && job.lease && job.lease->fence == fence;
  if (!valid) return fail(ErrorClass::conflict, "HF-ITM-05", "the lease is over");
  return {};
}

Result<Job> MemoryLedger::update_leased(const ItemId& id, Fence fence, const Decide& decide) {
  const auto job = jobs_.find(id);
  if (job == jobs_.end()) return no_such_item();
  if (!bugs.skips_fence_check) HF_TRY_VOID(check_fence(job->second, fence));
  HF_TRY(Transition change, decide(job->second, now()));
  return commit(id, std::move(change), fence);
}

Result<Job> MemoryLedger::update(const ItemId& id, const Decide& decide) {
  const auto job = jobs_.find(id);
  if (job == jobs_.end()) return no_such_item();
  HF_TRY(Transition change, decided(job->second, decide));
  return commit(id, std::move(change), std::nullopt);
}

Result<void> MemoryLedger::extend(const ItemId& id, Fence fence, milliseconds lease_for) {
  const auto job = jobs_.find(id);
  if (job == jobs_.end()) return no_such_item();
  HF_TRY_VOID(check_fence(job->second, fence));
  if (!bugs.ignores_heartbeats) job->second.lease->until = now() + lease_for;
  return {};
}

Result<void> MemoryLedger::checkpoint(const ItemId& id, Fence fence, Checkpoint made) {
  const auto job = jobs_.find(id);
  if (job == jobs_.end()) return no_such_item();
  if (!bugs.checkpoint_skips_fence_check) HF_TRY_VOID(check_fence(job->second, fence));
  const decide::Reached reached{made.position_ms, made.output, made.warning, made.with_less};
  HF_TRY(Transition change, decide::checkpoint(job->second, reached, now()));
  auto& segments = segments_[id];
  auto& gaps = gaps_[id];
  if (made.first_segment > segments.size() || made.first_gap > gaps.size())
    return fail(ErrorClass::conflict, "HF-ITM-03", "parts of the transcript before these are missing");
  HF_TRY_VOID(commit(id, std::move(change), fence));
  segments.resize(made.first_segment);
  std::ranges::move(made.segments, std::back_inserter(segments));
  gaps.resize(made.first_gap);
  std::ranges::move(made.gaps, std::back_inserter(gaps));
  return {};
}

void MemoryLedger::delivered(const std::vector<std::uint64_t>& seqs) {
  for (const std::uint64_t seq : seqs) outbox_.erase(seq);
}

std::optional<Job> MemoryLedger::find(const ItemId& id) const {
  const auto job = jobs_.find(id);
  return job == jobs_.end() ? std::nullopt : std::optional{job->second};
}

std::optional<Job> MemoryLedger::find_key(const std::string& owner, const std::string& job_key) const {
  const auto key = keys_.find({owner, job_key});
  return key == keys_.end() ? std::nullopt : find(key->second);
}

std::vector<Job> MemoryLedger::list(const Query& query) const {
  std::vector<Job> found;
  for (auto job = jobs_.rbegin(); job != jobs_.rend() && found.size() < query.limit; ++job) {
    if (matches(job->second, query)) found.push_back(job->second);
  }
  return found;
}

std::vector<QueueCount> MemoryLedger::counts() const {
  std::map<std::pair<std::string, JobStatus>, std::uint64_t> sums;
  for (const auto& [id, job] : jobs_)
    if (!bugs.hides_waiting_jobs || job.status != JobStatus::pending)
      sums[{is_terminal(job.status) ? "" : bulkhead_of(job), job.status}] += 1;
  std::vector<QueueCount> out;
  for (const auto& [key, jobs] : sums) out.push_back({key.first, key.second, jobs});
  return out;
}

std::set<std::string> MemoryLedger::active_owners() const {
  std::set<std::string> owners;
  for (const auto& [id, job] : jobs_) {
    if (!is_terminal(job.status) && !bugs.hides_owners) owners.insert(job.owner);
  }
  return owners;
}

std::vector<ItemId> MemoryLedger::leased() const {
  if (bugs.hides_leases) return {};
  return {processing_.begin(), processing_.end()};
}

std::vector<ItemId> MemoryLedger::held(const std::string& dependency) const {
  std::vector<ItemId> found;
  for (const auto& [id, job] : jobs_) {
    if (!dependency.empty() && job.held_for == dependency) found.push_back(id);
  }
  return found;
}

std::vector<ItemId> MemoryLedger::from_the_future() const {
  std::vector<ItemId> found;
  for (const auto& [id, job] : jobs_) {
    if (job.status == JobStatus::pending && job.updated_at > now()) found.push_back(id);
  }
  return found;
}

std::optional<milliseconds> MemoryLedger::next_due(const std::string& bulkhead) const {
  std::optional<WallTime> earliest;
  for (auto entry = due_.lower_bound({bulkhead, std::numeric_limits<int>::min(), WallTime::min(), ItemId{}});
       entry != due_.end() && std::get<0>(*entry) == bulkhead; ++entry) {
    if (!earliest || std::get<2>(*entry) < *earliest) earliest = std::get<2>(*entry);
  }
  if (!earliest) return std::nullopt;
  return std::max(*earliest - now(), milliseconds{0});
}

std::vector<Job> MemoryLedger::dead_letters(const DeadLetterQuery& query) const {
  std::vector<Job> found;
  for (auto job = jobs_.rbegin(); job != jobs_.rend() && found.size() < query.limit; ++job) {
    const bool after_cursor = query.before.empty() || job->first < query.before;
    if (after_cursor && holdfast::matches(query.filter, job->second)) found.push_back(job->second);
  }
  return found;
}

std::vector<DeadLetterGroup> MemoryLedger::dead_letter_groups(const DeadLetterFilter& filter) const {
  DeadLetterGroups groups;
  for (const auto& [id, job] : jobs_) {
    if (holdfast::matches(filter, job)) groups.add(*dead_letter_facts(job));
  }
  return groups.sorted();
}

std::vector<QueueStats> MemoryLedger::queue_stats() const {
  std::map<std::string, QueueStats> stats;
  for (const auto& [id, job] : jobs_) {
    const StageRecord* stage = current_stage(job);
    if (stage != nullptr) count_into(stats[stage->kind], job, now());
  }
  const std::size_t first = log_.size() - std::min<std::size_t>(log_.size(), QueueStats::kRecentEvents);
  for (std::size_t at = first; at < log_.size(); ++at) {
    const StoredEvent& event = log_[at];
    if (event.entry.type != "stage.completed" || event.at <= now() - std::chrono::hours{1}) continue;
    const auto job = jobs_.find(event.item);
    if (job == jobs_.end()) continue;  // removed since
    const auto& stages = job->second.stages;
    const auto stage = std::ranges::find(stages, event.entry.stage, &StageRecord::name);
    if (stage != stages.end()) stats[stage->kind].completed_last_hour += 1;
  }
  std::vector<QueueStats> out;
  for (auto& [kind, counted] : stats) {
    counted.kind = kind;
    if (is_worth_telling(counted)) out.push_back(counted);
  }
  return out;
}

std::vector<Job> MemoryLedger::find_key_of_all(const std::string& job_key) const {
  std::vector<Job> found;
  for (const auto& [key, id] : keys_) {
    if (key.second == job_key) found.push_back(jobs_.at(id));
  }
  return found;
}

std::optional<ItemRecord> MemoryLedger::record(const ItemId& id) const {
  const auto job = jobs_.find(id);
  if (job == jobs_.end()) return std::nullopt;
  const auto session = sessions_.find(id);
  const auto recorded = session == sessions_.end() ? std::nullopt : std::optional{session->second};
  return ItemRecord{job->second, segments(id), gaps(id), results(id), extractions(id), recorded};
}

std::vector<Segment> MemoryLedger::segments(const ItemId& id) const {
  const auto found = segments_.find(id);
  return found == segments_.end() ? std::vector<Segment>{} : found->second;
}

std::vector<Gap> MemoryLedger::gaps(const ItemId& id) const {
  const auto found = gaps_.find(id);
  return found == gaps_.end() ? std::vector<Gap>{} : found->second;
}

std::vector<StoredResult> MemoryLedger::results(const ItemId& id) const {
  const auto found = results_.find(id);
  return found == results_.end() ? std::vector<StoredResult>{} : found->second;
}

std::vector<StoredExtraction> MemoryLedger::extractions(const ItemId& id) const {
  const auto found = extractions_.find(id);
  return found == extractions_.end() ? std::vector<StoredExtraction>{} : found->second;
}

std::vector<StoredEvent> MemoryLedger::audit(const ItemId& id) const {
  std::vector<StoredEvent> trail;
  if (const auto found = log_of_.find(id); found != log_of_.end()) {
    for (const std::size_t at : found->second) trail.push_back(log_[at]);
  }
  return trail;
}

std::vector<StoredEvent> MemoryLedger::events_after(std::uint64_t seq, unsigned limit) const {
  std::vector<StoredEvent> found;
  for (std::size_t at = seq; at < log_.size() && found.size() < limit; ++at) {
    if (!pruned_.contains(log_[at].seq)) found.push_back(log_[at]);
  }
  return found;
}

std::vector<StoredEvent> MemoryLedger::outbox(unsigned limit) const {
  std::vector<StoredEvent> found;
  for (const std::uint64_t seq : outbox_) {
    if (found.size() == limit) break;
    found.push_back(log_[seq - 1]);
  }
  return found;
}

}  // namespace holdfast::sim
