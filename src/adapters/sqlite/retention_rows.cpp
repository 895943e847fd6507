#include "adapters/sqlite/retention_rows.hpp"

#include <algorithm>
#include <utility>

#include "adapters/sqlite/account_rows.hpp"
#include "adapters/sqlite/job_rows.hpp"
#include "adapters/sqlite/output_rows.hpp"
#include "adapters/sqlite/trail_rows.hpp"
#include "core/job/legal.hpp"

namespace holdfast::sqlite {
namespace {

constexpr const char* kRecipes = R"sql(
WITH RECURSIVE known(recipe) AS (
  SELECT min(recipe) FROM queue_items INDEXED BY items_over WHERE over_at IS NOT NULL
  UNION ALL SELECT (SELECT min(q.recipe) FROM queue_items q INDEXED BY items_over
    WHERE q.over_at IS NOT NULL AND q.recipe > known.recipe) FROM known WHERE known.recipe IS NOT NULL)
SELECT recipe FROM known WHERE recipe IS NOT NULL)sql";

constexpr const char* kOver = R"sql(
SELECT item FROM queue_items INDEXED BY items_over
WHERE recipe = ?1 AND status = ?2 AND kept = ?3 AND over_at <= ?4 ORDER BY over_at LIMIT ?5)sql";

constexpr const char* kCountOver = R"sql(
SELECT count(*) FROM queue_items INDEXED BY items_over
WHERE recipe = ?1 AND status = ?2 AND kept = ?3 AND over_at <= ?4)sql";

constexpr const char* kTrailsOver = R"sql(
SELECT removed FROM removed_items r WHERE over_at <= ?1 AND NOT EXISTS(
  SELECT 1 FROM past_events p CROSS JOIN outbox o ON o.seq = p.seq WHERE p.removed = r.removed)
ORDER BY over_at LIMIT ?2)sql";

constexpr const char* kLinesOver =
    "SELECT seq FROM (SELECT seq, at FROM management_audit ORDER BY seq LIMIT ?2) WHERE at <= ?1";

std::int64_t cutoff(const retention::Search& search, WallTime now) { return to_ms(now - search.age); }

Result<std::vector<std::int64_t>> numbers(Statement found) {
  std::vector<std::int64_t> all;
  while (true) {
    HF_TRY(const bool row, found.step());
    if (!row) return all;
    all.push_back(found.integer(0));
  }
}

/// The trail outlives the item, as the item's own rows go.
Result<void> keep_trail(Database& database, const JobRow& row, const Job& after) {
  HF_TRY_VOID(database.run(
      "INSERT INTO removed_items(id, owner, recipe, over_at, removed_at) VALUES(?1, ?2, ?3, ?4, ?5)",
      stored(after.id), after.owner, after.recipe, to_ms(*after.over_at), to_ms(after.updated_at)));
  HF_TRY_VOID(database.run("INSERT INTO past_events SELECT seq, ?2, at, type, stage, attempt, fence, detail, status "
                           "FROM audit WHERE item = ?1",
                           row.item, database.last_rowid()));
  return database.run("DELETE FROM audit WHERE item = ?1", row.item);
}

Result<void> forget_outputs(Database& database, std::int64_t item) {
  HF_TRY_VOID(database.run("DELETE FROM transcript_segments WHERE item = ?1", item));
  HF_TRY_VOID(database.run("DELETE FROM transcript_gaps WHERE item = ?1", item));
  return database.run("DELETE FROM results WHERE item = ?1", item);
}

/// What was taken out of an audit, and why, is a line of the audit of management.
Result<void> tell_pruned(Database& database, const char* operation, std::size_t count, const retention::Age& age,
                         WallTime now) {
  HF_TRY(const auto seq,
         insert_management(database, {.at = now, .actor = "retention", .operation = operation}));
  const std::map<std::string, std::string> subject{{"count", std::to_string(count)},
                                                   {"older_than", retention::to_text(age)}};
  return end_management(database, seq, "done", subject);
}

Result<std::size_t> prune_trails(Database& database, const PruneRequest& request, WallTime now) {
  if (!request.audit) return std::size_t{0};
  HF_TRY(auto found, database.query(kTrailsOver, to_ms(retention::coarse_cutoff(*request.audit, now)), request.limit));
  HF_TRY(const auto trails, numbers(std::move(found)));
  if (trails.empty() || request.only_count) return trails.size();
  for (const std::int64_t removed : trails) {
    HF_TRY_VOID(database.run("DELETE FROM past_events WHERE removed = ?1", removed));
    HF_TRY_VOID(database.run("DELETE FROM removed_items WHERE removed = ?1", removed));
  }
  HF_TRY_VOID(tell_pruned(database, "prune_audit", trails.size(), request.audit, now));
  return trails.size();
}

Result<std::size_t> prune_lines(Database& database, const PruneRequest& request, WallTime now) {
  if (!request.management) return std::size_t{0};
  const auto until = to_ms(retention::coarse_cutoff(*request.management, now));
  HF_TRY(auto found, database.query(kLinesOver, until, request.limit));
  HF_TRY(const auto lines, numbers(std::move(found)));
  if (lines.empty() || request.only_count) return lines.size();
  for (const std::int64_t seq : lines) HF_TRY_VOID(database.run("DELETE FROM management_audit WHERE seq = ?1", seq));
  HF_TRY_VOID(tell_pruned(database, "prune_management_audit", lines.size(), request.management, now));
  return lines.size();
}

}  // namespace

Result<std::vector<std::string>> recipes_over(Database& database) {
  HF_TRY(auto found, database.query(kRecipes));
  std::vector<std::string> recipes;
  while (true) {
    HF_TRY(const bool row, found.step());
    if (!row) return recipes;
    recipes.push_back(found.text(0));
  }
}

Result<std::vector<Job>> jobs_over(Database& database, const OverQuery& query, WallTime now) {
  const retention::Search& search = query.search;
  HF_TRY(auto found, database.query(kOver, query.recipe, std::to_underlying(search.status), search.kept,
                                    cutoff(search, now), query.limit));
  HF_TRY(const auto items, numbers(std::move(found)));
  std::vector<Job> jobs;
  for (const std::int64_t item : items) {
    HF_TRY(auto read, load_item(database, item));
    if (read) jobs.push_back(std::move(read->job));
  }
  return jobs;
}

Result<std::uint64_t> count_over(Database& database, const OverQuery& query, WallTime now) {
  const retention::Search& search = query.search;
  HF_TRY(const auto count, database.integer(kCountOver, query.recipe, std::to_underlying(search.status), search.kept,
                                            cutoff(search, now)));
  return static_cast<std::uint64_t>(count.value_or(0));
}

Result<Job> remove_job(Database& database, const ItemId& id, const Decide& decide, WallTime now) {
  HF_TRY(auto row, load(database, id));
  if (!row) return fail(ErrorClass::not_found, "HF-ITM-06", "there is no such item");
  HF_TRY(Transition change, decide(row->job, now));
  const bool legal = may_be_removed(row->job) && is_same_item(row->job, change.after) && is_sound(change.after);
  if (!legal) return fail(ErrorClass::conflict, "HF-ITM-03", "something of the item is still kept");
  HF_TRY_VOID(append(database, row->item, change.after, change.audit));
  HF_TRY_VOID(keep_trail(database, *row, change.after));
  HF_TRY_VOID(forget_outputs(database, row->item));
  HF_TRY_VOID(erase(database, *row));
  return std::move(change.after);
}

Result<Pruned> prune(Database& database, const PruneRequest& request, WallTime now) {
  Pruned done;
  HF_TRY(done.trails, prune_trails(database, request, now));
  HF_TRY(done.lines, prune_lines(database, request, now));
  return done;
}

Result<std::size_t> give_back(Database& database, unsigned pages_max) {
  HF_TRY(const auto can, database.integer("PRAGMA auto_vacuum"));
  HF_TRY(const auto free, database.integer("PRAGMA freelist_count"));
  constexpr std::int64_t kIncremental = 2;
  const std::int64_t spare = free.value_or(0) - std::int64_t{RetentionStore::kFreePages};
  if (can != kIncremental || spare <= 0) return std::size_t{0};
  const auto pages = std::min(spare, std::int64_t{pages_max});
  HF_TRY_VOID(database.script(("PRAGMA incremental_vacuum(" + std::to_string(pages) + ")").c_str()));
  return static_cast<std::size_t>(pages);
}

}  // namespace holdfast::sqlite
