#include "adapters/sqlite/check.hpp"

#include <array>
#include <limits>
#include <utility>

#include "adapters/sqlite/job_rows.hpp"
#include "core/job/legal.hpp"

namespace holdfast::sqlite {
namespace {

using Complaints = std::vector<std::string>;

/// A query that finds nothing in a sound store. Its rows are one text each.
struct Rule {
  const char* what;
  const char* sql;
};

constexpr std::array kRules{
    Rule{"damaged page", "PRAGMA quick_check(20)"},
    Rule{"row without the row it belongs to",
         "SELECT \"table\" || ' ' || coalesce(rowid, '') FROM pragma_foreign_key_check LIMIT 20"},
    Rule{"outbox event that is not in the log",
         "SELECT seq FROM outbox WHERE seq NOT IN (SELECT seq FROM audit UNION ALL SELECT seq FROM past_events) "
         "LIMIT 20"},
    Rule{"event number that may be given again",
         "SELECT seq FROM (SELECT max(seq) AS seq FROM audit UNION ALL SELECT max(seq) FROM past_events) "
         "WHERE seq > coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'audit'), 0)"},
    Rule{"removed item that is still there",
         "SELECT r.removed FROM removed_items r WHERE EXISTS(SELECT 1 FROM queue_items q WHERE q.id = r.id) OR "
         "EXISTS(SELECT 1 FROM past_events p JOIN audit a ON a.seq = p.seq WHERE p.removed = r.removed) LIMIT 20"},
    Rule{"removed item without the end of its trail",
         "SELECT removed FROM removed_items r WHERE NOT EXISTS(SELECT 1 FROM past_events p WHERE p.removed = r.removed "
         "AND p.type = 17) LIMIT 20"},  // job.removed in the table of trail_rows.cpp
    Rule{"item whose retention cannot be",
         "SELECT item FROM queue_items WHERE (over_at IS NULL) <> (status IN (0, 1)) OR kept <> "
         "(discarded IS NULL AND file_expired_at IS NULL) + 2 * (discarded IS NULL AND results_expired_at IS NULL) "
         "LIMIT 20"},
    Rule{"item without what was handed in",
         "SELECT item FROM queue_items WHERE item NOT IN (SELECT item FROM inputs) LIMIT 20"},
    Rule{"item without a trail",
         "SELECT item FROM queue_items WHERE item NOT IN (SELECT item FROM audit) LIMIT 20"},
    Rule{"count that is not the number of items", R"sql(
SELECT bulkhead || ' ' || status FROM (
  SELECT bulkhead, status, jobs FROM queue_counts WHERE jobs <> 0 UNION ALL
  SELECT bulkhead, status, -count(*) FROM queue_items GROUP BY bulkhead, status)
GROUP BY bulkhead, status HAVING sum(jobs) <> 0 LIMIT 20)sql"},
    Rule{"gap between the segments of an item",
         "SELECT item FROM transcript_segments GROUP BY item HAVING max(number) + 1 <> count(*) OR "
         "min(number) <> 0"},
    Rule{"missing number among the gaps of an item",
         "SELECT item FROM transcript_gaps GROUP BY item HAVING max(number) + 1 <> count(*) OR "
         "min(number) <> 0"},
    Rule{"extraction of a result that is not there",
         "SELECT id FROM memory_extractions e WHERE NOT EXISTS (SELECT 1 FROM results r WHERE r.item = e.item AND "
         "r.stage = e.stage) LIMIT 20"},
    Rule{"memory session of somebody else than its item",
         "SELECT s.item FROM memory_sessions s JOIN queue_items q USING(item) WHERE s.owner <> q.owner LIMIT 20"},
    Rule{"extraction of somebody else than its item",
         "SELECT e.id FROM memory_extractions e JOIN queue_items q USING(item) WHERE e.user <> q.owner LIMIT 20"},
    Rule{"text that is not found by its words",
         "SELECT 'extraction ' || id FROM memory_extractions WHERE id NOT IN (SELECT rowid FROM extraction_words) "
         "UNION ALL SELECT 'segment ' || t.number || ' of ' || t.item FROM transcript_segments t JOIN memory_sessions "
         "USING(item) WHERE t.item * 16777216 + t.number NOT IN (SELECT rowid FROM segment_words) LIMIT 20"},
    Rule{"words of a text that is not there",
         "SELECT 'extraction ' || rowid FROM extraction_words WHERE rowid NOT IN (SELECT id FROM memory_extractions) "
         "UNION ALL SELECT 'segment ' || rowid FROM segment_words WHERE rowid NOT IN (SELECT t.item * 16777216 + "
         "t.number FROM transcript_segments t JOIN memory_sessions USING(item)) LIMIT 20"},
    Rule{"vector of a result that is not there",
         "SELECT id FROM vectors v WHERE NOT EXISTS (SELECT 1 FROM results r WHERE r.item = v.item AND "
         "r.stage = v.stage) LIMIT 20"},
    Rule{"vector of somebody else than its item",
         "SELECT v.id FROM vectors v JOIN queue_items q USING(item) WHERE v.owner <> q.owner LIMIT 20"},
    Rule{
        "version or fence that cannot be",
        "SELECT item FROM queue_items WHERE version < 0 OR fence < 0 OR status NOT BETWEEN 0 AND 4 LIMIT 20"},
};

Result<void> ask(Database& database, const Rule& rule, Complaints& said) {
  HF_TRY(auto found, database.query(rule.sql));
  while (said.size() < kComplaintsMax) {
    HF_TRY(const bool row, found.step());
    if (!row) break;
    const std::string text = found.text(0);
    if (text != "ok")
      said.push_back(std::string{rule.what} + ": " + text);  // a PRAGMA says that, the others nothing
  }
  return {};
}

/// Reads every item as a request would.
Result<void> read_items(Database& database, Complaints& said) {
  HF_TRY(auto items, database.query("SELECT item FROM queue_items"));
  while (said.size() < kComplaintsMax) {
    HF_TRY(const bool more, items.step());
    if (!more) break;
    const std::string name = "item " + std::to_string(items.integer(0)) + ": ";
    const auto row = load_item(database, items.integer(0));
    if (!row) said.push_back(name + row.error().what());
    if (row && *row && !is_sound((*row)->job)) said.push_back(name + "its state cannot be");
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> complaints(Database& database) {
  Complaints said;
  for (const Rule& rule : kRules) {
    if (const auto asked = ask(database, rule, said); !asked) {
      said.push_back(std::string{rule.what} + " cannot be looked for: " + asked.error().what());
    }
  }
  if (const auto asked = read_items(database, said); !asked) said.push_back(asked.error().what());
  return said;
}

}  // namespace holdfast::sqlite
