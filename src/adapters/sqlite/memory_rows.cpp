#include "adapters/sqlite/memory_rows.hpp"

#include <algorithm>
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

std::string encode_names(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : "\n") + name;
  return text;
}

std::vector<std::string> decode_names(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    names.emplace_back(text.substr(0, text.find('\n')));
    text.remove_prefix(std::min(names.back().size() + 1, text.size()));
  }
  return names;
}

constexpr const char* kExtractionsOfItem =
    "SELECT id, stage, kind, text, segments, confidence, owner, due, people, places FROM memory_extractions "
    "WHERE item = ?1 ORDER BY id";
const std::string kExtractionsOfUser = std::string{kOwnedExtractions} +
                                       "WHERE e.user = ?1 AND e.kind = ?2 AND e.id < ?3 AND " +
                                       std::string{kNotRepeated} + "ORDER BY e.id DESC LIMIT ?4";

Result<StoredExtraction> read_extraction(const Statement& row) {
  StoredExtraction stored{.id = row.as<std::uint64_t>(0), .stage = row.text(1)};
  stored.made = {.kind = row.as<ExtractionKind>(2),
                 .text = row.text(3),
                 .confidence = row.real(5),
                 .owner = row.text(6),
                 .due = row.text(7),
                 .people = decode_names(row.view(8)),
                 .places = decode_names(row.view(9))};
  HF_TRY(stored.made.segments, decode_numbers(row.view(4)));
  return stored;
}

std::optional<std::chrono::minutes> read_offset(const Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return std::chrono::minutes{row.integer(column)};
}

constexpr const char* kSameRecording =
    "SELECT q.id FROM memory_sessions s CROSS JOIN memory_sessions o ON o.owner = s.owner AND o.sha256 = s.sha256 "
    "AND o.item <> s.item CROSS JOIN queue_items q ON q.item = o.item "
    "WHERE s.item = ?1 AND length(s.sha256) > 0 ORDER BY o.item LIMIT 20";

/// Other sessions with the same file, of the same owner, the oldest first.
Result<std::vector<ItemId>> same_recording(Database& database, std::int64_t item) {
  HF_TRY(auto found, database.query(kSameRecording, item));
  std::vector<ItemId> others;
  while (true) {
    HF_TRY(const bool row, found.step());
    if (!row) return others;
    others.push_back(read_id(found, 0));
  }
}

/// Columns in the order in which `read_session` takes them.
const std::string kSessions =
    "SELECT q.id, q.job_key, q.owner, q.status, s.started_at, q.duration_ms, "
    "(SELECT text FROM transcript_segments t WHERE t.item = s.item AND t.text <> '' ORDER BY number LIMIT 1), "
    "(SELECT count(*) FROM memory_extractions e WHERE e.item = s.item AND e.kind = 0), "
    "(SELECT count(*) FROM memory_extractions e WHERE e.item = s.item AND e.kind = 1), "
    "s.utc_offset_min, s.item "
    "FROM memory_sessions s CROSS JOIN queue_items q ON q.item = s.item ";
const std::string kSessionsOfUser =
    kSessions + "WHERE s.owner = ?1 AND (s.started_at < ?2 OR (s.started_at = ?2 AND q.id < ?3)) "
                "ORDER BY s.started_at DESC, q.id DESC LIMIT ?4";
const std::string kSessionOfItem = kSessions + "WHERE s.item = ?1";

Result<MemorySession> read_session(Database& database, const Statement& row) {
  HF_TRY(auto others, same_recording(database, row.integer(10)));
  return MemorySession{.item = read_id(row, 0),
                       .job_key = row.text(1),
                       .owner = row.text(2),
                       .status = row.as<JobStatus>(3),
                       .started_at = from_ms(row.integer(4)),
                       .offset = read_offset(row, 9),
                       .duration_ms = row.integer(5),
                       .first_words = row.text(6),
                       .memories = row.as<std::uint64_t>(7),
                       .actions = row.as<std::uint64_t>(8),
                       .same_recording = std::move(others)};
}

}  // namespace

Result<void> put_session(Database& database, std::int64_t item, const Transition& created) {
  std::optional<std::int64_t> offset;
  if (created.session_offset) offset = created.session_offset->count();
  return database.run(
      "INSERT INTO memory_sessions(item, owner, started_at, utc_offset_min, sha256) "
      "SELECT item, ?2, ?3, ?4, sha256 FROM inputs WHERE item = ?1",
      item, created.after.owner, to_ms(*created.session_at), offset);
}

Result<std::optional<RecordedAt>> recorded_at(Database& database, std::int64_t item) {
  HF_TRY(auto found, database.query("SELECT started_at, utc_offset_min FROM memory_sessions WHERE item = ?1", item));
  HF_TRY(const bool row, found.step());
  if (!row) return std::optional<RecordedAt>{};
  return std::optional{RecordedAt{.at = from_ms(found.integer(0)), .offset = read_offset(found, 1)}};
}

Result<OwnedExtraction> read_owned(Database& database, const Statement& row) {
  HF_TRY(StoredExtraction stored, read_extraction(row));
  HF_TRY(auto others, same_recording(database, row.integer(14)));
  return OwnedExtraction{.item = read_id(row, 10),
                         .stored = std::move(stored),
                         .start_ms = row.is_null(11) ? -1 : row.integer(11),
                         .recorded = {.at = from_ms(row.integer(12)), .offset = read_offset(row, 13)},
                         .also_in = std::move(others)};
}

Result<void> drop_extractions(Database& database, std::int64_t item, const std::string& stage) {
  return database.run("DELETE FROM memory_extractions WHERE item = ?1 AND stage = ?2", item, stage);
}

Result<void> put_extractions(Database& database, std::int64_t item, const std::string& user,
                             const NamedResult& result) {
  HF_TRY_VOID(drop_extractions(database, item, result.stage));
  for (const Extraction& made : result.extractions) {
    HF_TRY_VOID(database.run(
        "INSERT INTO memory_extractions(item, user, stage, kind, text, segments, confidence, owner, due, people, "
        "places) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        item, user, result.stage, std::to_underlying(made.kind), made.text, encode_numbers(made.segments),
        made.confidence, made.owner, made.due, encode_names(made.people), encode_names(made.places)));
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
    HF_TRY(MemorySession one, read_session(database, found));
    sessions.push_back(std::move(one));
  }
}

Result<std::optional<MemorySession>> load_session(Database& database, const ItemId& id) {
  HF_TRY(const auto item, item_of(database, id));
  if (!item) return std::nullopt;
  HF_TRY(auto found, database.query(kSessionOfItem, *item));
  HF_TRY(const bool row, found.step());
  if (!row) return std::optional<MemorySession>{};
  HF_TRY(MemorySession session, read_session(database, found));
  return std::optional{std::move(session)};
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
    HF_TRY(OwnedExtraction one, read_owned(database, found));
    all.push_back(std::move(one));
  }
}

}  // namespace holdfast::sqlite
