#include "sim/sqlite_storage.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <iterator>

#include "adapters/sqlite/stores.hpp"
#include "sim/called_retention.hpp"
#include "sim/called_states.hpp"
#include "sim/watched_store.hpp"

namespace holdfast::sim {
namespace {

constexpr const char* kFile = "holdfast.db";

/// A store on a copy of a disk, only looked at: what somebody would find who started the server now.
class SqliteBooks final : public Books {
 public:
  explicit SqliteBooks(const SimDisk& disk) : disk_{disk.copy()} {
    auto opened =
        open_sqlite_job_store(kFile, {.vfs = layer_.name(), .own_threads = false, .read_only = true});
    if (!opened) {
      complaints_.push_back("the store cannot be opened: " + opened.error().what());
      return;
    }
    store_ = *std::move(opened);
    for (Job& job : answer(store_->list({.limit = kJobsMax}))) jobs_.emplace(job.id, std::move(job));
  }

  ~SqliteBooks() override {
    disk_.die(Death::process);
  }  // else SQLite would tidy up a copy that nobody needs
  SqliteBooks(const SqliteBooks&) = delete;
  SqliteBooks& operator=(const SqliteBooks&) = delete;

  /// Looks at every page and row.
  void check_whole() {
    if (store_) std::ranges::move(answer(store_->check()), std::back_inserter(complaints_));
  }
  /// What could not be read, and what the store's own check said; none: sound.
  [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }

  const std::map<ItemId, Job>& jobs() const override { return jobs_; }
  std::vector<Segment> segments(const ItemId& id) const override { return answer(store_->segments(id)); }
  std::vector<Gap> gaps(const ItemId& id) const override { return answer(store_->gaps(id)); }
  std::vector<StoredResult> results(const ItemId& id) const override { return answer(store_->results(id)); }
  std::vector<StoredEvent> audit(const ItemId& id) const override { return answer(store_->audit(id)); }

 private:
  static constexpr unsigned kJobsMax = 10'000;

  template <class T>
  T answer(Task<Result<T>> question) const {
    std::optional<Result<T>> result;
    asio::co_spawn(io_, std::move(question), [&result](std::exception_ptr bug, Result<T> value) {
      if (!bug) result = std::move(value);
    });
    io_.restart();
    io_.poll();
    if (result && *result) return **std::move(result);
    complaints_.push_back("the store cannot be read: " + (result ? result->error().what() : "no answer"));
    return {};
  }

  SimDisk disk_;
  DiskLayer layer_{disk_};
  mutable asio::io_context io_{1};
  mutable std::vector<std::string> complaints_;
  std::unique_ptr<JobStore> store_;
  std::map<ItemId, Job> jobs_;
};

}  // namespace

SqliteStorage::SqliteStorage(Deps deps, WitnessReports reports)
    : deps_{std::move(deps)},
      violation_{reports.violation},
      disk_{deps_.rng.next()},
      witness_{std::move(reports)} {
  disk_.bugs = deps_.bugs;
}

Result<void> SqliteStorage::prepare() {
  SqliteOptions options{.now = deps_.now, .vfs = layer_.name(), .own_threads = false};
  options.on_damage = [this](int, std::string_view) {
    if (die_) die_();
  };
  HF_TRY(SqliteStores stores, open_sqlite_stores(kFile, std::move(options)));
  opened_ = std::move(stores.jobs);
  opened_states_ = std::move(stores.states);
  opened_retention_ = std::move(stores.retention);
  return {};
}

std::unique_ptr<JobStore> SqliteStorage::connect(SimClock& clock, std::function<void()> die) {
  die_ = std::move(die);
  return std::make_unique<WatchedStore>(std::move(opened_), witness_, deps_.now,
                                        StoreCalls{clock, deps_.rng, deps_.faults});
}

std::unique_ptr<StateStore> SqliteStorage::connect_states(SimClock& clock) {
  return std::make_unique<CalledStates>(std::move(opened_states_), StoreCalls{clock, deps_.rng, deps_.faults});
}

std::unique_ptr<RetentionStore> SqliteStorage::connect_retention(SimClock& clock) {
  auto removing = [this](RetentionStore& store, ItemId id, Decide decide) {
    return remove(store, std::move(id), std::move(decide));
  };
  return std::make_unique<CalledRetention>(std::move(opened_retention_), StoreCalls{clock, deps_.rng, deps_.faults},
                                           std::move(removing));
}

/// As WatchedStore does it with every other change.
Task<Result<Job>> SqliteStorage::remove(RetentionStore& store, ItemId id, Decide decide) {
  Decide watched = [this, decide = std::move(decide)](const Job& job, WallTime now) {
    auto change = decide(job, now);
    if (change) witness_.decided(&job, *change, std::nullopt);
    return change;
  };
  auto writing = store.remove(std::move(id), std::move(watched));
  auto answer = co_await std::move(writing);
  answer ? witness_.kept() : witness_.refused();
  co_return answer;
}

void SqliteStorage::look_at_remains(Death how) {
  die_ = nullptr;
  SqliteBooks found{disk_};
  found.check_whole();
  witness_.compare(found, how);
  for (const std::string& what : found.complaints()) violation_("after a crash: " + what);
}

std::string SqliteStorage::strike() {
  DiskFaults& faults = disk_.faults;
  switch (deps_.rng.below(3)) {
    case 0:
      faults.write_fails = true;
      return "disk_write_fails";
    case 1:
      faults.sync_fails = true;
      return "disk_sync_fails";
    default:
      faults.full = !faults.full;
      return faults.full ? "disk_full" : "disk_has_room";
  }
}

std::shared_ptr<const Books> SqliteStorage::books() {
  auto found = std::make_shared<SqliteBooks>(disk_);
  for (const std::string& what : found->complaints()) violation_(what);
  return found;
}

}  // namespace holdfast::sim
