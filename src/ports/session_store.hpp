#pragma once

#include <optional>
#include <string>
#include <string_view>
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
  std::optional<std::chrono::minutes> offset{};  ///< of the place where, from UTC, as the sender says
  std::int64_t duration_ms = -1;  ///< -1: not known yet
  std::string first_words;        ///< of the transcript: the first segment with words; empty: none yet
  std::uint64_t memories = 0;
  std::uint64_t actions = 0;
  std::vector<ItemId> same_recording{};  ///< other sessions of this owner with the same file, oldest first
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
  RecordedAt recorded{};       ///< of its session
  std::vector<ItemId> also_in{};  ///< sessions with the same file whose own are not listed for that reason
};

/// What is looked for in a transcript and in what was taken out of it.
struct TextQuery {
  std::string owner;
  std::vector<std::string> words;  ///< of core/memory/search_words.hpp: any bytes, each of which stands for itself
  unsigned limit = 50;             ///< of each of both lists, at most kFoundMax
};

/// A stretch of a transcript.
struct SaidText {
  ItemId item;
  std::size_t segment = 0;
  std::string text;
  std::int64_t start_ms = -1;
};

/// What holds at least one of the words, best first: what holds more of them, and rarer ones.
struct FoundTexts {
  std::vector<OwnedExtraction> extractions;
  std::vector<SaidText> segments;
};

struct UnembeddedQuery {
  std::string model;        ///< whose vector is missing; empty: there is none of any
  std::uint64_t after = 0;  ///< continue after the one of this id
  unsigned limit = 50;
};

/// An extraction that has no vector yet.
struct Unembedded {
  ItemId item;
  std::string stage;
  std::uint64_t id = 0;
  std::string text;
};

/// Vectors of extractions are in this space, each with the extraction's id as its subject.
inline constexpr std::string_view kMemorySpace = "memory";

/// Port: memory sessions and what was taken out of them. Only reads: both are written by JobStore, a session with its
/// job, extractions with the result that they are, in the same transactions, and they go with the item; so does what
/// they are found by. Errors of all methods: as JobStore.
///
/// A recording that was sent twice is two sessions, but what is in it is told once: lists and searches over all
/// sessions leave out what comes from a session of which there is a newer one with the same file, of the same owner,
/// that has extractions of the same kind as well.
class SessionStore {
 public:
  virtual ~SessionStore() = default;
  /// The newest recording first; of those of one moment, the newest item.
  virtual Task<Result<std::vector<MemorySession>>> sessions(SessionQuery query) = 0;
  /// Nothing: there is no such item, or it is no session.
  virtual Task<Result<std::optional<MemorySession>>> session(ItemId item) = 0;
  /// Of all items of an owner, the one stored last first.
  virtual Task<Result<std::vector<OwnedExtraction>>> extractions(ExtractionQuery query) = 0;
  /// Those of these ids that there still are of this owner, in this order; at most kFoundMax ids are looked for.
  virtual Task<Result<std::vector<OwnedExtraction>>> extractions_of(std::string owner,
                                                                    std::vector<std::uint64_t> ids) = 0;
  /// What an owner's sessions hold of these words: what was taken out of them, and what was said. Segments of a session
  /// with a newer one of the same file are left out, if that has segments.
  virtual Task<Result<FoundTexts>> find(TextQuery query) = 0;
  /// Of all owners, by id.
  virtual Task<Result<std::vector<Unembedded>>> without_vector(UnembeddedQuery query) = 0;

  static constexpr unsigned kFoundMax = 200;
};

}  // namespace holdfast
