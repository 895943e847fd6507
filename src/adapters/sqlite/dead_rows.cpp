#include "adapters/sqlite/dead_rows.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "adapters/sqlite/codec.hpp"
#include "adapters/sqlite/job_rows.hpp"

namespace holdfast::sqlite {
namespace {

/// Owner, recipe and code narrow down what is read; everything is looked at again on the job itself.
constexpr const char* kDeadItems = R"sql(
SELECT item FROM queue_items WHERE status = 3 AND item < ?1 AND (?2 IS NULL OR owner = ?2)
  AND (?3 IS NULL OR recipe = ?3) AND (?4 IS NULL OR error_code = ?4) ORDER BY item DESC)sql";

constexpr const char* kDeadFacts = R"sql(
SELECT id, owner, recipe, plan, stage, error_code, progress, created_at, updated_at, discarded FROM queue_items
WHERE status = 3 AND (?1 IS NULL OR owner = ?1) AND (?2 IS NULL OR recipe = ?2) AND (?3 IS NULL OR error_code = ?3)
)sql";

constexpr const char* kStanding = R"sql(
SELECT plan, stage, status, held_for <> '', ready_at > ?1, count(*), min(updated_at) FROM queue_items
WHERE status IN (0, 1, 3) AND discarded IS NULL GROUP BY 1, 2, 3, 4, 5)sql";

/// 2 is stage.completed in the table of trail_rows.cpp.
constexpr const char* kCompleted = R"sql(
SELECT q.plan, a.stage, count(*) FROM (SELECT item, at, type, stage FROM audit ORDER BY seq DESC LIMIT ?2) a
CROSS JOIN queue_items q ON q.item = a.item WHERE a.type = 2 AND a.at > ?1 GROUP BY 1, 2)sql";

constexpr const char* kItemsOfKey = R"sql(
WITH RECURSIVE owners(owner) AS (
  SELECT min(owner) FROM queue_items WHERE job_key <> ''
  UNION ALL SELECT (SELECT min(q.owner) FROM queue_items q WHERE q.job_key <> '' AND q.owner > owners.owner)
    FROM owners WHERE owners.owner IS NOT NULL)
SELECT q.item FROM owners CROSS JOIN queue_items q ON q.owner = owners.owner
WHERE q.job_key = ?1 AND q.job_key <> '' ORDER BY q.owner)sql";

/// The stages of each plan, read once.
class Plans {
 public:
  explicit Plans(Database& database) : database_{database} {}

  Result<const std::vector<StageRecord>*> of(std::int64_t plan) {
    if (const auto known = known_.find(plan); known != known_.end()) return &known->second;
    HF_TRY(auto found, database_.query("SELECT stages FROM plans WHERE plan = ?1", plan));
    HF_TRY(const bool row, found.step());
    if (!row) return fail(ErrorClass::corrupt, "HF-STO-03", "an item has a plan that is not there");
    HF_TRY(auto stages, decode_plan(found.view(0)));
    return &known_.emplace(plan, std::move(stages)).first->second;
  }

 private:
  Database& database_;
  std::map<std::int64_t, std::vector<StageRecord>> known_;
};

/// As much of a job as its facts are made of.
Result<DeadLetterFacts> read_facts(const Statement& row, Plans& plans) {
  Job job{.id = read_id(row, 0), .owner = row.text(1), .recipe = row.text(2), .status = JobStatus::failed};
  HF_TRY(const auto* stages, plans.of(row.integer(3)));
  job.stages = *stages;
  job.stage = row.as<std::size_t>(4);
  job.error = Failure{.code = row.text(5)};
  job.created_at = from_ms(row.integer(7));
  job.updated_at = from_ms(row.integer(8));
  job.discarded = row.text(9);
  HF_TRY_VOID(decode_progress(row.view(6), job.created_at, job.stages));
  return *dead_letter_facts(job);
}

using Stats = std::map<std::string, QueueStats>;

void count_standing_jobs(QueueStats& stats, const Statement& row, WallTime now) {
  const auto jobs = row.as<std::uint64_t>(5);
  const auto status = row.as<JobStatus>(2);
  if (status == JobStatus::processing) stats.processing += jobs;
  if (status == JobStatus::failed) stats.failed += jobs;
  if (status != JobStatus::pending) return;
  const bool held = row.integer(3) != 0;
  const bool later = row.integer(4) != 0;
  (held ? stats.held : later ? stats.scheduled : stats.pending) += jobs;
  stats.oldest = std::max(stats.oldest.value_or(milliseconds{0}), now - from_ms(row.integer(6)));
}

Result<void> count_standing(Database& database, Plans& plans, WallTime now, Stats& stats) {
  HF_TRY(auto found, database.query(kStanding, to_ms(now)));
  while (true) {
    HF_TRY(const bool row, found.step());
    if (!row) return {};
    HF_TRY(const auto* stages, plans.of(found.integer(0)));
    const auto stage = found.as<std::size_t>(1);
    if (stage < stages->size()) count_standing_jobs(stats[(*stages)[stage].kind], found, now);
  }
}

Result<void> count_completed(Database& database, Plans& plans, WallTime now, Stats& stats) {
  const auto from = to_ms(now - std::chrono::hours{1});
  HF_TRY(auto found, database.query(kCompleted, from, QueueStats::kRecentEvents));
  while (true) {
    HF_TRY(const bool row, found.step());
    if (!row) return {};
    HF_TRY(const auto* stages, plans.of(found.integer(0)));
    const auto stage = std::ranges::find(*stages, found.text(1), &StageRecord::name);
    if (stage != stages->end()) stats[stage->kind].completed_last_hour += found.as<std::uint64_t>(2);
  }
}

}  // namespace

Result<std::vector<Job>> dead_letters(Database& database, const DeadLetterQuery& query) {
  std::int64_t before = std::numeric_limits<std::int64_t>::max();
  if (!query.before.empty()) {
    HF_TRY(const auto item, item_of(database, query.before));
    before = item.value_or(0);
  }
  const DeadLetterFilter& filter = query.filter;
  HF_TRY(auto found, database.query(kDeadItems, before, filter.owner, filter.recipe, filter.code));
  std::vector<Job> jobs;
  while (jobs.size() < query.limit) {
    HF_TRY(const bool row, found.step());
    if (!row) break;
    HF_TRY(auto read, load_item(database, found.integer(0)));
    if (read && matches(filter, read->job)) jobs.push_back(std::move(read->job));
  }
  return jobs;
}

Result<std::vector<DeadLetterGroup>> dead_letter_groups(Database& database, const DeadLetterFilter& filter) {
  Plans plans{database};
  DeadLetterGroups groups;
  HF_TRY(auto found, database.query(kDeadFacts, filter.owner, filter.recipe, filter.code));
  while (true) {
    HF_TRY(const bool row, found.step());
    if (!row) return groups.sorted();
    HF_TRY(const DeadLetterFacts facts, read_facts(found, plans));
    if (matches(filter, facts)) groups.add(facts);
  }
}

Result<std::vector<QueueStats>> queue_stats(Database& database, WallTime now) {
  Plans plans{database};
  Stats stats;
  HF_TRY_VOID(count_standing(database, plans, now, stats));
  HF_TRY_VOID(count_completed(database, plans, now, stats));
  std::vector<QueueStats> out;
  for (auto& [kind, counted] : stats) {
    counted.kind = kind;
    out.push_back(counted);
  }
  return out;
}

Result<std::vector<Job>> jobs_of_key(Database& database, const std::string& job_key) {
  HF_TRY(auto found, database.query(kItemsOfKey, job_key));
  std::vector<Job> jobs;
  while (true) {
    HF_TRY(const bool row, found.step());
    if (!row) return jobs;
    HF_TRY(auto read, load_item(database, found.integer(0)));
    if (read) jobs.push_back(std::move(read->job));
  }
}

}  // namespace holdfast::sqlite
