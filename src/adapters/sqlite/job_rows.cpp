#include "adapters/sqlite/job_rows.hpp"

#include <array>
#include <limits>
#include <utility>

#include "core/retention/retention.hpp"

namespace holdfast::sqlite {
namespace {

constexpr std::size_t kSha256Digits = 64;
constexpr std::size_t kBlobIdDigits = 32;

/// Columns in the order in which `read_job` takes them. CROSS: the item is always looked up first.
constexpr const char* kSelect = R"sql(
SELECT q.item, q.plan, q.id, q.job_key, q.owner, q.recipe, q.status, q.priority, q.ready_at, q.held_for,
  q.fence, q.version, q.lease_node, q.lease_until, q.cancel_requested, q.retry_count, q.stage,
  q.duration_ms, q.mode, q.created_at, q.updated_at, q.error_class, q.error_code, q.error_message,
  q.messages, q.progress, p.stages,
  i.fingerprint, i.requested_mode, i.name, i.bytes, i.sha256, i.media_type, i.blob, i.payload, q.discarded,
  q.over_at, q.file_expired_at, q.results_expired_at
FROM queue_items q CROSS JOIN plans p ON p.plan = q.plan CROSS JOIN inputs i ON i.item = q.item WHERE )sql";

Compact hex(const std::string& text, std::size_t digits) {
  return {.packed = pack_hex(text, digits), .plain = text};
}

std::string read_hex(const Statement& row, int column) {
  return row.is_blob(column) ? unpack_hex(row.view(column)) : row.text(column);
}

std::string bulkhead_of(const Job& job) {
  const StageRecord* stage = current_stage(job);
  return is_terminal(job.status) || stage == nullptr ? std::string{} : stage->bulkhead;
}

void read_identity(const Statement& row, Job& job) {
  job.id = read_id(row, 2);
  job.job_key = row.text(3);
  job.owner = row.text(4);
  job.recipe = row.text(5);
  job.created_at = from_ms(row.integer(19));
  job.fingerprint = read_hex(row, 27);
  job.requested_mode = row.text(28);
  job.input = {.name = row.text(29),
               .bytes = row.as<std::uint64_t>(30),
               .sha256 = read_hex(row, 31),
               .media_type = row.text(32),
               .blob = BlobId{read_hex(row, 33)},
               .payload = row.text(34)};
}

std::optional<WallTime> read_time(const Statement& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional{from_ms(row.integer(column))};
}

void read_state(const Statement& row, Job& job) {
  job.status = row.as<JobStatus>(6);
  job.priority = row.as<int>(7);
  job.ready_at = from_ms(row.integer(8));
  job.held_for = row.text(9);
  job.fence = row.as<Fence>(10);
  job.version = row.as<std::uint64_t>(11);
  if (!row.is_null(12)) {
    job.lease = Lease{.node = NodeId{row.text(12)}, .fence = job.fence, .until = from_ms(row.integer(13))};
  }
  job.cancel_requested = row.integer(14) != 0;
  job.retry_count = row.as<unsigned>(15);
  job.stage = row.as<std::size_t>(16);
  job.duration_ms = row.integer(17);
  job.mode = row.text(18);
  job.updated_at = from_ms(row.integer(20));
  job.discarded = row.text(35);
  job.over_at = read_time(row, 36);
  job.file_expired_at = read_time(row, 37);
  job.results_expired_at = read_time(row, 38);
  if (!row.is_null(21)) job.error = Failure{row.as<ErrorClass>(21), row.text(22), row.text(23)};
}

Result<JobRow> read_job(const Statement& row) {
  JobRow read{.item = row.integer(0), .plan = row.integer(1)};
  read_identity(row, read.job);
  read_state(row, read.job);
  HF_TRY(read.job.messages, decode_strings(row.view(24)));
  HF_TRY(read.job.stages, decode_plan(row.view(26)));
  HF_TRY_VOID(decode_progress(row.view(25), read.job.created_at, read.job.stages));
  return read;
}

Result<std::optional<JobRow>> first_job(Statement found) {
  HF_TRY(const bool row, found.step());
  if (!row) return std::optional<JobRow>{};
  HF_TRY(JobRow read, read_job(found));
  return std::optional{std::move(read)};
}

Result<std::int64_t> plan_of(Database& database, const std::vector<StageRecord>& stages) {
  const std::string bytes = encode_plan(stages);
  HF_TRY(const auto known, database.integer("SELECT plan FROM plans WHERE stages = ?1", Blob{bytes}));
  if (known) return *known;
  HF_TRY_VOID(database.run("INSERT INTO plans(stages) VALUES(?1)", Blob{bytes}));
  return database.last_rowid();
}

Result<void> count_in(Database& database, const Job& job) {
  return database.run(
      "INSERT INTO queue_counts VALUES(?1, ?2, 1) ON CONFLICT(bulkhead, status) DO UPDATE SET jobs = jobs + "
      "1",
      bulkhead_of(job), std::to_underlying(job.status));
}

Result<void> count_out(Database& database, const Job& job) {
  return database.run("UPDATE queue_counts SET jobs = jobs - 1 WHERE bulkhead = ?1 AND status = ?2",
                      bulkhead_of(job), std::to_underlying(job.status));
}

Result<void> insert_input(Database& database, std::int64_t item, const Job& job) {
  const Input& input = job.input;
  return database.run("INSERT OR REPLACE INTO inputs VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)", item,
                      hex(job.fingerprint, kSha256Digits), job.requested_mode, input.name, input.bytes,
                      hex(input.sha256, kSha256Digits), input.media_type,
                      hex(input.blob.text(), kBlobIdDigits), input.payload);
}

bool same_input(const Job& left, const Job& right) {
  const Input& a = left.input;
  const Input& b = right.input;
  return left.requested_mode == right.requested_mode && a.name == b.name && a.bytes == b.bytes &&
         a.sha256 == b.sha256 && a.media_type == b.media_type && a.blob == b.blob && a.payload == b.payload;
}

/// Whether no index has to be touched: then only a row of a hundred bytes is written.
bool same_place(const Job& left, const Job& right) {
  return left.status == right.status && left.priority == right.priority && left.ready_at == right.ready_at &&
         left.held_for == right.held_for && bulkhead_of(left) == bulkhead_of(right);
}

Result<void> update_progress(Database& database, std::int64_t item, std::int64_t plan, const Job& job) {
  const std::string progress = encode_progress(job.stages, job.created_at);
  const std::string messages = encode_strings(job.messages);
  HF_TRY(auto update,
         database.query(R"sql(
UPDATE queue_items SET fence = ?2, version = ?3, cancel_requested = ?4, retry_count = ?5, stage = ?6,
  plan = ?7, progress = ?8, duration_ms = ?9, mode = ?10, updated_at = ?11, lease_node = ?12,
  lease_until = ?13, messages = ?14, error_class = ?15, error_code = ?16, error_message = ?17
WHERE item = ?1)sql",
                        item, job.fence, job.version, job.cancel_requested, job.retry_count, job.stage, plan,
                        Blob{progress}, job.duration_ms, job.mode, to_ms(job.updated_at)));
  if (job.lease) {
    update.bind(12, job.lease->node.text());
    update.bind(13, to_ms(job.lease->until));
  }
  if (!messages.empty()) update.bind(14, Blob{messages});
  if (job.error) {
    update.bind(15, std::to_underlying(job.error->cls));
    update.bind(16, job.error->code);
    update.bind(17, job.error->message);
  }
  HF_TRY_VOID(update.step());
  return {};
}

Result<void> update_place(Database& database, std::int64_t item, const Job& before, const Job& after) {
  HF_TRY_VOID(database.run(
      "UPDATE queue_items SET status = ?2, priority = ?3, bulkhead = ?4, ready_at = ?5, held_for = ?6"
      " WHERE item = ?1",
      item, std::to_underlying(after.status), after.priority, bulkhead_of(after), to_ms(after.ready_at),
      after.held_for));
  if (before.status == after.status && bulkhead_of(before) == bulkhead_of(after)) return {};
  HF_TRY_VOID(count_out(database, before));
  return count_in(database, after);
}

std::optional<std::int64_t> in_ms(const std::optional<WallTime>& time) {
  return time ? std::optional{to_ms(*time)} : std::nullopt;
}

bool same_retention(const Job& left, const Job& right) {
  return left.over_at == right.over_at && left.file_expired_at == right.file_expired_at &&
         left.results_expired_at == right.results_expired_at && left.discarded == right.discarded;
}

/// Written once, at the end of the work, and then by what ends it for good: the index over it costs no other step.
Result<void> update_retention(Database& database, std::int64_t item, const Job& job) {
  const auto discarded = job.discarded.empty() ? std::nullopt : std::optional<std::string_view>{job.discarded};
  return database.run(
      "UPDATE queue_items SET discarded = ?2, over_at = ?3, file_expired_at = ?4, results_expired_at = ?5, kept = ?6"
      " WHERE item = ?1",
      item, discarded, in_ms(job.over_at), in_ms(job.file_expired_at), in_ms(job.results_expired_at),
      retention::kept(job));
}

/// SQL of a list for each combination of filters. Owner before status: one owner has fewer jobs than one
/// status.
std::string list_sql(bool by_owner, bool by_status, bool by_recipe) {
  std::string sql = std::string{kSelect} + "q.item < ?1";
  if (by_owner) sql += " AND q.owner = ?3";
  if (by_status) sql += by_owner ? " AND +q.status = ?4" : " AND q.status = ?4";
  if (by_recipe) sql += " AND q.recipe = ?5";
  return sql + " ORDER BY q.item DESC LIMIT ?2";
}

const std::string& list_sql_for(const Query& query) {
  static const auto kAll = [] {
    std::array<std::string, 8> all;
    for (unsigned i = 0; i < all.size(); ++i) all[i] = list_sql((i & 1U) != 0, (i & 2U) != 0, (i & 4U) != 0);
    return all;
  }();
  return kAll[(query.owner ? 1U : 0U) | (query.status ? 2U : 0U) | (query.recipe ? 4U : 0U)];
}

Result<std::int64_t> list_start(Database& database, const ItemId& before) {
  if (before.empty()) return std::numeric_limits<std::int64_t>::max();
  HF_TRY(const auto item, item_of(database, before));
  return item.value_or(0);
}

/// Calls `visit` with each priority that has waiting jobs, smallest first, until it returns false.
template <class Visit>
Result<void> each_priority(Database& database, const std::string& bulkhead, Visit visit) {
  auto after = std::int64_t{std::numeric_limits<int>::min()} - 1;
  while (true) {
    HF_TRY(const auto priority, database.integer(kNextPriority, bulkhead, after));
    if (!priority) return {};
    HF_TRY(const bool go_on, visit(*priority));
    if (!go_on) return {};
    after = *priority;
  }
}

Result<std::vector<ItemId>> read_ids(Statement found) {
  std::vector<ItemId> ids;
  while (true) {
    HF_TRY(const bool row, found.step());
    if (!row) return ids;
    ids.push_back(read_id(found, 0));
  }
}

}  // namespace

ItemId read_id(const Statement& row, int column) {
  return row.is_blob(column) ? unpack_id(row.view(column)) : ItemId{row.text(column)};
}

Result<std::optional<JobRow>> load(Database& database, const ItemId& id) {
  static const std::string kSql = std::string{kSelect} + "q.id = ?1";
  HF_TRY(auto found, database.query(kSql, stored(id)));
  return first_job(std::move(found));
}

Result<std::optional<JobRow>> load_item(Database& database, std::int64_t item) {
  static const std::string kSql = std::string{kSelect} + "q.item = ?1";
  HF_TRY(auto found, database.query(kSql, item));
  return first_job(std::move(found));
}

Result<std::optional<JobRow>> load_key(Database& database, const std::string& owner,
                                       const std::string& job_key) {
  static const std::string kSql =
      std::string{kSelect} + "q.owner = ?1 AND q.job_key = ?2 AND q.job_key <> ''";
  HF_TRY(auto found, database.query(kSql, owner, job_key));
  return first_job(std::move(found));
}

Result<std::optional<std::int64_t>> item_of(Database& database, const ItemId& id) {
  return database.integer("SELECT item FROM queue_items WHERE id = ?1", stored(id));
}

Result<std::int64_t> insert(Database& database, const Job& job) {
  HF_TRY(const std::int64_t plan, plan_of(database, job.stages));
  HF_TRY_VOID(database.run(R"sql(
INSERT INTO queue_items(id, owner, job_key, recipe, status, priority, bulkhead, ready_at, held_for,
  created_at, plan, fence, version, cancel_requested, retry_count, stage, progress, duration_ms,
  mode, updated_at)
VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, 0, 0, 0, 0, x'', 0, '', 0))sql",
                           stored(job.id), job.owner, job.job_key, job.recipe, std::to_underlying(job.status),
                           job.priority, bulkhead_of(job), to_ms(job.ready_at), job.held_for,
                           to_ms(job.created_at), plan));
  const std::int64_t item = database.last_rowid();
  HF_TRY_VOID(update_progress(database, item, plan, job));
  HF_TRY_VOID(insert_input(database, item, job));
  HF_TRY_VOID(count_in(database, job));
  return item;
}

Result<void> replace(Database& database, const JobRow& before, const Job& after) {
  std::int64_t plan = before.plan;
  if (!same_plan(before.job.stages, after.stages)) {
    HF_TRY(plan, plan_of(database, after.stages));
  }
  HF_TRY_VOID(update_progress(database, before.item, plan, after));
  if (!same_retention(before.job, after)) HF_TRY_VOID(update_retention(database, before.item, after));
  if (!same_place(before.job, after)) HF_TRY_VOID(update_place(database, before.item, before.job, after));
  if (!same_input(before.job, after)) HF_TRY_VOID(insert_input(database, before.item, after));
  if (before.job.job_key == after.job_key) return {};
  return database.run("UPDATE queue_items SET job_key = ?2 WHERE item = ?1", before.item, after.job_key);
}

Result<void> erase(Database& database, const JobRow& row) {
  HF_TRY_VOID(database.run("DELETE FROM inputs WHERE item = ?1", row.item));
  HF_TRY_VOID(database.run("DELETE FROM queue_items WHERE item = ?1", row.item));
  return count_out(database, row.job);
}

Result<std::vector<Job>> list_jobs(Database& database, const Query& query) {
  HF_TRY(const std::int64_t before, list_start(database, query.before));
  HF_TRY(auto found, database.query(list_sql_for(query), before, query.limit));
  if (query.owner) found.bind(3, *query.owner);
  if (query.status) found.bind(4, std::to_underlying(*query.status));
  if (query.recipe) found.bind(5, *query.recipe);
  std::vector<Job> jobs;
  while (true) {
    HF_TRY(const bool row, found.step());
    if (!row) return jobs;
    HF_TRY(JobRow read, read_job(found));
    jobs.push_back(std::move(read.job));
  }
}

Result<std::vector<std::int64_t>> due_items(Database& database, const std::string& bulkhead, WallTime now,
                                            unsigned count_max) {
  std::vector<std::int64_t> items;
  const auto take = [&](std::int64_t priority) -> Result<bool> {
    HF_TRY(auto found,
           database.query(kDueOfPriority, bulkhead, priority, to_ms(now), count_max - items.size()));
    while (true) {
      HF_TRY(const bool row, found.step());
      if (!row) return items.size() < count_max;
      items.push_back(found.integer(0));
    }
  };
  if (count_max > 0) HF_TRY_VOID(each_priority(database, bulkhead, take));
  return items;
}

Result<std::optional<WallTime>> first_due(Database& database, const std::string& bulkhead) {
  std::optional<WallTime> earliest;
  const auto look = [&](std::int64_t priority) -> Result<bool> {
    HF_TRY(const auto ready_at, database.integer(kFirstOfPriority, bulkhead, priority));
    if (ready_at && (!earliest || from_ms(*ready_at) < *earliest)) earliest = from_ms(*ready_at);
    return true;
  };
  HF_TRY_VOID(each_priority(database, bulkhead, look));
  return earliest;
}

Result<std::vector<QueueCount>> count_jobs(Database& database) {
  HF_TRY(auto found, database.query("SELECT bulkhead, status, jobs FROM queue_counts WHERE jobs <> 0"));
  std::vector<QueueCount> counts;
  while (true) {
    HF_TRY(const bool row, found.step());
    if (!row) return counts;
    counts.push_back(
        {.bulkhead = found.text(0), .status = found.as<JobStatus>(1), .jobs = found.as<std::uint64_t>(2)});
  }
}

Result<std::set<std::string>> active_owners(Database& database) {
  HF_TRY(auto found, database.query("SELECT DISTINCT owner FROM queue_items WHERE status IN (0, 1)"));
  std::set<std::string> owners;
  while (true) {
    HF_TRY(const bool row, found.step());
    if (!row) return owners;
    owners.insert(found.text(0));
  }
}

Result<std::vector<ItemId>> processing_ids(Database& database) {
  HF_TRY(auto found, database.query("SELECT id FROM queue_items WHERE status = 1 ORDER BY item"));
  return read_ids(std::move(found));
}

Result<std::vector<ItemId>> pending_after(Database& database, WallTime now) {
  HF_TRY(auto found,
         database.query(
             "SELECT id FROM queue_items INDEXED BY items_changed WHERE status = 0 AND updated_at > ?1 "
             "ORDER BY updated_at",
             to_ms(now)));
  return read_ids(std::move(found));
}

Result<std::vector<ItemId>> held_ids(Database& database, const std::string& dependency) {
  HF_TRY(auto found,
         database.query("SELECT id FROM queue_items WHERE held_for = ?1 AND held_for <> '' ORDER BY item",
                        dependency));
  return read_ids(std::move(found));
}

}  // namespace holdfast::sqlite
