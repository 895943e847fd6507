#pragma once

#include "sim/store_calls.hpp"
#include "sim/witness.hpp"

namespace holdfast::sim {

/// A real store with the simulator's delays and faults around its calls, and a witness beside them.
class WatchedStore final : public JobStore {
 public:
  WatchedStore(std::unique_ptr<JobStore> store, Witness& witness, std::function<WallTime()> now,
               StoreCalls calls)
      : store_{std::move(store)}, witness_{witness}, now_{std::move(now)}, calls_{calls} {}

  Task<Result<Enqueued>> enqueue(Transition created) override;
  Task<Result<std::vector<Job>>> claim(ClaimRequest request) override;
  Task<Result<Job>> update_leased(ItemId id, Fence fence, Decide decide) override;
  Task<Result<Job>> update(ItemId id, Decide decide) override;
  Task<Result<void>> extend(ItemId id, Fence fence, milliseconds lease_for) override;
  Task<Result<void>> checkpoint(ItemId id, Fence fence, Checkpoint made) override;
  Task<Result<std::optional<Job>>> find(ItemId id) override;
  Task<Result<std::optional<Job>>> find_key(std::string owner, std::string job_key) override;
  Task<Result<std::vector<Job>>> list(Query query) override;
  Task<Result<std::vector<QueueCount>>> counts() override;
  Task<Result<std::set<std::string>>> active_owners() override;
  Task<Result<std::vector<ItemId>>> leased() override;
  Task<Result<std::vector<ItemId>>> held(std::string dependency) override;
  Task<Result<std::optional<milliseconds>>> next_due(std::string bulkhead) override;
  Task<Result<std::vector<ItemId>>> from_the_future() override;
  Task<Result<std::vector<Job>>> dead_letters(DeadLetterQuery query) override;
  Task<Result<std::vector<DeadLetterGroup>>> dead_letter_groups(DeadLetterFilter filter) override;
  Task<Result<std::vector<QueueStats>>> queue_stats() override;
  Task<Result<std::vector<Job>>> find_key_of_all(std::string job_key) override;
  Task<Result<std::optional<ItemRecord>>> record(ItemId id) override;
  Task<Result<std::vector<Segment>>> segments(ItemId id) override;
  Task<Result<std::vector<Gap>>> gaps(ItemId id) override;
  Task<Result<std::vector<StoredResult>>> results(ItemId id) override;
  Task<Result<std::vector<StoredEvent>>> audit(ItemId id) override;
  Task<Result<std::vector<StoredEvent>>> events_after(std::uint64_t seq, unsigned limit) override;
  Task<Result<std::vector<StoredEvent>>> outbox(unsigned limit) override;
  Task<Result<void>> delivered(std::vector<std::uint64_t> seqs) override;
  Task<Result<std::vector<std::string>>> check() override;

 private:
  Decide watched(Decide decide, std::optional<Fence> caller);
  Task<Result<Enqueued>> add(Transition created);
  Task<Result<std::vector<Job>>> lease(ClaimRequest request);
  Task<Result<Job>> change(ItemId id, std::optional<Fence> caller, Decide decide);
  Task<Result<void>> keep(ItemId id, Fence fence, Checkpoint made);
  void heard(bool done) { done ? witness_.kept() : witness_.refused(); }

  std::unique_ptr<JobStore> store_;
  Witness& witness_;
  std::function<WallTime()> now_;
  StoreCalls calls_;
};

}  // namespace holdfast::sim
