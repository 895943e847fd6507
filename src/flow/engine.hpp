#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "async/task_group.hpp"
#include "core/admission/limits.hpp"
#include "core/job/decide.hpp"
#include "core/recipe/recipe.hpp"
#include "core/recovery/rules.hpp"
#include "core/retention/retention.hpp"
#include "flow/fallback/answers.hpp"
#include "flow/similar/neighbours.hpp"
#include "flow/views/event_hub.hpp"
#include "ports/blob_store.hpp"
#include "ports/clock.hpp"
#include "ports/entropy.hpp"
#include "ports/job_store.hpp"
#include "ports/log.hpp"
#include "ports/meter.hpp"
#include "ports/retention_store.hpp"
#include "ports/worker_pool.hpp"

namespace holdfast {

struct EngineConfig {
  NodeId node;
  milliseconds lease_for{30'000};
  milliseconds heartbeat_every{10'000};
  milliseconds look_every{5'000};    ///< the longest sleep without a look at the queue
  milliseconds probe_every{10'000};  ///< while jobs are held for something: is it back?
  milliseconds retention_every = std::chrono::minutes{10};  ///< between passes over what is no longer kept
  std::map<std::string, unsigned> slots{{"media", 1},
                                        {"engine", 1}};  ///< bulkhead -> how many at once (LAB_6)
};

/// What recovery has done since this process started.
struct RecoveryFigures {
  std::uint64_t interrupted = 0;  ///< jobs taken up after their holder had died or lost its lease
  std::uint64_t stuck = 0;        ///< attempts ended because they got no further
  std::uint64_t released = 0;     ///< jobs released because what they waited for was back
};

/// What one look of recovery found, and dealt with.
struct Recovered {
  std::size_t interrupted = 0;
  std::size_t stuck = 0;
  std::size_t released = 0;
};

namespace retention {

/// What one pass took because its time was over, or would take.
struct Taken {
  std::size_t files = 0;
  std::size_t results = 0;       ///< items whose transcript and other results went
  std::size_t dead_letters = 0;  ///< only where it is counted beforehand: their files and results, together
  std::size_t items = 0;         ///< whole records
  std::size_t trails = 0;        ///< of items that were removed
  std::size_t lines = 0;         ///< of the audit of management
  std::size_t pages = 0;         ///< of the store, given back to the disk
  bool more = false;             ///< something may be left for the next pass
};

}  // namespace retention

/// What one pass of the sweep did.
struct Swept {
  std::size_t staged = 0;    ///< bodies that were never finished: removed, or to be removed in a dry run
  std::size_t orphans = 0;   ///< files that no job needs: removed, or to be removed in a dry run
  std::size_t suspects = 0;  ///< files that no job needs now, and that are kept until it is certain
  retention::Taken taken{};
};

/// The engine of one node: recovers, leases, runs, settles, relays. All of it on the executor it was given.
class Engine {
 public:
  struct Deps {
    JobStore& store;
    BlobStore& blobs;
    WorkerPool& workers;
    Clock& clock;
    Entropy& entropy;
    views::EventHub& hub;
    const RecipeBook& recipes;
    Log* log = nullptr;
    Meter* meter = nullptr;
    const RecoveryRules& rules = kNoRules;  ///< may change while the engine runs
    RetentionStore* retention = nullptr;    ///< none: everything is kept
    const retention::Policy& keep = retention::kKeepEverything;
    fallback::Answers* answers = nullptr;       ///< none: every model is asked each time
    similar::Neighbours* neighbours = nullptr;  ///< none: no requests are compared
  };

  Engine(asio::any_io_executor executor, Deps deps, EngineConfig config);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Takes up whatever an earlier process left, then begins to work. Call once, before the first upload is
  /// taken. `alone`: no other node shares the store, so every lease there is a dead one.
  Task<Result<void>> start(bool alone);
  /// Drain: claims nothing more, gives running work back at its checkpoint at once, ends all loops. `grace`:
  /// for the store to take that; what it does not take is recovered at the next start.
  Task<void> stop(milliseconds grace);

  /// How fast new work is begun from now on. Work under way goes on in any case.
  void set_pace(admission::Pace pace);
  /// How many jobs of a bulkhead are worked on at once from now on. Work under way goes on in any case.
  void set_slots(const std::string& bulkhead, unsigned slots);
  /// Nothing more of these pools is begun. Work under way goes on.
  void set_parked(std::set<std::string> bulkheads);
  /// There may be new work of any kind: looks at once instead of at the next tick.
  void wake();
  /// The same, of this job alone.
  void wake(const Job& job);
  /// The job is about to be recorded, and `wake` will follow: an idle pool looks for it right behind, which is sooner
  /// than after whoever records it was told.
  void expect(const Job& job);
  /// Something that jobs are held for may be back: looks at once instead of at the next tick.
  void look_at_holds();

  /// Errors: not_found, conflict HF-ITM-03.
  Task<Result<Job>> cancel(ItemId id);
  /// Errors: not_found, conflict HF-ITM-03, invalid HF-ITM-04.
  Task<Result<Job>> retry(ItemId id, std::string from_stage);
  /// Hears gaps of a completed item's transcript again: all, or the one that begins at `start_ms` (transcript::kAll).
  /// Errors: as decide::fill_gaps, not_found.
  Task<Result<Job>> fill_gaps(ItemId id, std::int64_t start_ms);
  /// Has a completed item done in a fuller mode: what is missing, and what that mode does in another way. Errors:
  /// not_found, invalid HF-UPL-11, as decide::redo_in.
  Task<Result<Job>> redo_in(ItemId id, std::string mode);
  /// When the slowest of the loops last looked for work.
  [[nodiscard]] MonoTime last_look() const;
  /// Errors: as decide::discard, not_found.
  Task<Result<Job>> discard(ItemId id, std::string who, std::string reason);
  /// Errors: as decide::complete_by_hand, not_found.
  Task<Result<Job>> complete_by_hand(ItemId id, decide::ByHand made);

  /// What recovery does by itself now and then, for stages of one kind, at once: leases that ran out, attempts that get
  /// no further, jobs held for something that is back. Errors: not_found HF-QUE-01 (no such kind); as JobStore.
  Task<Result<Recovered>> recover_now(std::string kind);
  /// A pass of the sweep now, and of retention over at most kSweptNow of what is over. `dry_run`: only counts. Errors:
  /// as the ports.
  Task<Result<Swept>> sweep_now(bool dry_run);
  static constexpr std::size_t kSweptNow = 1'000;
  [[nodiscard]] const RecoveryFigures& figures() const;

  /// LAB_4: at an owner's log-in, lets go on what failed of theirs and may succeed. Returns how many items.
  Task<Result<std::size_t>> resume_failed(std::string owner);
  /// Progress of the current stage of items that are being worked on here, 0..1.
  [[nodiscard]] double progress_of(const ItemId& id) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace holdfast
