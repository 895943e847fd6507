#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/job/decide.hpp"
#include "ports/job_store.hpp"

/// Jobs to try a store with, and jobs written out as text, so that a difference can be read.
namespace holdfast::contract {

inline constexpr WallTime kStart{milliseconds{1'770'000'000'000}};
/// What the store's calendar shows at the begin of a test.
inline constexpr WallTime kNow = kStart + milliseconds{1000};
inline constexpr milliseconds kLeaseFor{30'000};

/// Bytes that a store must neither cut nor change: a NUL, broken UTF-8, quotes, a surrogate, a line end.
inline const std::string& hostile_text() {
  using namespace std::string_literals;
  static const std::string kText = "a\0b '\" -- \xff\xfe \xed\xa0\x80 \xc3\xa9 \r\n;"s;
  return kText;
}

/// The n-th item id in order of creation.
inline ItemId item_id(unsigned n) {
  const std::string digits = std::to_string(n);
  return ItemId{"itm_" + std::string(26 - digits.size(), '0') + digits};
}

/// The n-th job: due at once, with the stages upload (over), stt and rating.
inline Job sample_job(unsigned n) {
  Job job{
      .id = item_id(n), .job_key = "key-" + std::to_string(n), .fingerprint = "print-" + std::to_string(n)};
  job.owner = "ada";
  job.recipe = "introductions";
  job.version = 1;
  job.created_at = job.updated_at = kStart + milliseconds{n};
  job.ready_at = kStart;
  job.stages = {{.name = "upload", .kind = "receive", .title = "Uploading", .state = StageState::completed},
                {.name = "stt", .kind = "transcribe", .title = "Transcribing", .bulkhead = "engine"},
                {.name = "rating", .kind = "generate", .title = "Rating", .bulkhead = "llm"}};
  job.stage = 1;
  return job;
}

inline Transition created(Job job) {
  Transition change{.after = std::move(job)};
  change.audit.push_back({.type = "job.created", .detail = "by test"});
  return change;
}

inline Transition created(unsigned n) { return created(sample_job(n)); }

/// A change of the job that touches nothing but what every change touches.
inline Transition next_version(const Job& job) {
  Transition change{.after = job};
  change.after.version += 1;
  return change;
}

inline ClaimRequest claim_request(std::string bulkhead = "engine", unsigned count_max = 1) {
  return {.bulkhead = std::move(bulkhead),
          .count_max = count_max,
          .node = NodeId{"node-a"},
          .lease_for = kLeaseFor};
}

inline decide::StageOutcome outcome(std::string result_json) {
  decide::StageOutcome made{.output = "{\"words\":3}"};
  made.publish.push_back({.name = "transcript", .json = std::move(result_json)});
  return made;
}

inline Decide succeeding(std::string result_json = "{}") {
  return
      [result_json](const Job& job, WallTime now) { return decide::succeed(job, outcome(result_json), now); };
}

inline Decide giving_back() {
  return [](const Job& job, WallTime now) { return decide::give_back(job, now); };
}

inline Decide failing(ErrorClass cls, std::string code) {
  return [cls, code](const Job& job, WallTime now) {
    return decide::fail(job, Failure{cls, code, "as the test wants it"}, false, RetryPolicy{}, 0, now);
  };
}

inline Segment sample_segment(int n) {
  Segment segment{.start_ms = n * 1000, .end_ms = n * 1000 + 900, .text = "segment " + std::to_string(n)};
  segment.confidence = 0.1 * n;
  segment.words = {
      {.start_ms = n * 1000, .end_ms = n * 1000 + 400, .text = "segment", .probability = 1.0 / 3},
      {.start_ms = n * 1000 + 400, .end_ms = n * 1000 + 900, .text = hostile_text()}};
  return segment;
}

inline std::vector<Segment> sample_segments(int from, int to) {
  std::vector<Segment> made;
  for (int n = from; n < to; ++n) made.push_back(sample_segment(n));
  return made;
}

inline std::vector<Gap> sample_gaps(int from, int to) {
  std::vector<Gap> made;
  for (int n = from; n < to; ++n)
    made.push_back({.start_ms = n * 1000 + 900, .end_ms = n * 1000 + 1000, .cause = hostile_text()});
  return made;
}

/// After the first `from` seconds, those up to `to`: a segment and a gap in each.
inline Checkpoint sample_checkpoint(int from, int to) {
  return {.first_segment = static_cast<std::size_t>(from),
          .segments = sample_segments(from, to),
          .first_gap = static_cast<std::size_t>(from),
          .gaps = sample_gaps(from, to),
          .position_ms = to * 1000};
}

inline void put(std::ostream& out, WallTime time) { out << time.time_since_epoch().count(); }
inline void put(std::ostream& out, const std::optional<WallTime>& time) {
  if (time) put(out, *time);
}

inline void put(std::ostream& out, const StageRecord& stage) {
  out << "\n stage " << stage.name << '|' << stage.kind << '|' << stage.title << '|' << stage.bulkhead << '|'
      << to_word(stage.state) << " attempts " << stage.attempts << " interruptions " << stage.interruptions
      << " crashes " << stage.crashes << " at " << stage.position_ms << " crash " << stage.crash_position_ms
      << " from ";
  put(out, stage.started_at);
  out << " to ";
  put(out, stage.finished_at);
  for (const std::string& warning : stage.warnings) out << " warning " << warning;
  if (const auto& fallback = stage.fallback) {
    out << " fallback " << fallback->strategy << ' ' << fallback->cause << ' ' << fallback->reliability << ' '
        << fallback->answered << ' ' << fallback->similarity.value_or(-1) << ' '
        << (fallback->made_at ? fallback->made_at->time_since_epoch().count() : -1) << ' ' << fallback->redo;
  }
  out << " redos " << stage.redos << (stage.with_less ? " with less" : "");
  for (const auto& gap : stage.fill) out << " fill " << gap.start_ms << ".." << gap.end_ms;
  out << " output " << stage.output;
}

inline void put_progress(std::ostream& out, const Job& job) {
  out << "\n " << to_word(job.status) << " priority " << job.priority << " ready ";
  put(out, job.ready_at);
  out << " held " << job.held_for << " fence " << job.fence << " version " << job.version << " cancel "
      << job.cancel_requested << " retries " << job.retry_count << " stage " << job.stage << " updated ";
  put(out, job.updated_at);
  if (job.lease) {
    out << " lease " << job.lease->node.text() << ' ' << job.lease->fence << ' ';
    put(out, job.lease->until);
  }
  if (job.error)
    out << " error " << int(job.error->cls) << ' ' << job.error->code << ' ' << job.error->message;
}

/// Every field of a job; two jobs are equal exactly when this is.
inline std::string text_of(const Job& job) {
  std::ostringstream out;
  const Input& input = job.input;
  out << job.id.text() << " key " << job.job_key << " print " << job.fingerprint << " owner " << job.owner
      << " recipe " << job.recipe << " mode " << job.requested_mode << " -> " << job.mode << " duration "
      << job.duration_ms << " created ";
  put(out, job.created_at);
  out << "\n input " << input.name << '|' << input.bytes << '|' << input.sha256 << '|' << input.media_type
      << '|' << input.blob.text() << '|' << input.payload;
  put_progress(out, job);
  for (const StageRecord& stage : job.stages) put(out, stage);
  for (const std::string& message : job.messages) out << "\n message " << message;
  if (!job.discarded.empty()) out << "\n discarded " << job.discarded;
  out << "\n over ";
  put(out, job.over_at);
  out << " file expired ";
  put(out, job.file_expired_at);
  out << " results expired ";
  put(out, job.results_expired_at);
  return out.str();
}

inline std::string text_of(const std::optional<Job>& job) { return job ? text_of(*job) : "no job"; }

inline std::string text_of(const std::vector<Segment>& segments) {
  std::ostringstream out;
  out.precision(17);
  for (const Segment& segment : segments) {
    out << segment.start_ms << ".." << segment.end_ms << ' ' << segment.text << ' ' << segment.confidence
        << '\n';
    for (const Word& word : segment.words) {
      out << "  " << word.start_ms << ".." << word.end_ms << ' ' << word.text << ' ' << word.probability
          << '\n';
    }
  }
  return out.str();
}

inline std::string text_of(const std::vector<Gap>& gaps) {
  std::string out;
  for (const Gap& gap : gaps)
    out += std::to_string(gap.start_ms) + ".." + std::to_string(gap.end_ms) + " without " + gap.cause + "\n";
  return out;
}

inline std::string text_of(const std::vector<StoredResult>& results) {
  std::string out;
  for (const StoredResult& result : results)
    out += result.stage + "/" + result.name + "=" + result.json + "\n";
  return out;
}

inline std::string text_of(const std::vector<StoredEvent>& events) {
  std::ostringstream out;
  for (const StoredEvent& event : events) {
    const AuditEntry& entry = event.entry;
    out << event.item.text() << ' ' << event.owner << ' ';
    put(out, event.at);
    out << ' ' << entry.type << ' ' << entry.stage << ' ' << entry.attempt << ' ' << entry.fence << ' '
        << entry.detail << ' ' << to_word(event.status) << '\n';
  }
  return out.str();
}

inline std::vector<std::string> types_of(const std::vector<StoredEvent>& events) {
  std::vector<std::string> types;
  for (const StoredEvent& event : events) types.push_back(event.entry.type);
  return types;
}

inline std::vector<std::uint64_t> seqs_of(const std::vector<StoredEvent>& events) {
  std::vector<std::uint64_t> seqs;
  for (const StoredEvent& event : events) seqs.push_back(event.seq);
  return seqs;
}

inline std::vector<ItemId> ids_of(const std::vector<Job>& jobs) {
  std::vector<ItemId> ids;
  for (const Job& job : jobs) ids.push_back(job.id);
  return ids;
}

}  // namespace holdfast::contract
