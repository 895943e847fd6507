#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/job/dead_letter.hpp"
#include "core/job/transition.hpp"
#include "core/transcript/segment.hpp"
#include "ports/task.hpp"

namespace holdfast {

/// A job's state changes only by one of these, run inside the store's own transaction on the job as it is
/// there, with the store's own time: nodes whose calendars differ share one clock for leases and schedules.
/// Pure: it may be called on another thread, and again if the transaction has to be repeated.
using Decide = std::function<Result<Transition>(const Job& job, WallTime now)>;

struct Enqueued {
  Job job;
  bool created = false;  ///< false: the same key had been used before for the same thing, `job` is that one
};

struct ClaimRequest {
  std::string bulkhead;  ///< take jobs whose current stage waits for this pool
  unsigned count_max = 1;
  NodeId node;
  milliseconds lease_for{30'000};
  /// The holder ends when this machine does, as a child process of ours: a store on this machine may then let a
  /// power cut take the lease back, since nobody is left to use it.
  bool local_holder = false;
};

struct Query {
  std::optional<std::string> owner;
  std::optional<JobStatus> status;
  std::optional<std::string> recipe;
  ItemId before;  ///< continue after this one; empty: from the newest
  unsigned limit = 50;
};

struct QueueCount {
  std::string bulkhead;  ///< of the current stage; empty for jobs that are over
  JobStatus status = JobStatus::pending;
  std::uint64_t jobs = 0;
};

struct DeadLetterQuery {
  DeadLetterFilter filter;
  ItemId before;  ///< continue after this one; empty: from the newest
  unsigned limit = 50;
};

/// How the jobs stand whose current stage is of one kind.
struct QueueStats {
  std::string kind;
  std::uint64_t pending = 0;    ///< due now
  std::uint64_t scheduled = 0;  ///< waiting for their time
  std::uint64_t held = 0;       ///< waiting for something that is away
  std::uint64_t processing = 0;
  std::uint64_t failed = 0;               ///< dead letters that were not discarded
  std::optional<milliseconds> oldest{};   ///< how long ago the longest waiting one of the first three was changed last
  std::uint64_t completed_last_hour = 0;  ///< stages, as far as the newest kRecentEvents events tell

  static constexpr unsigned kRecentEvents = 20'000;
};

/// What a worker has finished since the checkpoint before: everything up to `position_ms` is stored with it.
/// Segments and gaps are numbered through from 0. What is stored from `first_segment` and `first_gap` on is
/// replaced, so that a repeated checkpoint changes nothing.
struct Checkpoint {
  std::size_t first_segment = 0;
  std::vector<Segment> segments;
  std::size_t first_gap = 0;
  std::vector<Gap> gaps;
  std::int64_t position_ms = 0;
  std::string output{};  ///< what the stage needs to go on from here; empty: nothing new
  std::string warning{};  ///< joins those of the stage, once; empty: none
  bool with_less = false;  ///< by a worker with less than is configured
};

struct StoredResult {
  std::string stage;
  std::string name;
  std::string json;
};

/// An item with everything that its stages made, as it was at one moment.
struct ItemRecord {
  Job job;
  std::vector<Segment> segments;
  std::vector<Gap> gaps;
  std::vector<StoredResult> results;
  std::vector<StoredExtraction> extractions{};  ///< in the order in which they were stored
  std::optional<RecordedAt> recorded{};  ///< of a memory session
};

/// Port: the one source of truth. It has its own calendar (the database server's, where there is one), by
/// which leases run out and jobs become due. Every method that writes is one transaction and, unless it says
/// otherwise, durable when it returns: a power cut a moment later does not take it back. Every change of a job
/// writes its audit rows and its outbox rows with it. Errors of all methods: transient (busy, connection lost
/// before anything was sent), unknown (may have been committed), corrupt (the store is damaged), resource (disk
/// full: nothing was written).
class JobStore {
 public:
  virtual ~JobStore() = default;

  /// Writes a new job. With a key (owner, job_key) that exists already nothing is written: the same
  /// fingerprint returns that job, another one is an error. Errors: invalid HF-IDM-01 (key used for something
  /// else).
  virtual Task<Result<Enqueued>> enqueue(Transition created) = 0;

  /// Leases up to `count_max` due jobs of a bulkhead: smallest priority number first, then the longest due,
  /// then the oldest. Uses decide::claim for each. Two claimers never get the same job. Durable unless
  /// `local_holder` says that it need not be.
  virtual Task<Result<std::vector<Job>>> claim(ClaimRequest request) = 0;

  /// Applies a decision of the holder of a lease. Errors: conflict HF-ITM-05 (the fence is not the newest, or
  /// the lease is over: nothing was changed), not_found, what `decide` returned.
  virtual Task<Result<Job>> update_leased(ItemId id, Fence fence, Decide decide) = 0;

  /// Applies a decision of anybody else (owner, operator, recovery). Errors: not_found, what `decide`
  /// returned.
  virtual Task<Result<Job>> update(ItemId id, Decide decide) = 0;

  /// The lease now ends `lease_for` from now. Need not be durable: taken back, the lease only ends earlier.
  /// Errors: conflict HF-ITM-05, not_found.
  virtual Task<Result<void>> extend(ItemId id, Fence fence, milliseconds lease_for) = 0;

  /// Appends segments, gaps and the warning and moves the checkpoint, in one transaction. Errors: conflict HF-ITM-05,
  /// conflict HF-ITM-03 (it goes back, or what comes before it is missing), not_found.
  virtual Task<Result<void>> checkpoint(ItemId id, Fence fence, Checkpoint made) = 0;

  virtual Task<Result<std::optional<Job>>> find(ItemId id) = 0;
  virtual Task<Result<std::optional<Job>>> find_key(std::string owner, std::string job_key) = 0;
  /// Newest first.
  virtual Task<Result<std::vector<Job>>> list(Query query) = 0;
  virtual Task<Result<std::vector<QueueCount>>> counts() = 0;
  /// Who has a job that is not over.
  virtual Task<Result<std::set<std::string>>> active_owners() = 0;
  /// Ids of jobs in `processing`: work for recovery at start-up.
  virtual Task<Result<std::vector<ItemId>>> leased() = 0;
  /// Ids of jobs held for this dependency: pending ones, or completed ones of kHeldForRedo.
  virtual Task<Result<std::vector<ItemId>>> held(std::string dependency) = 0;
  /// How long until the next pending job that is not held becomes due in this bulkhead, 0 if one is; nothing:
  /// there is none.
  virtual Task<Result<std::optional<milliseconds>>> next_due(std::string bulkhead) = 0;
  /// Ids of pending jobs last changed in the store's future: the calendar was set back since, and they would
  /// wait too long.
  virtual Task<Result<std::vector<ItemId>>> from_the_future() = 0;

  /// Dead letters of all owners, newest item first.
  virtual Task<Result<std::vector<Job>>> dead_letters(DeadLetterQuery query) = 0;
  /// The same counted by cause, the largest group first. Looks at each of them.
  virtual Task<Result<std::vector<DeadLetterGroup>>> dead_letter_groups(DeadLetterFilter filter) = 0;
  /// By kind, for each that has a job which is not over, a dead letter or a stage completed in the last hour. Looks at
  /// each of those jobs.
  virtual Task<Result<std::vector<QueueStats>>> queue_stats() = 0;
  /// The jobs of all owners that were handed in under this key, by owner.
  virtual Task<Result<std::vector<Job>>> find_key_of_all(std::string job_key) = 0;

  /// What is shown of an item or worked on: separate calls could each see another moment.
  virtual Task<Result<std::optional<ItemRecord>>> record(ItemId id) = 0;
  virtual Task<Result<std::vector<Segment>>> segments(ItemId id) = 0;
  virtual Task<Result<std::vector<Gap>>> gaps(ItemId id) = 0;
  virtual Task<Result<std::vector<StoredResult>>> results(ItemId id) = 0;
  /// The whole audit trail of a job, oldest first; of one that was removed as well, as long as its trail is kept.
  virtual Task<Result<std::vector<StoredEvent>>> audit(ItemId id) = 0;
  /// The event log after `seq`, oldest first, as far as it is durable.
  virtual Task<Result<std::vector<StoredEvent>>> events_after(std::uint64_t seq, unsigned limit) = 0;

  /// Durable events not yet delivered, oldest first; in commit order for a job. Makes what was committed
  /// before durable rather than keep it back.
  virtual Task<Result<std::vector<StoredEvent>>> outbox(unsigned limit) = 0;
  /// Takes delivered events out of the outbox. They stay in the event log. Need not be durable: taken back,
  /// they are delivered once more.
  virtual Task<Result<void>> delivered(std::vector<std::uint64_t> seqs) = 0;

  /// Asks the engine below for damage; one sentence each, none: sound.
  virtual Task<Result<std::vector<std::string>>> check() = 0;
};

}  // namespace holdfast
