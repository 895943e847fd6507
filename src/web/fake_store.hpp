#pragma once

#include <algorithm>
#include <map>

#include "ports/job_store.hpp"

namespace holdfast::web::testing {

/// For tests: as much of a job store as the web reads and writes. Whatever else is asked fails loudly.
class FakeStore : public JobStore {
 public:
  Task<Result<Enqueued>> enqueue(Transition created) override {
    if (enqueue_error) co_return std::unexpected(*enqueue_error);
    for (const auto& [id, job] : jobs) {
      const bool same_key = job.owner == created.after.owner && job.job_key == created.after.job_key;
      if (same_key && job.fingerprint == created.after.fingerprint) co_return Enqueued{job, false};
      if (same_key) co_return fail(ErrorClass::invalid, "HF-IDM-01", "the key was used for something else");
    }
    jobs[created.after.id] = created.after;
    co_return Enqueued{created.after, true};
  }
  Task<Result<std::optional<Job>>> find(ItemId id) override {
    const auto found = jobs.find(id);
    co_return found == jobs.end() ? std::optional<Job>{} : std::optional<Job>{found->second};
  }
  Task<Result<std::vector<Job>>> list(Query query) override {
    std::vector<Job> out;
    for (auto entry = jobs.rbegin(); entry != jobs.rend() && out.size() < query.limit; ++entry) {
      const Job& job = entry->second;
      if (query.owner && job.owner != *query.owner) continue;
      if (query.status && job.status != *query.status) continue;
      if (query.recipe && job.recipe != *query.recipe) continue;
      if (!query.before.empty() && !(job.id < query.before)) continue;
      out.push_back(job);
    }
    co_return out;
  }
  Task<Result<std::set<std::string>>> active_owners() override { return unasked<std::set<std::string>>(); }
  Task<Result<std::vector<Job>>> dead_letters(DeadLetterQuery query) override {
    std::vector<Job> out;
    for (auto entry = jobs.rbegin(); entry != jobs.rend() && out.size() < query.limit; ++entry) {
      const bool after_cursor = query.before.empty() || entry->first < query.before;
      if (after_cursor && matches(query.filter, entry->second)) out.push_back(entry->second);
    }
    co_return out;
  }
  Task<Result<std::vector<DeadLetterGroup>>> dead_letter_groups(DeadLetterFilter filter) override {
    DeadLetterGroups groups;
    for (const auto& [id, job] : jobs) {
      if (matches(filter, job)) groups.add(*dead_letter_facts(job));
    }
    co_return groups.sorted();
  }
  Task<Result<std::vector<QueueStats>>> queue_stats() override { co_return stats; }
  Task<Result<std::vector<Job>>> find_key_of_all(std::string job_key) override {
    std::vector<Job> out;
    for (const auto& [id, job] : jobs) {
      if (job.job_key == job_key) out.push_back(job);
    }
    co_return out;
  }
  Task<Result<std::vector<QueueCount>>> counts() override { co_return std::vector<QueueCount>{}; }
  Task<Result<std::optional<ItemRecord>>> record(ItemId id) override {
    const auto found = jobs.find(id);
    if (found == jobs.end()) co_return std::optional<ItemRecord>{};
    co_return ItemRecord{.job = found->second, .segments = stored_segments[id], .results = stored_results[id],
                         .extractions = stored_extractions[id]};
  }
  Task<Result<std::vector<Segment>>> segments(ItemId) override { return unasked<std::vector<Segment>>(); }
  Task<Result<std::vector<StoredResult>>> results(ItemId id) override { co_return stored_results[id]; }
  Task<Result<std::vector<StoredEvent>>> audit(ItemId id) override {
    std::vector<StoredEvent> out;
    std::ranges::copy_if(log, std::back_inserter(out),
                         [&id](const StoredEvent& event) { return event.item == id; });
    co_return out;
  }
  Task<Result<std::vector<StoredEvent>>> events_after(std::uint64_t seq, unsigned limit) override {
    std::vector<StoredEvent> out;
    for (const StoredEvent& event : log) {
      if (event.seq > seq && out.size() < limit) out.push_back(event);
    }
    co_return out;
  }

  Task<Result<std::vector<Job>>> claim(ClaimRequest) override { return unasked<std::vector<Job>>(); }
  Task<Result<Job>> update_leased(ItemId, Fence, Decide) override { return unasked<Job>(); }
  Task<Result<Job>> update(ItemId id, Decide decide) override {
    const auto found = jobs.find(id);
    if (found == jobs.end()) co_return fail(ErrorClass::not_found, "HF-ITM-06", "there is no such item");
    HF_CO_TRY(const Transition change, decide(found->second, WallTime{milliseconds{1'800'000'000'000}}));
    keep(change);
    co_return change.after;
  }
  Task<Result<void>> extend(ItemId, Fence, milliseconds) override { return unasked<void>(); }
  Task<Result<void>> checkpoint(ItemId, Fence, Checkpoint) override { return unasked<void>(); }
  Task<Result<std::vector<Gap>>> gaps(ItemId) override { return unasked<std::vector<Gap>>(); }
  Task<Result<std::optional<Job>>> find_key(std::string owner, std::string job_key) override {
    for (const auto& [id, job] : jobs) {
      if (job.owner == owner && job.job_key == job_key) co_return std::optional{job};
    }
    co_return std::optional<Job>{};
  }
  Task<Result<std::vector<ItemId>>> leased() override { return unasked<std::vector<ItemId>>(); }
  Task<Result<std::vector<ItemId>>> held(std::string) override { return unasked<std::vector<ItemId>>(); }
  Task<Result<std::optional<milliseconds>>> next_due(std::string) override {
    return unasked<std::optional<milliseconds>>();
  }
  Task<Result<std::vector<ItemId>>> from_the_future() override { return unasked<std::vector<ItemId>>(); }
  Task<Result<std::vector<StoredEvent>>> outbox(unsigned) override {
    return unasked<std::vector<StoredEvent>>();
  }
  Task<Result<void>> delivered(std::vector<std::uint64_t>) override { return unasked<void>(); }
  Task<Result<std::vector<std::string>>> check() override { return unasked<std::vector<std::string>>(); }

  std::map<ItemId, Job> jobs;
  std::map<ItemId, std::vector<Segment>> stored_segments;
  std::map<ItemId, std::vector<StoredResult>> stored_results;
  std::map<ItemId, std::vector<StoredExtraction>> stored_extractions;
  std::vector<StoredEvent> log;
  std::vector<QueueStats> stats;
  std::optional<Error> enqueue_error;

 private:
  void keep(const Transition& change) {
    const ItemId& id = change.after.id;
    jobs[id] = change.after;
    if (change.drop_segments) stored_segments[id] = change.segments;
    std::erase_if(stored_results[id], [&](const StoredResult& old) {
      return std::ranges::find(change.drop_results_of, old.stage) != change.drop_results_of.end();
    });
    for (const NamedResult& made : change.publish) stored_results[id].push_back({made.stage, made.name, made.json});
    for (const AuditEntry& entry : change.audit) {
      log.push_back({.seq = log.size() + 1, .item = id, .owner = change.after.owner, .entry = entry});
    }
  }

  template <class T>
  static Task<Result<T>> unasked() {
    co_return fail(ErrorClass::permanent, "HF-SRV-01", "the web has no business with this call");
  }
};

}  // namespace holdfast::web::testing
