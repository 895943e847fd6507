#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/job/job.hpp"
#include "core/memory/extraction.hpp"
#include "ports/task.hpp"

namespace holdfast {

/// One recording whose memories and action items are kept. What the item itself tells (status, length) is the item's.
struct MemorySession {
  ItemId item;
  std::string job_key;
  std::string owner;
  JobStatus status = JobStatus::pending;
  WallTime started_at{};          ///< when it was recorded, as the sender says; else when it was sent
  std::int64_t duration_ms = -1;  ///< -1: not known yet
  std::string first_words;        ///< of the transcript: the first segment with words; empty: none yet
  std::uint64_t memories = 0;
  std::uint64_t actions = 0;
};

/// Where a page of sessions ends: the next one begins after it.
struct SessionMark {
  WallTime started_at{};
  ItemId item;
};

struct SessionQuery {
  std::string owner;
  std::optional<SessionMark> after;  ///< nothing: from the newest
  unsigned limit = 50;
};

struct ExtractionQuery {
  std::string owner;
  ExtractionKind kind = ExtractionKind::action;
  std::uint64_t before = 0;  ///< continue after the one of this id; 0: from the newest
  unsigned limit = 50;
};

/// An extraction with the item it comes from.
struct OwnedExtraction {
  ItemId item;
  StoredExtraction stored;
  std::int64_t start_ms = -1;  ///< of the first of its segments; -1: it names none
};

/// Port: memory sessions and what was taken out of them. Only reads: both are written by JobStore, a session with its
/// job, extractions with the result that they are, in the same transactions, and they go with the item. Errors of all
/// methods: as JobStore.
class SessionStore {
 public:
  virtual ~SessionStore() = default;
  /// The newest recording first; of those of one moment, the newest item.
  virtual Task<Result<std::vector<MemorySession>>> sessions(SessionQuery query) = 0;
  /// Nothing: there is no such item, or it is no session.
  virtual Task<Result<std::optional<MemorySession>>> session(ItemId item) = 0;
  /// Of all items of an owner, the one stored last first.
  virtual Task<Result<std::vector<OwnedExtraction>>> extractions(ExtractionQuery query) = 0;
};

}  // namespace holdfast
