#pragma once

#include "sim/memory_ledger.hpp"
#include "sim/sim_clock.hpp"

namespace holdfast::sim {

/// When and how often a store's calls go wrong. All chances 0..1.
struct StoreFaults {
  double fails_before = 0;  ///< transient: nothing was written
  double fails_after = 0;   ///< unknown: it was written
  milliseconds delay_max{0};
  MonoTime away_until{};  ///< an outage: every call fails before it takes effect
};

/// JobStore over a MemoryLedger that outlives it. A call takes effect at one moment, some time after it was
/// made and some time before it is answered: a crash of the caller may fall before, between and after.
class MemoryStore final : public JobStore {
 public:
  MemoryStore(MemoryLedger& ledger, SimClock& clock, Rng& rng, StoreFaults& faults)
      : ledger_{ledger}, clock_{clock}, rng_{rng}, faults_{faults} {}

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
  Task<Result<std::vector<ItemId>>> leased() override;
  Task<Result<std::vector<ItemId>>> held(std::string dependency) override;
  Task<Result<std::optional<milliseconds>>> next_due(std::string bulkhead) override;
  Task<Result<std::vector<ItemId>>> from_the_future() override;
  Task<Result<std::vector<Segment>>> segments(ItemId id) override;
  Task<Result<std::vector<Gap>>> gaps(ItemId id) override;
  Task<Result<std::vector<StoredResult>>> results(ItemId id) override;
  Task<Result<std::vector<StoredEvent>>> audit(ItemId id) override;
  Task<Result<std::vector<StoredEvent>>> events_after(std::uint64_t seq, unsigned limit) override;
  Task<Result<std::vector<StoredEvent>>> outbox(unsigned limit) override;
  Task<Result<void>> delivered(std::vector<std::uint64_t> seqs) override;
  Task<Result<void>> add_user(User user) override;
  Task<Result<std::optional<User>>> find_user(std::string name) override;
  Task<Result<std::vector<std::string>>> check() override;

 private:
  template <class T, class Fn>
  Task<Result<T>> call(Fn fn);
  bool draw(double chance) { return chance > 0 && static_cast<double>(rng_.below(1'000'000)) < chance * 1e6; }
  milliseconds delay();

  MemoryLedger& ledger_;
  SimClock& clock_;
  Rng& rng_;
  StoreFaults& faults_;
};

}  // namespace holdfast::sim
