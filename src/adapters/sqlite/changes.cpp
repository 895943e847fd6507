#include "adapters/sqlite/changes.hpp"

#include <utility>

#include "adapters/sqlite/job_rows.hpp"
#include "adapters/sqlite/memory_rows.hpp"
#include "adapters/sqlite/output_rows.hpp"
#include "adapters/sqlite/trail_rows.hpp"
#include "core/job/decide.hpp"
#include "core/job/legal.hpp"

namespace holdfast::sqlite {
namespace {

std::unexpected<Error> illegal(const char* what) { return fail(ErrorClass::conflict, "HF-ITM-03", what); }

Result<JobRow> load_known(Database& database, const ItemId& id) {
  HF_TRY(auto row, load(database, id));
  if (!row) return fail(ErrorClass::not_found, "HF-ITM-06", "there is no such item");
  return *std::move(row);
}

Result<void> check_lease(const Job& job, Fence fence) {
  if (job.lease && job.fence == fence) return {};
  return fail(ErrorClass::conflict, "HF-ITM-05", "the lease is over");
}

/// Everything that one change writes.
Result<void> apply(Database& database, const JobRow& before, const Transition& change) {
  if (!is_legal(before.job, change.after)) return illegal("this change of the item is not legal");
  HF_TRY_VOID(replace(database, before, change.after));
  HF_TRY_VOID(append(database, before.item, change.after, change.audit));
  return put_results(database, before.item, change);
}

Result<Enqueued> known_key(const Job& known, const Job& asked) {
  if (known.fingerprint == asked.fingerprint) return Enqueued{.job = known, .created = false};
  return fail(ErrorClass::invalid, "HF-IDM-01", "this key was used before for something else");
}

}  // namespace

Result<Enqueued> enqueue(Database& database, const Transition& created) {
  const Job& job = created.after;
  HF_TRY(const auto known, load_key(database, job.owner, job.job_key));
  if (known) return known_key(known->job, job);
  if (!is_legal_start(job)) return illegal("a new item must be pending, with a stage to begin with");
  HF_TRY(const auto taken, item_of(database, job.id));
  if (taken) return illegal("there is an item with this id already");
  HF_TRY(const std::int64_t item, insert(database, job));
  HF_TRY_VOID(append(database, item, job, created.audit));
  if (created.session_at) HF_TRY_VOID(put_session(database, item, created));
  HF_TRY_VOID(put_results(database, item, created));
  return Enqueued{.job = job, .created = true};
}

Result<std::vector<Job>> claim(Database& database, const ClaimRequest& request, WallTime now) {
  HF_TRY(const auto items, due_items(database, request.bulkhead, now, request.count_max));
  std::vector<Job> leased;
  for (const std::int64_t item : items) {
    HF_TRY(const auto row, load_item(database, item));
    if (!row) return fail(ErrorClass::corrupt, "HF-STO-03", "the queue names an item that is not there");
    HF_TRY(Transition change, decide::claim(row->job, request.node, request.lease_for, now));
    HF_TRY_VOID(apply(database, *row, change));
    leased.push_back(std::move(change.after));
  }
  return leased;
}

Result<Job> update(Database& database, const ItemId& id, std::optional<Fence> fence, const Decide& decide,
                   WallTime now) {
  HF_TRY(const JobRow row, load_known(database, id));
  if (fence) HF_TRY_VOID(check_lease(row.job, *fence));
  HF_TRY(Transition change, decide(row.job, now));
  HF_TRY_VOID(apply(database, row, change));
  return std::move(change.after);
}

Result<void> extend(Database& database, const ItemId& id, Fence fence, WallTime until) {
  HF_TRY(const JobRow row, load_known(database, id));
  HF_TRY_VOID(check_lease(row.job, fence));
  return database.run("UPDATE queue_items SET lease_until = ?2 WHERE item = ?1", row.item, to_ms(until));
}

Result<void> checkpoint(Database& database, const ItemId& id, Fence fence, const Checkpoint& made,
                        WallTime now) {
  HF_TRY(const JobRow row, load_known(database, id));
  HF_TRY_VOID(check_lease(row.job, fence));
  const decide::Reached reached{made.position_ms, made.output, made.warning, made.with_less};
  HF_TRY(const Transition change, decide::checkpoint(row.job, reached, now));
  HF_TRY_VOID(apply(database, row, change));
  HF_TRY_VOID(put_segments(database, row.item, made.first_segment, made.segments));
  return put_gaps(database, row.item, made.first_gap, made.gaps);
}

}  // namespace holdfast::sqlite
