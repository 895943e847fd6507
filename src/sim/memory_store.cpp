#include "sim/memory_store.hpp"

namespace holdfast::sim {

Task<Result<Enqueued>> MemoryStore::enqueue(Transition created) {
  return calls_.write<Enqueued>(
      [this, created = std::move(created)]() mutable { return ledger_.enqueue(std::move(created)); });
}
Task<Result<std::vector<Job>>> MemoryStore::claim(ClaimRequest request) {
  return calls_.write<std::vector<Job>>(
      [this, request = std::move(request)] { return ledger_.claim(request); });
}
Task<Result<Job>> MemoryStore::update_leased(ItemId id, Fence fence, Decide decide) {
  return calls_.write<Job>(
      [=, this, decide = std::move(decide)] { return ledger_.update_leased(id, fence, decide); });
}
Task<Result<Job>> MemoryStore::update(ItemId id, Decide decide) {
  return calls_.write<Job>([=, this, decide = std::move(decide)] { return ledger_.update(id, decide); });
}
Task<Result<void>> MemoryStore::extend(ItemId id, Fence fence, milliseconds lease_for) {
  return calls_.write<void>([=, this] { return ledger_.extend(id, fence, lease_for); });
}
Task<Result<void>> MemoryStore::checkpoint(ItemId id, Fence fence, Checkpoint made) {
  return calls_.write<void>([=, this, made = std::move(made)] { return ledger_.checkpoint(id, fence, made); });
}
Task<Result<std::optional<Job>>> MemoryStore::find(ItemId id) {
  return calls_.call<std::optional<Job>>([=, this] { return ledger_.find(id); });
}
Task<Result<std::optional<Job>>> MemoryStore::find_key(std::string owner, std::string job_key) {
  return calls_.call<std::optional<Job>>([=, this] { return ledger_.find_key(owner, job_key); });
}
Task<Result<std::vector<Job>>> MemoryStore::list(Query query) {
  return calls_.call<std::vector<Job>>([=, this] { return ledger_.list(query); });
}
Task<Result<std::set<std::string>>> MemoryStore::active_owners() {
  return calls_.call<std::set<std::string>>([this] { return ledger_.active_owners(); });
}
Task<Result<std::vector<QueueCount>>> MemoryStore::counts() {
  return calls_.call<std::vector<QueueCount>>([this] { return ledger_.counts(); });
}
Task<Result<std::vector<ItemId>>> MemoryStore::leased() {
  return calls_.call<std::vector<ItemId>>([this] { return ledger_.leased(); });
}
Task<Result<std::vector<ItemId>>> MemoryStore::held(std::string dependency) {
  return calls_.call<std::vector<ItemId>>([=, this] { return ledger_.held(dependency); });
}
Task<Result<std::vector<ItemId>>> MemoryStore::from_the_future() {
  return calls_.call<std::vector<ItemId>>([this] { return ledger_.from_the_future(); });
}
Task<Result<std::optional<milliseconds>>> MemoryStore::next_due(std::string bulkhead) {
  return calls_.call<std::optional<milliseconds>>([=, this] { return ledger_.next_due(bulkhead); });
}
Task<Result<std::vector<Job>>> MemoryStore::dead_letters(DeadLetterQuery query) {
  return calls_.call<std::vector<Job>>([=, this] { return ledger_.dead_letters(query); });
}
Task<Result<std::vector<DeadLetterGroup>>> MemoryStore::dead_letter_groups(DeadLetterFilter filter) {
  return calls_.call<std::vector<DeadLetterGroup>>([=, this] { return ledger_.dead_letter_groups(filter); });
}
Task<Result<std::vector<QueueStats>>> MemoryStore::queue_stats() {
  return calls_.call<std::vector<QueueStats>>([this] { return ledger_.queue_stats(); });
}
Task<Result<std::vector<Job>>> MemoryStore::find_key_of_all(std::string job_key) {
  return calls_.call<std::vector<Job>>([=, this] { return ledger_.find_key_of_all(job_key); });
}
Task<Result<std::optional<ItemRecord>>> MemoryStore::record(ItemId id) {
  return calls_.call<std::optional<ItemRecord>>([=, this] { return ledger_.record(id); });
}
Task<Result<std::vector<Segment>>> MemoryStore::segments(ItemId id) {
  return calls_.call<std::vector<Segment>>([=, this] { return ledger_.segments(id); });
}
Task<Result<std::vector<Gap>>> MemoryStore::gaps(ItemId id) {
  return calls_.call<std::vector<Gap>>([=, this] { return ledger_.gaps(id); });
}
Task<Result<std::vector<StoredResult>>> MemoryStore::results(ItemId id) {
  return calls_.call<std::vector<StoredResult>>([=, this] { return ledger_.results(id); });
}
Task<Result<std::vector<StoredEvent>>> MemoryStore::audit(ItemId id) {
  return calls_.call<std::vector<StoredEvent>>([=, this] { return ledger_.audit(id); });
}
Task<Result<std::vector<StoredEvent>>> MemoryStore::events_after(std::uint64_t seq, unsigned limit) {
  return calls_.call<std::vector<StoredEvent>>([=, this] { return ledger_.events_after(seq, limit); });
}
Task<Result<std::vector<StoredEvent>>> MemoryStore::outbox(unsigned limit) {
  return calls_.call<std::vector<StoredEvent>>([=, this] { return ledger_.outbox(limit); });
}
Task<Result<void>> MemoryStore::delivered(std::vector<std::uint64_t> seqs) {
  return calls_.write<void>([=, this]() -> Result<void> {
    ledger_.delivered(seqs);
    return {};
  });
}
Task<Result<std::vector<std::string>>> MemoryStore::check() {
  return calls_.call<std::vector<std::string>>([] { return std::vector<std::string>{}; });
}

}  // namespace holdfast::sim
