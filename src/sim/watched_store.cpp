#include "sim/watched_store.hpp"

#include "core/job/decide.hpp"

namespace holdfast::sim {

/// The decision is made inside the store's transaction, on the job as the store has it: so the witness hears
/// both.
Decide WatchedStore::watched(Decide decide, std::optional<Fence> caller) {
  return [this, decide = std::move(decide), caller](const Job& job, WallTime now) {
    auto change = decide(job, now);
    if (change) witness_.decided(&job, *change, caller);
    return change;
  };
}

Task<Result<Enqueued>> WatchedStore::add(Transition created) {
  witness_.decided(nullptr, created, std::nullopt);
  auto writing = store_->enqueue(std::move(created));
  auto answer = co_await std::move(writing);
  heard(answer && answer->created);
  co_return answer;
}

Task<Result<std::vector<Job>>> WatchedStore::lease(ClaimRequest request) {
  witness_.claiming();
  auto writing = store_->claim(request);
  auto answer = co_await std::move(writing);
  answer ? witness_.leased(*answer, request, now_()) : witness_.refused();
  co_return answer;
}

Task<Result<Job>> WatchedStore::change(ItemId id, std::optional<Fence> caller, Decide decide) {
  auto decision = watched(std::move(decide), caller);
  auto writing = caller ? store_->update_leased(id, *caller, std::move(decision))
                        : store_->update(id, std::move(decision));
  auto answer = co_await std::move(writing);
  heard(answer.has_value());
  co_return answer;
}

Task<Result<void>> WatchedStore::keep(ItemId id, Fence fence, Checkpoint made) {
  if (const auto known = witness_.jobs().find(id); known != witness_.jobs().end()) {
    const decide::Reached reached{made.position_ms, made.output, made.warning, made.with_less};
    auto change = decide::checkpoint(known->second, reached, now_());
    if (change) witness_.decided(&known->second, *std::move(change), fence);
  }
  auto writing = store_->checkpoint(id, fence, std::move(made));
  const auto answer = co_await std::move(writing);
  heard(answer.has_value());
  co_return answer;
}

Task<Result<Enqueued>> WatchedStore::enqueue(Transition created) {
  return calls_.write<Enqueued>([this, created = std::move(created)] { return add(created); });
}
Task<Result<std::vector<Job>>> WatchedStore::claim(ClaimRequest request) {
  return calls_.write<std::vector<Job>>([this, request = std::move(request)] { return lease(request); });
}
Task<Result<Job>> WatchedStore::update_leased(ItemId id, Fence fence, Decide decide) {
  return calls_.write<Job>([=, this, decide = std::move(decide)] { return change(id, fence, decide); });
}
Task<Result<Job>> WatchedStore::update(ItemId id, Decide decide) {
  return calls_.write<Job>([=, this, decide = std::move(decide)] { return change(id, std::nullopt, decide); });
}
Task<Result<void>> WatchedStore::extend(ItemId id, Fence fence, milliseconds lease_for) {
  return calls_.write<void>([=, this] { return store_->extend(id, fence, lease_for); });
}
Task<Result<void>> WatchedStore::checkpoint(ItemId id, Fence fence, Checkpoint made) {
  return calls_.write<void>([=, this, made = std::move(made)] { return keep(id, fence, made); });
}
Task<Result<std::optional<Job>>> WatchedStore::find(ItemId id) {
  return calls_.call<std::optional<Job>>([=, this] { return store_->find(id); });
}
Task<Result<std::optional<Job>>> WatchedStore::find_key(std::string owner, std::string job_key) {
  return calls_.call<std::optional<Job>>([=, this] { return store_->find_key(owner, job_key); });
}
Task<Result<std::vector<Job>>> WatchedStore::list(Query query) {
  return calls_.call<std::vector<Job>>([=, this] { return store_->list(query); });
}
Task<Result<std::set<std::string>>> WatchedStore::active_owners() {
  return calls_.call<std::set<std::string>>([this] { return store_->active_owners(); });
}
Task<Result<std::vector<QueueCount>>> WatchedStore::counts() {
  return calls_.call<std::vector<QueueCount>>([this] { return store_->counts(); });
}
Task<Result<std::vector<ItemId>>> WatchedStore::leased() {
  return calls_.call<std::vector<ItemId>>([this] { return store_->leased(); });
}
Task<Result<std::vector<ItemId>>> WatchedStore::held(std::string dependency) {
  return calls_.call<std::vector<ItemId>>([=, this] { return store_->held(dependency); });
}
Task<Result<std::optional<milliseconds>>> WatchedStore::next_due(std::string bulkhead) {
  return calls_.call<std::optional<milliseconds>>([=, this] { return store_->next_due(bulkhead); });
}
Task<Result<std::vector<ItemId>>> WatchedStore::from_the_future() {
  return calls_.call<std::vector<ItemId>>([this] { return store_->from_the_future(); });
}
Task<Result<std::vector<Job>>> WatchedStore::dead_letters(DeadLetterQuery query) {
  return calls_.call<std::vector<Job>>([=, this] { return store_->dead_letters(query); });
}
Task<Result<std::vector<DeadLetterGroup>>> WatchedStore::dead_letter_groups(DeadLetterFilter filter) {
  return calls_.call<std::vector<DeadLetterGroup>>([=, this] { return store_->dead_letter_groups(filter); });
}
Task<Result<std::vector<QueueStats>>> WatchedStore::queue_stats() {
  return calls_.call<std::vector<QueueStats>>([this] { return store_->queue_stats(); });
}
Task<Result<std::vector<Job>>> WatchedStore::find_key_of_all(std::string job_key) {
  return calls_.call<std::vector<Job>>([=, this] { return store_->find_key_of_all(job_key); });
}
Task<Result<std::optional<ItemRecord>>> WatchedStore::record(ItemId id) {
  return calls_.call<std::optional<ItemRecord>>([=, this] { return store_->record(id); });
}
Task<Result<std::vector<Segment>>> WatchedStore::segments(ItemId id) {
  return calls_.call<std::vector<Segment>>([=, this] { return store_->segments(id); });
}
Task<Result<std::vector<Gap>>> WatchedStore::gaps(ItemId id) {
  return calls_.call<std::vector<Gap>>([=, this] { return store_->gaps(id); });
}
Task<Result<std::vector<StoredResult>>> WatchedStore::results(ItemId id) {
  return calls_.call<std::vector<StoredResult>>([=, this] { return store_->results(id); });
}
Task<Result<std::vector<StoredEvent>>> WatchedStore::audit(ItemId id) {
  return calls_.call<std::vector<StoredEvent>>([=, this] { return store_->audit(id); });
}
Task<Result<std::vector<StoredEvent>>> WatchedStore::events_after(std::uint64_t seq, unsigned limit) {
  return calls_.call<std::vector<StoredEvent>>([=, this] { return store_->events_after(seq, limit); });
}
Task<Result<std::vector<StoredEvent>>> WatchedStore::outbox(unsigned limit) {
  return calls_.call<std::vector<StoredEvent>>([=, this] { return store_->outbox(limit); });
}
Task<Result<void>> WatchedStore::delivered(std::vector<std::uint64_t> seqs) {
  return calls_.write<void>([=, this] { return store_->delivered(seqs); });
}
Task<Result<std::vector<std::string>>> WatchedStore::check() {
  return calls_.call<std::vector<std::string>>([this] { return store_->check(); });
}

}  // namespace holdfast::sim
