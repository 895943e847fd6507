#include <algorithm>
#include <utility>

#include "adapters/sqlite/changes.hpp"
#include "adapters/sqlite/check.hpp"
#include "adapters/sqlite/dead_rows.hpp"
#include "adapters/sqlite/job_rows.hpp"
#include "adapters/sqlite/lanes.hpp"
#include "adapters/sqlite/memory_rows.hpp"
#include "adapters/sqlite/output_rows.hpp"
#include "adapters/sqlite/trail_rows.hpp"

namespace holdfast {
namespace {

using sqlite::Database;
using sqlite::Haste;

/// Rows of an item, or none when there is no such item.
template <class T>
Result<std::vector<T>> rows_of(Database& database, const ItemId& id,
                               Result<std::vector<T>> (*read)(Database&, std::int64_t)) {
  HF_TRY(const auto item, sqlite::item_of(database, id));
  return item ? read(database, *item) : Result<std::vector<T>>{};
}

Result<std::optional<Job>> job_of(Result<std::optional<sqlite::JobRow>> row) {
  HF_TRY(auto found, std::move(row));
  return found ? std::optional{std::move(found->job)} : std::nullopt;
}

Result<std::optional<ItemRecord>> record_of(Database& database, const ItemId& id) {
  HF_TRY(auto row, sqlite::load(database, id));
  if (!row) return std::optional<ItemRecord>{};
  ItemRecord record{.job = std::move(row->job)};
  HF_TRY(record.segments, sqlite::segments_of(database, row->item));
  HF_TRY(record.gaps, sqlite::gaps_of(database, row->item));
  HF_TRY(record.results, sqlite::results_of(database, row->item));
  HF_TRY(record.extractions, sqlite::extractions_of(database, row->item));
  HF_TRY(record.recorded, sqlite::recorded_at(database, row->item));
  return std::optional{std::move(record)};
}

class SqliteJobStore final : public JobStore {
 public:
  explicit SqliteJobStore(std::shared_ptr<sqlite::Lanes> lanes) : lanes_{std::move(lanes)} {}

  Task<Result<Enqueued>> enqueue(Transition created) override {
    auto work = [created = std::move(created)](Database& database) {
      return sqlite::enqueue(database, created);
    };
    return write<Enqueued>(std::move(work));
  }
  Task<Result<std::vector<Job>>> claim(ClaimRequest request) override {
    // A power cut that takes such a lease back ends its holder too: nobody is left to use its fence.
    const Haste haste = request.local_holder ? Haste::deferred : Haste::durable;
    auto work = [this, request = std::move(request)](Database& database) {
      return sqlite::claim(database, request, lanes_->now());
    };
    return write<std::vector<Job>>(std::move(work), haste);
  }
  Task<Result<Job>> update_leased(ItemId id, Fence fence, Decide decide) override {
    auto work = [this, id = std::move(id), fence, decide = std::move(decide)](Database& database) {
      return sqlite::update(database, id, fence, decide, lanes_->now());
    };
    return write<Job>(std::move(work));
  }
  Task<Result<Job>> update(ItemId id, Decide decide) override {
    auto work = [this, id = std::move(id), decide = std::move(decide)](Database& database) {
      return sqlite::update(database, id, std::nullopt, decide, lanes_->now());
    };
    return write<Job>(std::move(work));
  }
  Task<Result<void>> extend(ItemId id, Fence fence, milliseconds lease_for) override {
    auto work = [this, id = std::move(id), fence, lease_for](Database& database) {
      return sqlite::extend(database, id, fence, lanes_->now() + lease_for);
    };
    return write<void>(std::move(work), Haste::deferred);
  }
  Task<Result<void>> checkpoint(ItemId id, Fence fence, Checkpoint made) override {
    auto work = [this, id = std::move(id), fence, made = std::move(made)](Database& database) {
      return sqlite::checkpoint(database, id, fence, made, lanes_->now());
    };
    return write<void>(std::move(work));
  }
  Task<Result<void>> delivered(std::vector<std::uint64_t> seqs) override {
    auto work = [seqs = std::move(seqs)](Database& database) { return sqlite::take_out(database, seqs); };
    return write<void>(std::move(work), Haste::deferred);
  }

  Task<Result<std::optional<Job>>> find(ItemId id) override {
    auto work = [id = std::move(id)](Database& database) { return job_of(sqlite::load(database, id)); };
    return read<std::optional<Job>>(std::move(work));
  }
  Task<Result<std::optional<Job>>> find_key(std::string owner, std::string job_key) override {
    auto work = [owner = std::move(owner), job_key = std::move(job_key)](Database& database) {
      return job_of(sqlite::load_key(database, owner, job_key));
    };
    return read<std::optional<Job>>(std::move(work));
  }
  Task<Result<std::vector<Job>>> list(Query query) override {
    auto work = [query = std::move(query)](Database& database) { return sqlite::list_jobs(database, query); };
    return read<std::vector<Job>>(std::move(work));
  }
  Task<Result<std::vector<QueueCount>>> counts() override {
    return read<std::vector<QueueCount>>(&sqlite::count_jobs);
  }
  Task<Result<std::set<std::string>>> active_owners() override {
    return read<std::set<std::string>>(&sqlite::active_owners);
  }
  Task<Result<std::vector<ItemId>>> leased() override {
    return read<std::vector<ItemId>>(&sqlite::processing_ids);
  }
  Task<Result<std::vector<ItemId>>> held(std::string dependency) override {
    auto work = [dependency = std::move(dependency)](Database& database) {
      return sqlite::held_ids(database, dependency);
    };
    return read<std::vector<ItemId>>(std::move(work));
  }
  Task<Result<std::optional<milliseconds>>> next_due(std::string bulkhead) override {
    auto work = [this,
                 bulkhead = std::move(bulkhead)](Database& database) -> Result<std::optional<milliseconds>> {
      HF_TRY(const auto first, sqlite::first_due(database, bulkhead));
      if (!first) return std::nullopt;
      return std::max(*first - lanes_->now(), milliseconds{0});
    };
    return read<std::optional<milliseconds>>(std::move(work));
  }
  Task<Result<std::vector<ItemId>>> from_the_future() override {
    auto work = [this](Database& database) { return sqlite::pending_after(database, lanes_->now()); };
    return read<std::vector<ItemId>>(std::move(work));
  }
  Task<Result<std::vector<Job>>> dead_letters(DeadLetterQuery query) override {
    auto work = [query = std::move(query)](Database& database) { return sqlite::dead_letters(database, query); };
    return read<std::vector<Job>>(std::move(work));
  }
  Task<Result<std::vector<DeadLetterGroup>>> dead_letter_groups(DeadLetterFilter filter) override {
    auto work = [filter = std::move(filter)](Database& database) {
      return sqlite::dead_letter_groups(database, filter);
    };
    return lanes_->inspect<std::vector<DeadLetterGroup>>(std::move(work));
  }
  Task<Result<std::vector<QueueStats>>> queue_stats() override {
    auto work = [this](Database& database) { return sqlite::queue_stats(database, lanes_->now()); };
    return lanes_->inspect<std::vector<QueueStats>>(std::move(work));
  }
  Task<Result<std::vector<Job>>> find_key_of_all(std::string job_key) override {
    auto work = [job_key = std::move(job_key)](Database& database) {
      return sqlite::jobs_of_key(database, job_key);
    };
    return read<std::vector<Job>>(std::move(work));
  }
  Task<Result<std::optional<ItemRecord>>> record(ItemId id) override {
    auto work = [id = std::move(id)](Database& database) { return record_of(database, id); };
    return read<std::optional<ItemRecord>>(std::move(work));
  }
  Task<Result<std::vector<Segment>>> segments(ItemId id) override {
    auto work = [id = std::move(id)](Database& database) {
      return rows_of(database, id, &sqlite::segments_of);
    };
    return read<std::vector<Segment>>(std::move(work));
  }
  Task<Result<std::vector<Gap>>> gaps(ItemId id) override {
    auto work = [id = std::move(id)](Database& database) { return rows_of(database, id, &sqlite::gaps_of); };
    return read<std::vector<Gap>>(std::move(work));
  }
  Task<Result<std::vector<StoredResult>>> results(ItemId id) override {
    auto work = [id = std::move(id)](Database& database) {
      return rows_of(database, id, &sqlite::results_of);
    };
    return read<std::vector<StoredResult>>(std::move(work));
  }
  Task<Result<std::vector<StoredEvent>>> audit(ItemId id) override {
    auto work = [id = std::move(id)](Database& database) -> Result<std::vector<StoredEvent>> {
      HF_TRY(const auto item, sqlite::item_of(database, id));
      return item ? sqlite::events_of(database, *item) : sqlite::past_events_of(database, id);
    };
    return read<std::vector<StoredEvent>>(std::move(work));
  }
  Task<Result<std::vector<StoredEvent>>> events_after(std::uint64_t seq, unsigned limit) override {
    auto work = [this, seq, limit](Database& database) {
      return only_durable(sqlite::log_after(database, seq, limit));
    };
    return read<std::vector<StoredEvent>>(std::move(work));
  }
  Task<Result<std::vector<StoredEvent>>> outbox(unsigned limit) override {
    HF_CO_TRY(auto told, co_await durable_outbox(limit));
    if (!told.events.empty() || !told.withheld) co_return std::move(told.events);
    auto nothing = [](Database&) { return Result<void>{}; };
    HF_CO_TRY_VOID(co_await write<void>(std::move(nothing), Haste::flush));
    HF_CO_TRY(told, co_await durable_outbox(limit));
    co_return std::move(told.events);
  }
  Task<Result<std::vector<std::string>>> check() override {
    return lanes_->inspect<std::vector<std::string>>(&sqlite::complaints);
  }

 private:
  template <class T, class Fn>
  Task<Result<T>> write(Fn work, Haste haste = Haste::durable) {
    return lanes_->write<T>(std::move(work), haste);
  }
  template <class T, class Fn>
  Task<Result<T>> read(Fn work) {
    return lanes_->read<T>(std::move(work));
  }

  struct Outbox {
    std::vector<StoredEvent> events;  ///< that may be told
    bool withheld = false;            ///< there are others, which are not durable yet
  };
  Task<Result<Outbox>> durable_outbox(unsigned limit) {
    auto work = [this, limit](Database& database) -> Result<Outbox> {
      HF_TRY(auto all, sqlite::undelivered(database, limit));
      const std::size_t count = all.size();
      HF_TRY(auto durable, only_durable(std::move(all)));
      const bool withheld = durable.size() < count;
      return Outbox{.events = std::move(durable), .withheld = withheld};
    };
    return read<Outbox>(std::move(work));
  }

  /// An event that a power cut may take back is told to nobody: its number would be given to another one. The
  /// limit is asked for after the rows were read, so that it is never of a later moment than they are.
  Result<std::vector<StoredEvent>> only_durable(Result<std::vector<StoredEvent>> events) {
    const std::uint64_t last = lanes_->durable_seq();
    if (events) std::erase_if(*events, [last](const StoredEvent& event) { return event.seq > last; });
    return events;
  }

  std::shared_ptr<sqlite::Lanes> lanes_;
};

}  // namespace

std::unique_ptr<JobStore> sqlite::make_job_store(std::shared_ptr<Lanes> lanes) {
  return std::make_unique<SqliteJobStore>(std::move(lanes));
}

}  // namespace holdfast
