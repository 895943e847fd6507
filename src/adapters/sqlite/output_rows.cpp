#include "adapters/sqlite/output_rows.hpp"

#include <utility>

#include "adapters/sqlite/codec.hpp"
#include "adapters/sqlite/job_rows.hpp"
#include "adapters/sqlite/memory_rows.hpp"
#include "adapters/sqlite/vector_rows.hpp"

namespace holdfast::sqlite {
namespace {

/// How a numbered list of an item is cut off at a number.
struct Cut {
  const char* remove;
  const char* look_at;
};
constexpr Cut kSegmentRows{"DELETE FROM transcript_segments WHERE item = ?1 AND number >= ?2",
                           "SELECT 1 FROM transcript_segments WHERE item = ?1 AND number = ?2"};
constexpr Cut kGapRows{"DELETE FROM transcript_gaps WHERE item = ?1 AND number >= ?2",
                       "SELECT 1 FROM transcript_gaps WHERE item = ?1 AND number = ?2"};

/// Takes everything from number `first` on away. Errors: conflict HF-ITM-03 (something before it is missing).
Result<void> cut_off(Database& database, const Cut& list, std::int64_t item, std::size_t first) {
  HF_TRY_VOID(database.run(list.remove, item, first));
  if (first == 0) return {};
  HF_TRY(const auto before, database.integer(list.look_at, item, first - 1));
  if (!before) return fail(ErrorClass::conflict, "HF-ITM-03", "parts of the transcript before these are missing");
  return {};
}

Result<void> put_segment(Database& database, std::int64_t item, std::size_t number, const Segment& segment) {
  const std::string words = encode_words(segment.words, segment.start_ms);
  const auto stored_words = words.empty() ? std::nullopt : std::optional{Blob{words}};
  return database.run("INSERT INTO transcript_segments VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)", item, number,
                      segment.start_ms, segment.end_ms, segment.confidence, segment.text, stored_words);
}

Result<Segment> read_segment(const Statement& row) {
  Segment segment{
      .start_ms = row.integer(0), .end_ms = row.integer(1), .text = row.text(3), .confidence = row.real(2)};
  HF_TRY(segment.words, decode_words(row.view(4), segment.start_ms));
  return segment;
}

}  // namespace

Result<void> put_segments(Database& database, std::int64_t item, std::size_t first,
                          const std::vector<Segment>& segments) {
  HF_TRY_VOID(cut_off(database, kSegmentRows, item, first));
  std::size_t number = first;
  for (const Segment& segment : segments) HF_TRY_VOID(put_segment(database, item, number++, segment));
  return {};
}

Result<std::vector<Segment>> segments_of(Database& database, std::int64_t item) {
  HF_TRY(auto found,
         database.query("SELECT start_ms, end_ms, confidence, text, words FROM transcript_segments "
                        "WHERE item = ?1 ORDER BY number",
                        item));
  std::vector<Segment> segments;
  while (true) {
    HF_TRY(const bool row, found.step());
    if (!row) return segments;
    HF_TRY(Segment segment, read_segment(found));
    segments.push_back(std::move(segment));
  }
}

Result<void> put_gaps(Database& database, std::int64_t item, std::size_t first, const std::vector<Gap>& gaps) {
  HF_TRY_VOID(cut_off(database, kGapRows, item, first));
  std::size_t number = first;
  for (const Gap& gap : gaps) {
    HF_TRY_VOID(database.run("INSERT INTO transcript_gaps VALUES(?1, ?2, ?3, ?4, ?5)", item, number++,
                             gap.start_ms, gap.end_ms, gap.cause));
  }
  return {};
}

Result<std::vector<Gap>> gaps_of(Database& database, std::int64_t item) {
  HF_TRY(auto found,
         database.query("SELECT start_ms, end_ms, cause FROM transcript_gaps WHERE item = ?1 ORDER BY number",
                        item));
  std::vector<Gap> gaps;
  while (true) {
    HF_TRY(const bool row, found.step());
    if (!row) return gaps;
    gaps.push_back({.start_ms = found.integer(0), .end_ms = found.integer(1), .cause = found.text(2)});
  }
}

Result<void> put_results(Database& database, std::int64_t item, const Transition& change) {
  if (change.drop_segments) {
    HF_TRY_VOID(put_segments(database, item, 0, change.segments));
    HF_TRY_VOID(put_gaps(database, item, 0, change.gaps));
  }
  for (const std::string& stage : change.drop_results_of) {
    HF_TRY_VOID(database.run("DELETE FROM results WHERE item = ?1 AND stage = ?2", item, stage));
    HF_TRY_VOID(drop_extractions(database, item, stage));
    HF_TRY_VOID(drop_vectors(database, item, stage));
  }
  for (const NamedResult& result : change.publish) {
    HF_TRY_VOID(database.run("INSERT OR REPLACE INTO results VALUES(?1, ?2, ?3, ?4)", item, result.stage,
                             result.name, result.json));
    HF_TRY_VOID(put_extractions(database, item, change.after.owner, result));
    HF_TRY_VOID(drop_vectors(database, item, result.stage));
  }
  return {};
}

Result<std::vector<StoredResult>> results_of(Database& database, std::int64_t item) {
  HF_TRY(auto found,
         database.query("SELECT stage, name, json FROM results WHERE item = ?1 ORDER BY stage, name", item));
  std::vector<StoredResult> results;
  while (true) {
    HF_TRY(const bool row, found.step());
    if (!row) return results;
    results.push_back({.stage = found.text(0), .name = found.text(1), .json = found.text(2)});
  }
}

}  // namespace holdfast::sqlite
