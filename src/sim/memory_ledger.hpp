#pragma once

#include <functional>
#include <map>
#include <set>
#include <vector>

#include "ports/retention_store.hpp"
#include "ports/vector_store.hpp"
#include "sim/storage.hpp"

namespace holdfast::sim {

/// The ways in which this store can be told to be wrong, to prove that the checker sees it.
struct LedgerBugs {
  bool skips_fence_check = false;
  bool checkpoint_skips_fence_check = false;
  bool loses_outbox_rows = false;
  bool ignores_job_key = false;
  bool claims_held_jobs = false;
  bool hides_leases = false;  ///< recovery finds nothing to do
  bool forgets_cancel_requests = false;
  bool forgets_gaps = false;  ///< of earlier attempts
  bool appends_what_replaces = false;  ///< a transcript whose gaps were filled stands behind the earlier one
  bool prunes_what_is_in_use = false;  ///< takes the files of items that are worked on again for those of the past
  bool removes_without_trace = false;  ///< the trail goes with the item
  bool hides_waiting_jobs = false;
  bool hides_owners = false;       ///< of unfinished items
  bool ignores_heartbeats = false;
  bool redoes_what_is_finished = false;  ///< in a fuller mode
};

/// The store's rules on plain maps: what JobStore promises, without waiting, failing or forgetting. Every
/// call is one transaction. MemoryStore puts time and faults around it.
class MemoryLedger final : public Books {
 public:
  OnCommit on_commit;
  std::function<WallTime()> now;  ///< the store's calendar
  LedgerBugs bugs;

  Result<Enqueued> enqueue(Transition created);
  std::vector<Job> claim(const ClaimRequest& request);
  Result<Job> update_leased(const ItemId& id, Fence fence, const Decide& decide);
  Result<Job> update(const ItemId& id, const Decide& decide);
  Result<void> extend(const ItemId& id, Fence fence, milliseconds lease_for);
  Result<void> checkpoint(const ItemId& id, Fence fence, Checkpoint made);
  void delivered(const std::vector<std::uint64_t>& seqs);

  std::optional<Job> find(const ItemId& id) const;
  std::optional<Job> find_key(const std::string& owner, const std::string& job_key) const;
  std::vector<Job> list(const Query& query) const;
  std::vector<QueueCount> counts() const;
  std::set<std::string> active_owners() const;
  std::vector<ItemId> leased() const;
  std::vector<ItemId> held(const std::string& dependency) const;
  std::optional<milliseconds> next_due(const std::string& bulkhead) const;
  std::vector<ItemId> from_the_future() const;
  std::vector<Job> dead_letters(const DeadLetterQuery& query) const;
  std::vector<DeadLetterGroup> dead_letter_groups(const DeadLetterFilter& filter) const;
  std::vector<QueueStats> queue_stats() const;
  std::vector<Job> find_key_of_all(const std::string& job_key) const;
  std::optional<ItemRecord> record(const ItemId& id) const;
  std::vector<Segment> segments(const ItemId& id) const override;
  std::vector<Gap> gaps(const ItemId& id) const override;
  std::vector<StoredResult> results(const ItemId& id) const override;
  std::vector<StoredExtraction> extractions(const ItemId& id) const;
  std::vector<StoredEvent> audit(const ItemId& id) const override;
  std::vector<StoredEvent> events_after(std::uint64_t seq, unsigned limit) const;
  std::vector<StoredEvent> outbox(unsigned limit) const;

  // What RetentionStore promises (memory_ledger_retention.cpp).
  std::vector<std::string> recipes_over() const;
  std::vector<Job> over(const OverQuery& query) const;
  std::uint64_t count_over(const OverQuery& query) const;
  Result<Job> remove(const ItemId& id, const Decide& decide);
  Pruned prune(const PruneRequest& request);

  // What VectorStore promises (memory_ledger_vectors.cpp).
  Result<void> put_vectors(const ItemId& id, std::vector<NewVector> made);
  std::vector<StoredVector> vectors(const VectorQuery& query) const;
  bool has_vector(const ItemId& id, const StoredExtraction& of, const std::string& model) const;

  const std::map<ItemId, Job>& jobs() const override { return jobs_; }
  /// Of the items that are memory sessions: when what they hold was said.
  const std::map<ItemId, RecordedAt>& sessions() const { return sessions_; }

 private:
  bool is_over(const Job& job, const OverQuery& query) const;
  Result<Transition> decided(const Job& job, const Decide& decide) const;
  void erase(const Job& job);
  bool is_undelivered(const ItemId& id) const;
  void append(const Job& after, std::vector<AuditEntry> entries);
  Result<Enqueued> start(Transition created);
  Result<Job> commit(const ItemId& id, Transition change, std::optional<Fence> caller);
  void publish(const ItemId& id, Transition& change);
  void drop_vectors(const ItemId& id, const std::string& stage);
  Result<void> check_fence(const Job& job, Fence fence) const;
  void index(const Job& job, bool add);

  std::map<ItemId, Job> jobs_;
  std::map<std::pair<std::string, std::string>, ItemId> keys_;
  /// Pending, not held, in claim order: bulkhead, priority, due, id.
  std::set<std::tuple<std::string, int, WallTime, ItemId>> due_;
  std::set<ItemId> processing_;
  std::map<ItemId, std::vector<Segment>> segments_;
  std::map<ItemId, std::vector<Gap>> gaps_;
  std::map<ItemId, std::vector<StoredResult>> results_;
  std::map<ItemId, RecordedAt> sessions_;
  std::map<ItemId, std::vector<StoredExtraction>> extractions_;
  std::uint64_t last_extraction_ = 0;
  std::map<ItemId, std::vector<StoredVector>> vectors_;
  std::uint64_t last_vector_ = 0;
  std::vector<StoredEvent> log_;
  std::map<ItemId, std::vector<std::size_t>> log_of_;
  std::set<std::uint64_t> outbox_;
  std::map<ItemId, WallTime> removed_;   ///< and the end of their work: their trails are in the log
  std::set<std::uint64_t> pruned_;       ///< numbers of the log that stand for nothing any more
};

}  // namespace holdfast::sim
