#include "adapters/sqlite/schema.hpp"

#include <array>
#include <string>

namespace holdfast::sqlite {
namespace {

/// Marks the file as ours: "HfJS".
constexpr std::int64_t kApplicationId = 0x48'66'4a'53;

/// Integers for words: status 0 pending, 1 processing, 2 completed, 3 failed, 4 cancelled; error_class as
/// ErrorClass. Times are milliseconds since 1970. `bulkhead` is that of the current stage, empty when the job
/// is over. The row that changes with every step of a job is kept apart from what was handed in once
/// (`inputs`) and from what all jobs of a recipe share (`plans`), so that a step rewrites about a hundred
/// bytes.
constexpr const char* kFirst = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES('instance', lower(hex(randomblob(16))));

CREATE TABLE plans(plan INTEGER PRIMARY KEY, stages BLOB NOT NULL UNIQUE);

CREATE TABLE queue_items(
  item INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  owner TEXT NOT NULL,
  job_key TEXT NOT NULL,
  recipe TEXT NOT NULL,
  status INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  bulkhead TEXT NOT NULL,
  ready_at INTEGER NOT NULL,
  held_for TEXT NOT NULL,
  fence INTEGER NOT NULL,
  version INTEGER NOT NULL,
  lease_node TEXT,
  lease_until INTEGER,
  cancel_requested INTEGER NOT NULL,
  retry_count INTEGER NOT NULL,
  stage INTEGER NOT NULL,
  plan INTEGER NOT NULL REFERENCES plans(plan),
  progress BLOB NOT NULL,
  duration_ms INTEGER NOT NULL,
  mode TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  messages BLOB,
  error_class INTEGER,
  error_code TEXT,
  error_message TEXT);
CREATE UNIQUE INDEX items_by_key ON queue_items(owner, job_key) WHERE job_key <> '';
CREATE INDEX items_by_owner ON queue_items(owner);
CREATE INDEX items_by_status ON queue_items(status);
CREATE INDEX items_due ON queue_items(bulkhead, priority, ready_at) WHERE status = 0 AND held_for = '';
CREATE INDEX items_changed ON queue_items(updated_at) WHERE status = 0;
CREATE INDEX items_held ON queue_items(held_for) WHERE held_for <> '';

CREATE TABLE inputs(
  item INTEGER PRIMARY KEY REFERENCES queue_items(item),
  fingerprint BLOB NOT NULL,
  requested_mode TEXT NOT NULL,
  name TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 BLOB NOT NULL,
  media_type TEXT NOT NULL,
  blob BLOB NOT NULL,
  payload TEXT NOT NULL);

CREATE TABLE queue_counts(
  bulkhead TEXT NOT NULL, status INTEGER NOT NULL, jobs INTEGER NOT NULL,
  PRIMARY KEY(bulkhead, status)) WITHOUT ROWID;

CREATE TABLE audit(
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  item INTEGER NOT NULL REFERENCES queue_items(item),
  at INTEGER NOT NULL,
  type NOT NULL,
  stage TEXT,
  attempt INTEGER NOT NULL,
  fence INTEGER NOT NULL,
  detail TEXT,
  status INTEGER NOT NULL);
CREATE INDEX audit_by_item ON audit(item);
CREATE TABLE outbox(seq INTEGER PRIMARY KEY REFERENCES audit(seq));

CREATE TABLE transcript_segments(
  item INTEGER NOT NULL REFERENCES queue_items(item),
  number INTEGER NOT NULL,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  confidence REAL NOT NULL,
  text TEXT NOT NULL,
  words BLOB,
  PRIMARY KEY(item, number)) WITHOUT ROWID;

CREATE TABLE results(
  item INTEGER NOT NULL REFERENCES queue_items(item),
  stage TEXT NOT NULL, name TEXT NOT NULL, json TEXT NOT NULL,
  PRIMARY KEY(item, stage, name)) WITHOUT ROWID;

CREATE TABLE users(
  name TEXT PRIMARY KEY, superuser INTEGER NOT NULL, password_hash TEXT NOT NULL, created_at INTEGER NOT NULL
) WITHOUT ROWID;
)sql";

/// Parts of a recording that no text could be made of, stored with the checkpoint that passed them.
constexpr const char* kGaps = R"sql(
CREATE TABLE transcript_gaps(
  item INTEGER NOT NULL REFERENCES queue_items(item),
  number INTEGER NOT NULL,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  cause TEXT NOT NULL,
  PRIMARY KEY(item, number)) WITHOUT ROWID;
)sql";

/// What the server has learned or was told while it ran (ports/state_store.hpp).
constexpr const char* kStates = R"sql(
CREATE TABLE states(name TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;
)sql";

/// Why an operator gave a dead letter up. Filled in for those only: no other change of a job writes it.
constexpr const char* kDiscarded = R"sql(
ALTER TABLE queue_items ADD COLUMN discarded TEXT;
)sql";

/// Who may use the server. `kind` of an invitation: 0 set-up, 1 user, 2 password. Of tokens and links there are only
/// hashes. `outcome` of an act of management is empty until it has ended.
constexpr const char* kAccounts = R"sql(
ALTER TABLE users ADD COLUMN active INTEGER NOT NULL DEFAULT 1;
ALTER TABLE users ADD COLUMN version INTEGER NOT NULL DEFAULT 1;

CREATE TABLE refresh_tokens(
  hash TEXT PRIMARY KEY,
  family TEXT NOT NULL,
  user TEXT NOT NULL REFERENCES users(name),
  user_version INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  family_ends_at INTEGER NOT NULL,
  used INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX refresh_tokens_by_family ON refresh_tokens(family);
CREATE INDEX refresh_tokens_by_user ON refresh_tokens(user);
CREATE INDEX refresh_tokens_by_end ON refresh_tokens(expires_at);

CREATE TABLE api_tokens(
  id TEXT PRIMARY KEY,
  user TEXT NOT NULL REFERENCES users(name),
  label TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  last_used_at INTEGER) WITHOUT ROWID;
CREATE INDEX api_tokens_by_user ON api_tokens(user);

CREATE TABLE invitations(
  id TEXT PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  kind INTEGER NOT NULL,
  name TEXT NOT NULL,
  superuser INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  UNIQUE(kind, name)) WITHOUT ROWID;

CREATE TABLE attempts(
  subject TEXT PRIMARY KEY, failures INTEGER NOT NULL, last_at INTEGER NOT NULL, blocked_until INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX attempts_by_age ON attempts(last_at);

CREATE TABLE management_audit(
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  operation TEXT NOT NULL,
  subject BLOB,
  outcome TEXT NOT NULL,
  request_id TEXT NOT NULL);
)sql";

/// How long what is kept (ports/retention_store.hpp). `kept`: what is still there of an item, bits of
/// core/retention. A trail outlives its item: it moves from `audit` to `past_events`. An undelivered event may be in
/// either of them, so that the outbox, of which there is never much, refers to none.
constexpr const char* kRetention = R"sql(
ALTER TABLE queue_items ADD COLUMN over_at INTEGER;
ALTER TABLE queue_items ADD COLUMN file_expired_at INTEGER;
ALTER TABLE queue_items ADD COLUMN results_expired_at INTEGER;
ALTER TABLE queue_items ADD COLUMN kept INTEGER NOT NULL DEFAULT 3;
UPDATE queue_items SET over_at = updated_at, kept = iif(discarded IS NULL, 3, 0) WHERE status IN (2, 3, 4);
CREATE INDEX items_over ON queue_items(recipe, status, kept, over_at) WHERE over_at IS NOT NULL;

CREATE TABLE removed_items(
  removed INTEGER PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL UNIQUE,
  owner TEXT NOT NULL,
  recipe TEXT NOT NULL,
  over_at INTEGER NOT NULL,
  removed_at INTEGER NOT NULL);
CREATE INDEX removed_by_end ON removed_items(over_at);
CREATE TABLE past_events(
  seq INTEGER PRIMARY KEY,
  removed INTEGER NOT NULL REFERENCES removed_items(removed),
  at INTEGER NOT NULL,
  type NOT NULL,
  stage TEXT,
  attempt INTEGER NOT NULL,
  fence INTEGER NOT NULL,
  detail TEXT,
  status INTEGER NOT NULL);
CREATE INDEX past_events_by_item ON past_events(removed);

CREATE TABLE undelivered(seq INTEGER PRIMARY KEY);
INSERT INTO undelivered SELECT seq FROM outbox;
DROP TABLE outbox;
ALTER TABLE undelivered RENAME TO outbox;
)sql";

/// Memory sessions and what was taken out of their transcripts (ports/session_store.hpp). Both go with their item.
/// What an item tells of a session (status, length) is not repeated here. `user`: whose item it is; `owner`: who is to
/// do it, as it was said. `kind`: 0 memory, 1 action. `segments`: numbers of transcript_segments, ascending, with
/// commas between.
constexpr const char* kMemories = R"sql(
CREATE TABLE memory_sessions(
  item INTEGER PRIMARY KEY REFERENCES queue_items(item) ON DELETE CASCADE,
  owner TEXT NOT NULL,
  started_at INTEGER NOT NULL);
CREATE INDEX sessions_by_time ON memory_sessions(owner, started_at);

CREATE TABLE memory_extractions(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  item INTEGER NOT NULL REFERENCES queue_items(item) ON DELETE CASCADE,
  user TEXT NOT NULL,
  stage TEXT NOT NULL,
  kind INTEGER NOT NULL,
  text TEXT NOT NULL,
  segments TEXT NOT NULL,
  confidence REAL NOT NULL,
  owner TEXT NOT NULL,
  due TEXT NOT NULL);
CREATE INDEX extractions_by_item ON memory_extractions(item, kind);
CREATE INDEX extractions_by_user ON memory_extractions(user, kind, id);
)sql";

/// Vectors of what results say (ports/vector_store.hpp). They go with their item, and with the results of its stage.
/// `vector`: 16-bit floats, the lower byte first. `owner`: whose item it is.
constexpr const char* kVectors = R"sql(
CREATE TABLE vectors(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  item INTEGER NOT NULL REFERENCES queue_items(item) ON DELETE CASCADE,
  owner TEXT NOT NULL,
  stage TEXT NOT NULL,
  space TEXT NOT NULL,
  subject TEXT NOT NULL,
  model TEXT NOT NULL,
  text_sha256 TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  vector BLOB NOT NULL);
CREATE UNIQUE INDEX vectors_by_item ON vectors(item, stage, space, subject);
CREATE INDEX vectors_by_owner ON vectors(space, owner);
)sql";

/// What memories are found by, and what is known of a session beyond its time: `utc_offset_min` of the place, null
/// where nobody said; `sha256` of its file, to know a recording that was sent twice. `people` and `places`: names, with
/// ends of lines between.
///
/// Two indexes of words hold what was taken out and what was said in memory sessions, without the texts themselves.
/// They are changed by triggers, so that no way of writing these rows can miss them; and what is taken out of them is
/// gone at once ('secure-delete'), not only marked. A segment's number there is that of its item times 2^24, plus its
/// own.
constexpr const char* kMemorySearch = R"sql(
ALTER TABLE memory_sessions ADD COLUMN utc_offset_min INTEGER;
ALTER TABLE memory_sessions ADD COLUMN sha256 BLOB NOT NULL DEFAULT x'';
UPDATE memory_sessions SET sha256 = (SELECT i.sha256 FROM inputs i WHERE i.item = memory_sessions.item);
CREATE INDEX sessions_by_file ON memory_sessions(owner, sha256, item);
ALTER TABLE memory_extractions ADD COLUMN people TEXT NOT NULL DEFAULT '';
ALTER TABLE memory_extractions ADD COLUMN places TEXT NOT NULL DEFAULT '';

CREATE VIRTUAL TABLE extraction_words USING fts5(
  text, owner, due, content='', tokenize='porter unicode61 remove_diacritics 2');
INSERT INTO extraction_words(extraction_words, rank) VALUES('secure-delete', 1);
INSERT INTO extraction_words(rowid, text, owner, due) SELECT id, text, owner, due FROM memory_extractions;
CREATE TRIGGER extraction_put AFTER INSERT ON memory_extractions BEGIN
  INSERT INTO extraction_words(rowid, text, owner, due) VALUES(new.id, new.text, new.owner, new.due);
END;
CREATE TRIGGER extraction_gone AFTER DELETE ON memory_extractions BEGIN
  INSERT INTO extraction_words(extraction_words, rowid, text, owner, due)
  VALUES('delete', old.id, old.text, old.owner, old.due);
END;

CREATE VIRTUAL TABLE segment_words USING fts5(
  text, content='', tokenize='porter unicode61 remove_diacritics 2');
INSERT INTO segment_words(segment_words, rank) VALUES('secure-delete', 1);
INSERT INTO segment_words(rowid, text) SELECT item * 16777216 + number, text FROM transcript_segments
  WHERE item IN (SELECT item FROM memory_sessions);
CREATE TRIGGER segment_put AFTER INSERT ON transcript_segments
WHEN EXISTS(SELECT 1 FROM memory_sessions WHERE item = new.item) BEGIN
  INSERT INTO segment_words(rowid, text) VALUES(new.item * 16777216 + new.number, new.text);
END;
CREATE TRIGGER segment_gone AFTER DELETE ON transcript_segments
WHEN EXISTS(SELECT 1 FROM memory_sessions WHERE item = old.item) BEGIN
  INSERT INTO segment_words(segment_words, rowid, text)
  VALUES('delete', old.item * 16777216 + old.number, old.text);
END;
)sql";

constexpr std::array kSteps{kFirst,    kGaps,      kStates,   kDiscarded,   kAccounts,
                            kRetention, kMemories, kVectors, kMemorySearch};

std::unexpected<Error> not_ours(const std::string& why) {
  return fail(ErrorClass::invalid, "HF-CFG-01", why);
}

/// A file of somebody else's must not get our tables.
Result<void> claim_file(Database& database) {
  HF_TRY(const auto id, database.integer("PRAGMA application_id"));
  if (id == kApplicationId) return {};
  HF_TRY(const auto tables, database.integer("SELECT count(*) FROM sqlite_schema"));
  if (id != 0 || tables != 0) return not_ours("this SQLite file is not a job store");
  return database.script(("PRAGMA application_id=" + std::to_string(kApplicationId)).c_str());
}

/// Which step the tables are at. Errors: invalid HF-CFG-01 (one that this program does not know).
Result<std::size_t> version_of(Database& database, std::span<const char* const> steps) {
  HF_TRY(const auto version, database.integer("PRAGMA user_version"));
  if (*version >= 0 && *version <= static_cast<std::int64_t>(steps.size()))
    return static_cast<std::size_t>(*version);
  return not_ours("the job store was made by a newer version: its tables are version " +
                  std::to_string(*version) + ", this program knows " + std::to_string(steps.size()));
}

/// In a transaction that has begun: another process may have made the step while we waited for it.
Result<void> one_step(Database& database, std::span<const char* const> steps) {
  HF_TRY_VOID(claim_file(database));
  HF_TRY(const std::size_t at, version_of(database, steps));
  if (at == steps.size()) return {};
  HF_TRY_VOID(database.script(steps[at]));
  return database.script(("PRAGMA user_version=" + std::to_string(at + 1)).c_str());
}

Result<void> in_transaction(Database& database, std::span<const char* const> steps) {
  HF_TRY_VOID(database.script("BEGIN IMMEDIATE"));
  if (const auto done = one_step(database, steps); !done) {
    if (database.in_transaction()) HF_TRY_VOID(database.script("ROLLBACK"));
    return done;
  }
  return database.script("COMMIT");
}

}  // namespace

std::span<const char* const> migrations() { return kSteps; }

Result<void> require_newest(Database& database, std::span<const char* const> steps) {
  HF_TRY(const std::size_t version, version_of(database, steps));
  if (version == steps.size()) return {};
  return not_ours("the tables of this file are version " + std::to_string(version) +
                  "; start the server once");
}

Result<void> migrate(Database& database, std::span<const char* const> steps) {
  while (true) {
    HF_TRY(const std::size_t version, version_of(database, steps));
    if (version == steps.size()) return {};
    HF_TRY_VOID(in_transaction(database, steps));
  }
}

}  // namespace holdfast::sqlite
