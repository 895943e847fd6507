#include "adapters/sqlite/search_rows.hpp"

#include <algorithm>
#include <utility>

#include "adapters/sqlite/job_rows.hpp"
#include "adapters/sqlite/memory_rows.hpp"

namespace holdfast::sqlite {
namespace {

const std::string kOwned{kOwnedExtractions};
const std::string kOnce{kNotRepeated};

/// The words first, then the rows that they are of: the index is asked once, whatever the rows are.
const std::string kFindExtractions =
    "WITH found(id, place) AS MATERIALIZED "
    "(SELECT rowid, rank FROM extraction_words WHERE extraction_words MATCH ?1) " +
    kOwned + "CROSS JOIN found f ON f.id = e.id WHERE e.user = ?2 AND " + kOnce +
    "ORDER BY f.place, e.id DESC LIMIT ?3";
constexpr const char* kFindSegments = R"sql(
WITH found(id, place) AS MATERIALIZED (SELECT rowid, rank FROM segment_words WHERE segment_words MATCH ?1)
SELECT q.id, t.number, t.text, t.start_ms
FROM found f CROSS JOIN memory_sessions s ON s.item = f.id >> 24
CROSS JOIN transcript_segments t ON t.item = s.item AND t.number = f.id & 16777215
CROSS JOIN queue_items q ON q.item = s.item
WHERE s.owner = ?2 AND (length(s.sha256) = 0 OR NOT EXISTS(
  SELECT 1 FROM memory_sessions o CROSS JOIN queue_items p ON p.item = o.item
  WHERE o.owner = s.owner AND o.sha256 = s.sha256 AND o.item > s.item AND p.status = 2 AND EXISTS(
    SELECT 1 FROM transcript_segments x WHERE x.item = o.item)))
ORDER BY f.place, f.id DESC LIMIT ?3)sql";
const std::string kExtractionOfOwner = kOwned + "WHERE e.id = ?1 AND e.user = ?2 AND " + kOnce;
constexpr const char* kWithoutVector = R"sql(
SELECT q.id, e.stage, e.id, e.text FROM memory_extractions e CROSS JOIN queue_items q ON q.item = e.item
WHERE e.id > ?2 AND NOT EXISTS(
  SELECT 1 FROM vectors v WHERE v.item = e.item AND v.stage = e.stage AND v.space = ?4 AND
  v.subject = CAST(e.id AS TEXT) AND (?1 = '' OR v.model = ?1))
ORDER BY e.id LIMIT ?3)sql";

unsigned limited(unsigned limit) { return std::min(limit, SessionStore::kFoundMax); }

}  // namespace

std::string match_of(const std::vector<std::string>& words) {
  std::string match;
  for (const std::string& word : words) {
    std::string text;
    for (const char letter : word) {
      text += static_cast<unsigned char>(letter) < 0x20U ? ' ' : letter;
      if (letter == '"') text += '"';
    }
    if (text.find_first_not_of(' ') != std::string::npos) match += (match.empty() ? "\"" : " OR \"") + text + "\"";
  }
  return match;
}

Result<FoundTexts> find_texts(Database& database, const TextQuery& query) {
  FoundTexts texts;
  const std::string match = match_of(query.words);
  if (match.empty()) return texts;
  HF_TRY(auto extractions, database.query(kFindExtractions, match, query.owner, limited(query.limit)));
  while (true) {
    HF_TRY(const bool row, extractions.step());
    if (!row) break;
    HF_TRY(OwnedExtraction one, read_owned(database, extractions));
    texts.extractions.push_back(std::move(one));
  }
  HF_TRY(auto segments, database.query(kFindSegments, match, query.owner, limited(query.limit)));
  while (true) {
    HF_TRY(const bool row, segments.step());
    if (!row) return texts;
    texts.segments.push_back({.item = read_id(segments, 0),
                              .segment = segments.as<std::size_t>(1),
                              .text = segments.text(2),
                              .start_ms = segments.integer(3)});
  }
}

Result<std::vector<OwnedExtraction>> load_extractions(Database& database, const std::string& owner,
                                                      const std::vector<std::uint64_t>& ids) {
  std::vector<OwnedExtraction> all;
  for (std::size_t at = 0; at < ids.size() && at < SessionStore::kFoundMax; ++at) {
    HF_TRY(auto found, database.query(kExtractionOfOwner, ids[at], owner));
    HF_TRY(const bool row, found.step());
    if (!row) continue;
    HF_TRY(OwnedExtraction one, read_owned(database, found));
    all.push_back(std::move(one));
  }
  return all;
}

Result<std::vector<Unembedded>> without_vector(Database& database, const UnembeddedQuery& query) {
  HF_TRY(auto found, database.query(kWithoutVector, query.model, query.after, query.limit, kMemorySpace));
  std::vector<Unembedded> all;
  while (true) {
    HF_TRY(const bool row, found.step());
    if (!row) return all;
    all.push_back({.item = read_id(found, 0),
                   .stage = found.text(1),
                   .id = found.as<std::uint64_t>(2),
                   .text = found.text(3)});
  }
}

}  // namespace holdfast::sqlite
