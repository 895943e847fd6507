#pragma once

#include "sim/called_retention.hpp"
#include "sim/called_states.hpp"
#include "sim/memory_ledger.hpp"
#include "sim/store_calls.hpp"

namespace holdfast::sim {

/// JobStore over a MemoryLedger that outlives it.
class MemoryStore : public JobStore {
 public:
  MemoryStore(MemoryLedger& ledger, SimClock& clock, Rng& rng, StoreFaults& faults)
      : ledger_{ledger}, calls_{clock, rng, faults} {}

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
  MemoryLedger& ledger_;
  StoreCalls calls_;
};

/// World A: a ledger in memory that never forgets, shared by all nodes.
class MemoryStorage final : public Storage {
 public:
  MemoryStorage(Rng& rng, StoreFaults& faults) : rng_{rng}, faults_{faults} {}

  Result<void> prepare() override { return {}; }
  std::unique_ptr<JobStore> connect(SimClock& clock, std::function<void()> /*die*/) override {
    return std::make_unique<MemoryStore>(ledger, clock, rng_, faults_);
  }
  std::unique_ptr<StateStore> connect_states(SimClock& clock) override {
    return std::make_unique<CalledStates>(std::make_unique<MapStates>(documents_), StoreCalls{clock, rng_, faults_});
  }
  std::unique_ptr<RetentionStore> connect_retention(SimClock& clock) override {
    return std::make_unique<CalledRetention>(std::make_unique<LedgerRetention>(ledger),
                                             StoreCalls{clock, rng_, faults_});
  }
  void cut_off(Death /*how*/) override {}
  void heal() override {}
  const std::map<ItemId, Job>& jobs() const override { return ledger.jobs(); }
  std::shared_ptr<const Books> books() override {
    return {std::shared_ptr<void>{}, &ledger};  // it lives as long as we do: nothing to own
  }

  MemoryLedger ledger;

 private:
  Rng& rng_;
  StoreFaults& faults_;
  MapStates::Documents documents_;
};

}  // namespace holdfast::sim
