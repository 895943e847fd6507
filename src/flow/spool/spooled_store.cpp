#include "flow/spool/spooled_store.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::spool {
namespace {

/// The store was asked for nothing wrong, and cannot write it now.
bool cannot_write(const Error& error) {
  return error.error_class() == ErrorClass::transient || error.error_class() == ErrorClass::resource ||
         error.error_class() == ErrorClass::corrupt || error.error_class() == ErrorClass::dependency;
}

std::string reason_of(const Error& error) {
  switch (error.error_class()) {
    case ErrorClass::transient:
      return "locked";
    case ErrorClass::resource:
      return "disk_full";
    case ErrorClass::corrupt:
      return "damaged";
    default:
      return "away";
  }
}

/// Whether a worker's finished work is in it, which would have to be done again.
bool keeps_work(const Transition& change) {
  return std::ranges::any_of(change.audit, [](const AuditEntry& entry) { return entry.type == "stage.completed"; });
}

/// A new item as it is shown while it is not in the store.
Job shown(Job job) {
  job.held_for = kHeldForStore;
  return job;
}

std::unexpected<Error> being_saved() {
  return fail(ErrorClass::transient, "HF-STO-01", "the same is being saved at this moment");
}

const Transition& change_of(const Spooled& spooled) {
  const auto* upload = std::get_if<Upload>(&spooled);
  return upload != nullptr ? upload->created : std::get<Settlement>(spooled).change;
}

/// A calendar that was set back since must not make it wait.
void not_in_the_future(Job& job, WallTime now) {
  job.ready_at = std::min(job.ready_at, now);
  job.updated_at = std::min(job.updated_at, now);
  if (job.over_at) job.over_at = std::min(*job.over_at, now);
}

bool matches(const Job& job, const Query& query) {
  return (!query.owner || job.owner == *query.owner) && (!query.status || job.status == *query.status) &&
         (!query.recipe || job.recipe == *query.recipe);
}

}  // namespace

SpooledStore::SpooledStore(Deps deps) : deps_{std::move(deps)}, bell_{deps_.clock.make_wakeup()} {}
SpooledStore::~SpooledStore() = default;

Task<Result<void>> SpooledStore::load() {
  HF_CO_TRY(const auto found, co_await deps_.spool.load());
  for (const SpoolRecord& record : found) {
    HF_CO_TRY(Spooled spooled, read_spooled(record.bytes));
    const Job& job = change_of(spooled).after;
    if (std::holds_alternative<Upload>(spooled)) {
      uploads_[job.id] = record.seq;
      keys_[{job.owner, job.job_key}] = job.id;
    } else {
      settled_.insert({job.id, std::get<Settlement>(spooled).fence});
    }
    records_.emplace(record.seq, std::move(spooled));
  }
  behind_ = !records_.empty();
  if (behind_)
    tell(deps_.log, LogLevel::warn, "spool_found", {{"records", std::to_string(records_.size())}});
  co_return Result<void>{};
}

Standing SpooledStore::standing() const {
  Standing now = standing_;
  now.records = records_.size();
  return now;
}

void SpooledStore::refused(const Error& error) {
  standing_.code = error.code();
  standing_.reason = reason_of(error);
  if (std::exchange(standing_.refusing, true)) return;
  standing_.since = deps_.clock.wall_now();
  tell(deps_.log, LogLevel::error, "store_refuses", {{"code", error.code()}, {"reason", standing_.reason}});
}

void SpooledStore::took() {
  if (!std::exchange(standing_.refusing, false)) return;
  standing_.code.clear();
  standing_.reason.clear();
  tell(deps_.log, LogLevel::info, "store_takes_again", {});
}

Result<void> SpooledStore::must_not_wait() const {
  if (!behind_) return {};
  return fail(ErrorClass::transient, "HF-STO-01", "the store is behind: what waits for it comes first");
}

const Job* SpooledStore::spooled_job(const ItemId& id) const {
  const auto at = uploads_.find(id);
  return at == uploads_.end() ? nullptr : &change_of(records_.at(at->second)).after;
}

const Job* SpooledStore::spooled_key(const Key& key) const {
  const auto at = keys_.find(key);
  return at == keys_.end() ? nullptr : spooled_job(at->second);
}

/// Two requests with one key at once share an item, as long as both are asked of the store. Once one is on its way into
/// the spool the other is told to ask again: nobody knows which of them will be first.
Task<Result<Enqueued>> SpooledStore::enqueue(Transition created) {
  const Key key{created.after.owner, created.after.job_key};
  if (being_saved_.contains(key)) co_return being_saved();
  if (!behind_) {
    Transition copy = created;
    const auto asking = asked_.insert(key);
    auto enqueuing = deps_.store.enqueue(std::move(copy));
    auto written = co_await std::move(enqueuing);
    asked_.erase(asking);
    if (written) took();
    if (written || !cannot_write(written.error())) co_return written;
    refused(written.error());
  }
  auto spooling = spool_upload(std::move(created));
  co_return co_await std::move(spooling);
}

/// The key is taken before anything is waited for: from then on nobody else brings it into the spool.
Task<Result<Enqueued>> SpooledStore::spool_upload(Transition created) {
  const Key key{created.after.owner, created.after.job_key};
  if (asked_.contains(key) || !being_saved_.insert(key).second) co_return being_saved();
  auto saving = save_upload(key, std::move(created));
  auto saved = co_await std::move(saving);
  being_saved_.erase(key);
  co_return saved;
}

/// A key that was used before is known as long as the store can be read, and of what is in the spool. Where it cannot
/// be known nothing is promised.
Task<Result<Enqueued>> SpooledStore::save_upload(Key key, Transition created) {
  std::optional<Job> known;
  if (const Job* waiting = spooled_key(key)) {
    known = shown(*waiting);
  } else if (key.second != created.after.id.text()) {
    HF_CO_TRY(known, co_await deps_.store.find_key(key.first, key.second));
  }
  if (known && known->fingerprint == created.after.fingerprint) co_return Enqueued{.job = *known, .created = false};
  if (known) co_return fail(ErrorClass::invalid, "HF-IDM-01", "this key was used before for something else");
  auto appending = append_upload(std::move(created));
  co_return co_await std::move(appending);
}

Task<Result<Enqueued>> SpooledStore::append_upload(Transition created) {
  Job job = shown(created.after);
  Spooled spooled = Upload{std::move(created)};
  auto appending = append(std::move(spooled));
  HF_CO_TRY_VOID(co_await std::move(appending));
  co_return Enqueued{.job = std::move(job), .created = true};
}

/// From the moment on in which it is durable, what else is written waits behind it.
Task<Result<void>> SpooledStore::append(Spooled spooled) {
  HF_CO_TRY(const std::uint64_t seq, co_await deps_.spool.append(write_spooled(spooled)));
  const Job& job = change_of(spooled).after;
  if (std::holds_alternative<Upload>(spooled)) {
    uploads_[job.id] = seq;
    keys_[{job.owner, job.job_key}] = job.id;
  }
  records_.emplace(seq, std::move(spooled));
  behind_ = true;
  bell_->ring();
  co_return Result<void>{};
}

Task<Result<Job>> SpooledStore::update_leased(ItemId id, Fence fence, Decide decide) {
  Error refusal{ErrorClass::transient, "HF-STO-01", "the store is behind: what waits for it comes first"};
  if (!behind_) {
    auto updating = deps_.store.update_leased(id, fence, decide);
    auto updated = co_await std::move(updating);
    if (updated) took();
    const bool away = !updated && cannot_write(updated.error()) && updated.error().error_class() != ErrorClass::corrupt;
    if (!away) co_return updated;
    refusal = updated.error();
  }
  auto spooling = spool_settlement(std::move(id), fence, std::move(decide), std::move(refusal));
  co_return co_await std::move(spooling);
}

/// Decides on the job as it can be read, and keeps what was decided if a worker's work is in it. Anything else need not
/// be known after a crash: whoever asked asks again. Returns the job as it is in the store: nothing that was made of
/// it may be thrown away before that.
Task<Result<Job>> SpooledStore::spool_settlement(ItemId id, Fence fence, Decide decide, Error refusal) {
  const auto found = co_await deps_.store.find(id);
  if (!found || !*found) co_return std::unexpected{refusal};
  const Job& job = **found;
  if (!job.lease || job.fence != fence) co_return fail(ErrorClass::conflict, "HF-ITM-05", "the lease is over");
  HF_CO_TRY(Transition change, decide(job, deps_.clock.wall_now()));
  if (!keeps_work(change)) co_return std::unexpected{refusal};
  if (!settled_.insert({id, fence}).second) co_return job;
  refused(refusal);
  Spooled spooled = Settlement{.fence = fence, .version = job.version, .change = std::move(change)};
  auto appending = append(std::move(spooled));
  const auto appended = co_await std::move(appending);
  if (!appended) settled_.erase({id, fence});
  if (!appended) co_return std::unexpected{appended.error()};
  co_return job;
}

/// Record by record, and at the end the spool is emptied, durably, before anything else is written.
Task<Result<void>> SpooledStore::apply_all() {
  while (behind_) {
    while (!records_.empty()) {
      const std::uint64_t seq = records_.begin()->first;
      Spooled spooled = records_.begin()->second;
      auto applying = apply(std::move(spooled));
      HF_CO_TRY_VOID(co_await std::move(applying));
      forget(seq);
      applied_ = seq;
    }
    HF_CO_TRY_VOID(co_await deps_.spool.drop_through(applied_));
    behind_ = !records_.empty();
  }
  co_return Result<void>{};
}

void SpooledStore::forget(std::uint64_t seq) {
  const auto at = records_.find(seq);
  const Job& job = change_of(at->second).after;
  if (const auto* settlement = std::get_if<Settlement>(&at->second)) {
    settled_.erase({job.id, settlement->fence});
  } else {
    keys_.erase({job.owner, job.job_key});
    uploads_.erase(job.id);
  }
  records_.erase(at);
}

Task<Result<void>> SpooledStore::flush() {
  if (!behind_) co_return Result<void>{};
  if (std::exchange(flushing_, true)) co_return must_not_wait();
  const auto done = co_await apply_all();
  flushing_ = false;
  done ? took() : refused(done.error());
  if (done && deps_.on_flushed) deps_.on_flushed();
  co_return done;
}

Task<Result<void>> SpooledStore::apply(Spooled spooled) {
  if (auto* upload = std::get_if<Upload>(&spooled)) return apply_upload(std::move(upload->created));
  return apply_settlement(std::move(std::get<Settlement>(spooled)));
}

/// Its id says whether the store has it, and its trail whether it had it. A key that somebody else has used meanwhile
/// is no reason to lose it: then the item's own id is its key.
Task<Result<void>> SpooledStore::apply_upload(Transition created) {
  const ItemId id = created.after.id;
  HF_CO_TRY(const auto there, co_await deps_.store.find(id));
  HF_CO_TRY(const auto trail, co_await deps_.store.audit(id));
  if (there || !trail.empty()) {
    standing_.repeated += 1;
    co_return Result<void>{};
  }
  not_in_the_future(created.after, deps_.clock.wall_now());
  Transition copy = created;
  auto enqueuing = deps_.store.enqueue(std::move(copy));
  auto written = co_await std::move(enqueuing);
  const bool key_taken = written ? written->job.id != id : written.error().code() == "HF-IDM-01";
  if (key_taken) {
    created.after.job_key = id.text();
    auto again = deps_.store.enqueue(std::move(created));
    written = co_await std::move(again);
  }
  if (!written) co_return std::unexpected{written.error()};
  standing_.flushed += 1;
  co_return Result<void>{};
}

/// What was decided holds for the job as it was then. One that changed since is not ours any more, or has this already.
Task<Result<void>> SpooledStore::apply_settlement(Settlement settlement) {
  const ItemId id = settlement.change.after.id;
  const Fence fence = settlement.fence;
  not_in_the_future(settlement.change.after, deps_.clock.wall_now());
  Decide decision = [settlement = std::move(settlement)](const Job& job, WallTime) -> Result<Transition> {
    if (job.version == settlement.version) return settlement.change;
    return fail(ErrorClass::conflict, "HF-ITM-05", "the item changed since this was decided");
  };
  auto updating = deps_.store.update_leased(id, fence, std::move(decision));
  const auto updated = co_await std::move(updating);
  const bool late = !updated && (updated.error().error_class() == ErrorClass::conflict ||
                                 updated.error().error_class() == ErrorClass::not_found);
  if (late) tell(deps_.log, LogLevel::info, "settlement_came_late", {{"item", id.text()}});
  if (late) standing_.rejected += 1;
  if (!updated && !late) co_return std::unexpected{updated.error()};
  if (updated) standing_.flushed += 1;
  co_return Result<void>{};
}

Task<void> SpooledStore::run() {
  while (!stopping_) {
    if (behind_) (void)co_await flush();
    if (stopping_) co_return;
    const milliseconds pause = behind_ ? kTryEvery : milliseconds{60'000};
    const auto rung = co_await bell_->wait_until(deps_.clock.mono_now() + pause);
    if (!rung) co_return;
  }
}

void SpooledStore::stop() {
  stopping_ = true;
  bell_->ring();
}

/// Asked for again and again, so that a store that writes nothing is noticed before anybody sends something.
Task<Result<std::vector<Job>>> SpooledStore::claim(ClaimRequest request) {
  HF_CO_TRY_VOID(must_not_wait());
  auto claiming = deps_.store.claim(std::move(request));
  auto claimed = co_await std::move(claiming);
  if (!claimed && cannot_write(claimed.error())) refused(claimed.error());
  if (claimed && !behind_) took();
  co_return claimed;
}

Task<Result<Job>> SpooledStore::update(ItemId id, Decide decide) {
  HF_CO_TRY_VOID(must_not_wait());
  co_return co_await deps_.store.update(std::move(id), std::move(decide));
}

Task<Result<void>> SpooledStore::extend(ItemId id, Fence fence, milliseconds lease_for) {
  HF_CO_TRY_VOID(must_not_wait());
  co_return co_await deps_.store.extend(std::move(id), fence, lease_for);
}

Task<Result<void>> SpooledStore::checkpoint(ItemId id, Fence fence, Checkpoint made) {
  HF_CO_TRY_VOID(must_not_wait());
  co_return co_await deps_.store.checkpoint(std::move(id), fence, std::move(made));
}

Task<Result<void>> SpooledStore::delivered(std::vector<std::uint64_t> seqs) {
  HF_CO_TRY_VOID(must_not_wait());
  co_return co_await deps_.store.delivered(std::move(seqs));
}

Task<Result<std::optional<Job>>> SpooledStore::find(ItemId id) {
  if (const Job* waiting = spooled_job(id)) co_return std::optional{shown(*waiting)};
  co_return co_await deps_.store.find(std::move(id));
}

Task<Result<std::optional<Job>>> SpooledStore::find_key(std::string owner, std::string job_key) {
  if (const Job* waiting = spooled_key({owner, job_key})) co_return std::optional{shown(*waiting)};
  co_return co_await deps_.store.find_key(std::move(owner), std::move(job_key));
}

Task<Result<std::optional<ItemRecord>>> SpooledStore::record(ItemId id) {
  if (const Job* waiting = spooled_job(id)) co_return std::optional{ItemRecord{.job = shown(*waiting)}};
  co_return co_await deps_.store.record(std::move(id));
}

/// Items of the spool are the newest: they come before those of the store.
Task<Result<std::vector<Job>>> SpooledStore::list(Query query) {
  std::vector<Job> jobs;
  const bool from_spool = query.before.empty() || spooled_job(query.before) != nullptr;
  if (!from_spool || uploads_.empty()) co_return co_await deps_.store.list(std::move(query));
  for (auto at = uploads_.rbegin(); at != uploads_.rend() && jobs.size() < query.limit; ++at) {
    const bool older = query.before.empty() || at->first < query.before;
    const Job& job = change_of(records_.at(at->second)).after;
    if (older && matches(job, query)) jobs.push_back(shown(job));
  }
  Query rest = query;
  rest.before = ItemId{};
  rest.limit = query.limit - static_cast<unsigned>(jobs.size());
  if (rest.limit == 0) co_return jobs;
  HF_CO_TRY(auto older, co_await deps_.store.list(std::move(rest)));
  // One may have come into the store while it was asked.
  for (Job& job : older) {
    if (std::ranges::find(jobs, job.id, &Job::id) == jobs.end()) jobs.push_back(std::move(job));
  }
  co_return jobs;
}

/// What is flushed while the store counts could be in neither number: those of before are counted, so that it is once
/// more rather than not at all.
Task<Result<std::vector<QueueCount>>> SpooledStore::counts() {
  std::map<std::pair<std::string, JobStatus>, std::uint64_t> jobs;
  for (const auto& [id, seq] : uploads_) {
    const Job& job = change_of(records_.at(seq)).after;
    const StageRecord* stage = current_stage(job);
    jobs[{stage != nullptr ? stage->bulkhead : std::string{}, job.status}] += 1;
  }
  HF_CO_TRY(auto counts, co_await deps_.store.counts());
  if (jobs.empty()) co_return counts;
  for (const QueueCount& count : counts) jobs[{count.bulkhead, count.status}] += count.jobs;
  counts.clear();
  for (const auto& [key, count] : jobs) counts.push_back({key.first, key.second, count});
  co_return counts;
}

Task<Result<std::set<std::string>>> SpooledStore::active_owners() {
  std::set<std::string> waiting;
  for (const auto& [id, seq] : uploads_) waiting.insert(change_of(records_.at(seq)).after.owner);
  HF_CO_TRY(auto owners, co_await deps_.store.active_owners());
  owners.merge(waiting);
  co_return owners;
}

}  // namespace holdfast::spool
