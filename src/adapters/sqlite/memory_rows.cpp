#include "adapters/sqlite/memory_rows.hpp"

#include <charconv>
#include <limits>
#include <utility>

#include "adapters/sqlite/job_rows.hpp"

namespace holdfast::sqlite {
namespace {

std::string encode_numbers(const std::vector<std::size_t>& numbers) {
  std::string text;
  for (const std::size_t number : numbers) text += (text.empty() ? "" : ",") + std::to_string(number);
  return text;
}

/// Errors: corrupt HF-STO-03.
Result<std::vector<std::size_t>> decode_numbers(std::string_view text) {
  std::vector<std::size_t> numbers;
  while (!text.empty()) {
    std::size_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const bool sound = problem == std::errc{} && (text.empty() || (text.front() == ',' && text.size() > 1));
    if (!sound) return fail(ErrorClass::corrupt, "HF-STO-03", "the segments of an extraction cannot be read");
    if (!text.empty()) text.remove_prefix(1);
    numbers.push_back(number);
  }
  return numbers;
}

/// Columns in the order in which `read_extraction` takes them, then the item and where it begins. Of "3,4" the CAST
/// takes the 3: the first segment.
const std::string kExtractions =
    "SELECT e.id, e.stage, e.kind, e.text, e.segments, e.confidence, e.owner, e.due, q.id, "
    "(SELECT start_ms FROM transcript_segments t WHERE e.segments <> '' AND t.item = e.item AND "
    "t.number = CAST(e.segments AS INTEGER)) "
    "FROM memory_extractions e CROSS JOIN queue_items q ON q.item = e.item ";
const std::string kExtractionsOfItem = kExtractions + "WHERE e.item = ?1 ORDER BY e.id";
const std::string kExtractionsOfUser =
    kExtractions + "WHERE e.user = ?1 AND e.kind = ?2 AND e.id < ?3 ORDER BY e.id DESC LIMIT ?4";

Result<StoredExtraction> read_extraction(const Statement& row) {
  StoredExtraction stored{.id = row.as<std::uint64_t>(0), .stage = row.text(1)};
  stored.made = {.kind = row.as<ExtractionKind>(2),
                 .text = row.text(3),
                 .confidence = row.real(5),
                 .owner = row.text(6),
                 .due = row.text(7)};
  HF_TRY(stored.made.segments, decode_numbers(row.view(4)));
  return stored;
}

/// Columns in the order in which `read_session` takes them.
const std::string kSessions =
    "SELECT q.id, q.job_key, q.owner, q.status, s.started_at, q.duration_ms, "
    "(SELECT text FROM transcript_segments t WHERE t.item = s.item AND t.text <> '' ORDER BY number LIMIT 1), "
    "(SELECT count(*) FROM memory_extractions e WHERE e.item = s.item AND e.kind = 0), "
    "(SELECT count(*) FROM memory_extractions e WHERE e.item = s.item AND e.kind = 1) "
    "FROM memory_sessions s CROSS JOIN queue_items q ON q.item = s.item ";
const std::string kSessionsOfUser =
    kSessions + "WHERE s.owner = ?1 AND (s.started_at < ?2 OR (s.started_at = ?2 AND q.id < ?3)) "
                "ORDER BY s.started_at DESC, q.id DESC LIMIT ?4";
const std::string kSessionOfItem = kSessions + "WHERE s.item = ?1";

MemorySession read_session(const Statement& row) {
  return {.item = read_id(row, 0),
          .job_key = row.text(1),
          .owner = row.text(2),
          .status = row.as<JobStatus>(3),
          .started_at = from_ms(row.integer(4)),
          .duration_ms = row.integer(5),
          .first_words = row.text(6),
          .memories = row.as<std::uint64_t>(7),
          .actions = row.as<std::uint64_t>(8)};
}

}  // namespace

Result<void> put_session(Database& database, std::int64_t item, const std::string& owner, WallTime started_at) {
  return database.run("INSERT INTO memory_sessions VALUES(?1, ?2, ?3)", item, owner, to_ms(started_at));
}

Result<void> drop_extractions(Database& database, std::int64_t item, const std::string& stage) {
  return database.run("DELETE FROM memory_extractions WHERE item = ?1 AND stage = ?2", item, stage);
}

Result<void> put_extractions(Database& database, std::int64_t item, const std::string& user,
                             const NamedResult& result) {
  HF_TRY_VOID(drop_extractions(database, item, result.stage));
  for (const Extraction& made : result.extractions) {
    HF_TRY_VOID(database.run(
        "INSERT INTO memory_extractions(item, user, stage, kind, text, segments, confidence, owner, due) "
        "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        item, user, result.stage, std::to_underlying(made.kind), made.text, encode_numbers(made.segments),
        made.confidence, made.owner, made.due));
  }
  return {};
}

Result<std::vector<StoredExtraction>> extractions_of(Database& database, std::int64_t item) {
  HF_TRY(auto found, database.query(kExtractionsOfItem, item));
  std::vector<StoredExtraction> all;
  while (true) {
    HF_TRY(const bool row, found.step());
    if (!row) return all;
    HF_TRY(StoredExtraction one, read_extraction(found));
    all.push_back(std::move(one));
  }
}

Result<std::vector<MemorySession>> list_sessions(Database& database, const SessionQuery& query) {
  const std::int64_t at = query.after ? to_ms(query.after->started_at) : std::numeric_limits<std::int64_t>::max();
  const ItemId last = query.after ? query.after->item : ItemId{};
  HF_TRY(auto found, database.query(kSessionsOfUser, query.owner, at, stored(last), query.limit));
  std::vector<MemorySession> sessions;
  while (true) {
    HF_TRY(const bool row, found.step());
    if (!row) return sessions;
    sessions.push_back(read_session(found));
  }
}

Result<std::optional<MemorySession>> load_session(Database& database, const ItemId& id) {
  HF_TRY(const auto item, item_of(database, id));
  if (!item) return std::nullopt;
  HF_TRY(auto found, database.query(kSessionOfItem, *item));
  HF_TRY(const bool row, found.step());
  return row ? std::optional{read_session(found)} : std::nullopt;
}

Result<std::vector<OwnedExtraction>> list_extractions(Database& database, const ExtractionQuery& query) {
  const std::int64_t before =
      query.before == 0 ? std::numeric_limits<std::int64_t>::max() : static_cast<std::int64_t>(query.before);
  HF_TRY(auto found,
         database.query(kExtractionsOfUser, query.owner, std::to_underlying(query.kind), before, query.limit));
  std::vector<OwnedExtraction> all;
  while (true) {
    HF_TRY(const bool row, found.step());
    if (!row) return all;
    HF_TRY(StoredExtraction one, read_extraction(found));
    const std::int64_t start_ms = found.is_null(9) ? -1 : found.integer(9);
    all.push_back({.item = read_id(found, 8), .stored = std::move(one), .start_ms = start_ms});
  }
}

}  // namespace holdfast::sqlite
