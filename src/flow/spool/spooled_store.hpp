#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "flow/spool/spooled.hpp"
#include "ports/clock.hpp"
#include "ports/job_store.hpp"
#include "ports/log.hpp"
#include "ports/spool.hpp"

namespace holdfast::spool {

/// What an item waits for that is in the spool: that the store takes it.
inline constexpr std::string_view kHeldForStore = "HF-SPL-01";

/// How it stands with what the store did not take.
struct Standing {
  std::size_t records = 0;  ///< in the spool
  bool refusing = false;    ///< the store did not take the last thing that it was given
  std::string code;         ///< why, as it said: "HF-STO-02"
  std::string reason;       ///< locked, disk_full, damaged, away
  WallTime since{};         ///< when it began to refuse
  std::uint64_t flushed = 0;   ///< records that it took after all, since this process started
  std::uint64_t repeated = 0;  ///< records that it had already: nothing was changed by them
  std::uint64_t rejected = 0;  ///< settlements that came too late: the work is somebody else's by now
};

/// A job store before the one that is the truth. While that one cannot write, new items and the results of finished
/// stages go into a spool, durably, and into the store in the same order when it writes again. As long as anything is
/// in the spool nothing else is written: no claim, no cancellation, no checkpoint. Reads go on; items in the spool are
/// found, listed and said to be held for the store. Once and only once: an item is known by its id, a settlement by
/// the version of the job that it was decided on. Lives on one executor.
class SpooledStore final : public JobStore {
 public:
  struct Deps {
    JobStore& store;
    Spool& spool;
    Clock& clock;
    Log* log = nullptr;
    std::function<void()> on_flushed{};  ///< the store writes again, and has everything
  };
  explicit SpooledStore(Deps deps);
  ~SpooledStore() override;

  /// Reads what an earlier process left in the spool. Call once, before anything else. Errors: as Spool::load.
  Task<Result<void>> load();
  /// Gives the store what is in the spool. Errors: what the store said of the first record that it did not take.
  Task<Result<void>> flush();
  /// Tries that again and again, until `stop`.
  Task<void> run();
  void stop();

  [[nodiscard]] Standing standing() const;
  /// Whether something is in the spool, so that nothing else is written.
  [[nodiscard]] bool waiting() const { return behind_; }

  static constexpr milliseconds kTryEvery{1'000};

  Task<Result<Enqueued>> enqueue(Transition created) override;
  Task<Result<std::vector<Job>>> claim(ClaimRequest request) override;
  Task<Result<Job>> update_leased(ItemId id, Fence fence, Decide decide) override;
  Task<Result<Job>> update(ItemId id, Decide decide) override;
  Task<Result<void>> extend(ItemId id, Fence fence, milliseconds lease_for) override;
  Task<Result<void>> checkpoint(ItemId id, Fence fence, Checkpoint made) override;
  Task<Result<void>> delivered(std::vector<std::uint64_t> seqs) override;

  Task<Result<std::optional<Job>>> find(ItemId id) override;
  Task<Result<std::optional<Job>>> find_key(std::string owner, std::string job_key) override;
  Task<Result<std::vector<Job>>> list(Query query) override;
  Task<Result<std::optional<ItemRecord>>> record(ItemId id) override;

  /// With those in the spool, which wait as well.
  Task<Result<std::vector<QueueCount>>> counts() override;
  Task<Result<std::set<std::string>>> active_owners() override;
  Task<Result<std::vector<ItemId>>> leased() override { return deps_.store.leased(); }
  Task<Result<std::vector<ItemId>>> held(std::string dependency) override {
    return deps_.store.held(std::move(dependency));
  }
  Task<Result<std::optional<milliseconds>>> next_due(std::string bulkhead) override {
    return deps_.store.next_due(std::move(bulkhead));
  }
  Task<Result<std::vector<ItemId>>> from_the_future() override { return deps_.store.from_the_future(); }
  Task<Result<std::vector<Job>>> dead_letters(DeadLetterQuery query) override {
    return deps_.store.dead_letters(std::move(query));
  }
  Task<Result<std::vector<DeadLetterGroup>>> dead_letter_groups(DeadLetterFilter filter) override {
    return deps_.store.dead_letter_groups(std::move(filter));
  }
  Task<Result<std::vector<QueueStats>>> queue_stats() override { return deps_.store.queue_stats(); }
  Task<Result<std::vector<Job>>> find_key_of_all(std::string job_key) override {
    return deps_.store.find_key_of_all(std::move(job_key));
  }
  Task<Result<std::vector<Segment>>> segments(ItemId id) override { return deps_.store.segments(std::move(id)); }
  Task<Result<std::vector<Gap>>> gaps(ItemId id) override { return deps_.store.gaps(std::move(id)); }
  Task<Result<std::vector<StoredResult>>> results(ItemId id) override { return deps_.store.results(std::move(id)); }
  Task<Result<std::vector<StoredEvent>>> audit(ItemId id) override { return deps_.store.audit(std::move(id)); }
  Task<Result<std::vector<StoredEvent>>> events_after(std::uint64_t seq, unsigned limit) override {
    return deps_.store.events_after(seq, limit);
  }
  Task<Result<std::vector<StoredEvent>>> outbox(unsigned limit) override { return deps_.store.outbox(limit); }
  Task<Result<std::vector<std::string>>> check() override { return deps_.store.check(); }

 private:
  using Key = std::pair<std::string, std::string>;  ///< owner and job key

  Task<Result<Enqueued>> spool_upload(Transition created);
  Task<Result<Enqueued>> save_upload(Key key, Transition created);
  Task<Result<Enqueued>> append_upload(Transition created);
  Task<Result<Job>> spool_settlement(ItemId id, Fence fence, Decide decide, Error refusal);
  Task<Result<void>> append(Spooled spooled);
  Task<Result<void>> apply_all();
  Task<Result<void>> apply(Spooled spooled);
  Task<Result<void>> apply_upload(Transition created);
  Task<Result<void>> apply_settlement(Settlement settlement);
  void forget(std::uint64_t seq);
  [[nodiscard]] Result<void> must_not_wait() const;
  void refused(const Error& error);
  void took();
  [[nodiscard]] const Job* spooled_job(const ItemId& id) const;
  [[nodiscard]] const Job* spooled_key(const Key& key) const;

  Deps deps_;
  std::map<std::uint64_t, Spooled> records_;  ///< by number: in the order in which they were acknowledged
  std::map<ItemId, std::uint64_t> uploads_;   ///< new items among them
  std::map<Key, ItemId> keys_;                ///< the keys of those
  std::multiset<Key> asked_;                  ///< keys of uploads that the store is being asked to take
  std::set<Key> being_saved_;                 ///< keys of uploads that are being appended
  std::set<std::pair<ItemId, Fence>> settled_;  ///< leases whose settlement is among them, or is being appended
  std::uint64_t applied_ = 0;                   ///< the newest record that the store has
  bool behind_ = false;
  bool flushing_ = false;
  bool stopping_ = false;
  Standing standing_;
  std::unique_ptr<Wakeup> bell_;
};

}  // namespace holdfast::spool
