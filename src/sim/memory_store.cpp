#include "sim/memory_store.hpp"

namespace holdfast::sim {

milliseconds MemoryStore::delay() {
  if (faults_.delay_max.count() == 0) return milliseconds{0};
  return milliseconds{
      static_cast<std::int64_t>(rng_.below(static_cast<std::uint64_t>(faults_.delay_max.count())))};
}

/// One call: wait, take effect, wait, answer.
template <class T, class Fn>
Task<Result<T>> MemoryStore::call(Fn fn) {
  co_await clock_.nap(delay());
  if (clock_.mono_now() < faults_.away_until || draw(faults_.fails_before)) {
    co_return fail(ErrorClass::transient, "HF-STO-04", "the store did not answer");
  }
  Result<T> answer = fn();
  co_await clock_.nap(delay());
  if (draw(faults_.fails_after)) co_return fail(ErrorClass::unknown, "HF-STO-04", "the answer was lost");
  co_return answer;
}

Task<Result<Enqueued>> MemoryStore::enqueue(Transition created) {
  return call<Enqueued>(
      [this, created = std::move(created)]() mutable { return ledger_.enqueue(std::move(created)); });
}
Task<Result<std::vector<Job>>> MemoryStore::claim(ClaimRequest request) {
  return call<std::vector<Job>>([this, request = std::move(request)] { return ledger_.claim(request); });
}
Task<Result<Job>> MemoryStore::update_leased(ItemId id, Fence fence, Decide decide) {
  return call<Job>(
      [=, this, decide = std::move(decide)] { return ledger_.update_leased(id, fence, decide); });
}
Task<Result<Job>> MemoryStore::update(ItemId id, Decide decide) {
  return call<Job>([=, this, decide = std::move(decide)] { return ledger_.update(id, decide); });
}
Task<Result<void>> MemoryStore::extend(ItemId id, Fence fence, milliseconds lease_for) {
  return call<void>([=, this] { return ledger_.extend(id, fence, lease_for); });
}
Task<Result<void>> MemoryStore::checkpoint(ItemId id, Fence fence, Checkpoint made) {
  return call<void>([=, this, made = std::move(made)] { return ledger_.checkpoint(id, fence, made); });
}
Task<Result<std::optional<Job>>> MemoryStore::find(ItemId id) {
  return call<std::optional<Job>>([=, this] { return ledger_.find(id); });
}
Task<Result<std::optional<Job>>> MemoryStore::find_key(std::string owner, std::string job_key) {
  return call<std::optional<Job>>([=, this] { return ledger_.find_key(owner, job_key); });
}
Task<Result<std::vector<Job>>> MemoryStore::list(Query query) {
  return call<std::vector<Job>>([=, this] { return ledger_.list(query); });
}
Task<Result<std::vector<QueueCount>>> MemoryStore::counts() {
  return call<std::vector<QueueCount>>([this] { return ledger_.counts(); });
}
Task<Result<std::vector<ItemId>>> MemoryStore::leased() {
  return call<std::vector<ItemId>>([this] { return ledger_.leased(); });
}
Task<Result<std::vector<ItemId>>> MemoryStore::held(std::string dependency) {
  return call<std::vector<ItemId>>([=, this] { return ledger_.held(dependency); });
}
Task<Result<std::vector<ItemId>>> MemoryStore::from_the_future() {
  return call<std::vector<ItemId>>([this] { return ledger_.from_the_future(); });
}
Task<Result<std::optional<milliseconds>>> MemoryStore::next_due(std::string bulkhead) {
  return call<std::optional<milliseconds>>([=, this] { return ledger_.next_due(bulkhead); });
}
Task<Result<std::vector<Segment>>> MemoryStore::segments(ItemId id) {
  return call<std::vector<Segment>>([=, this] { return ledger_.segments(id); });
}
Task<Result<std::vector<Gap>>> MemoryStore::gaps(ItemId id) {
  return call<std::vector<Gap>>([=, this] { return ledger_.gaps(id); });
}
Task<Result<std::vector<StoredResult>>> MemoryStore::results(ItemId id) {
  return call<std::vector<StoredResult>>([=, this] { return ledger_.results(id); });
}
Task<Result<std::vector<StoredEvent>>> MemoryStore::audit(ItemId id) {
  return call<std::vector<StoredEvent>>([=, this] { return ledger_.audit(id); });
}
Task<Result<std::vector<StoredEvent>>> MemoryStore::events_after(std::uint64_t seq, unsigned limit) {
  return call<std::vector<StoredEvent>>([=, this] { return ledger_.events_after(seq, limit); });
}
Task<Result<std::vector<StoredEvent>>> MemoryStore::outbox(unsigned limit) {
  return call<std::vector<StoredEvent>>([=, this] { return ledger_.outbox(limit); });
}
Task<Result<void>> MemoryStore::delivered(std::vector<std::uint64_t> seqs) {
  return call<void>([=, this]() -> Result<void> {
    ledger_.delivered(seqs);
    return {};
  });
}
Task<Result<void>> MemoryStore::add_user(User user) {
  return call<void>([=, this]() -> Result<void> {
    ledger_.add_user(user);
    return {};
  });
}
Task<Result<std::optional<User>>> MemoryStore::find_user(std::string name) {
  return call<std::optional<User>>([=, this] { return ledger_.find_user(name); });
}
Task<Result<std::vector<std::string>>> MemoryStore::check() {
  return call<std::vector<std::string>>([] { return std::vector<std::string>{}; });
}

}  // namespace holdfast::sim
