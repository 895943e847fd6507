#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/id.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/speech/region.hpp"

namespace holdfast {

/// Enumerators are the very words of the store, the API and the page.
enum class JobStatus : std::uint8_t { pending, processing, completed, failed, cancelled };
enum class StageState : std::uint8_t { pending, processing, completed, failed };

/// Fencing token: grows with every lease of the same job. Source: Kleppmann, "How to do distributed locking".
using Fence = std::uint64_t;

/// Why a stage, and with it perhaps its job, could not go on. `code` is listed in core/catalogue.
struct Failure {
  ErrorClass cls = ErrorClass::transient;
  std::string code;
  std::string message;
};

/// That a stage's result was not found in the stage's own way, but by a step of its fallback chain.
struct Fallback {
  std::string strategy;     ///< "rules"
  std::string cause;        ///< code of what its own way failed of, "HF-LLM-01"
  std::string reliability;  ///< "high", "medium", "low"
  std::optional<double> similarity;  ///< 0..1, where the answer to another request was taken
  std::string answered;              ///< that request
  std::optional<WallTime> made_at;   ///< where the answer is an earlier one: when that was
  bool redo = false;                 ///< the stage is to be done in its own way when what it needs is back
  bool operator==(const Fallback&) const = default;
};

/// The strategy of what was done in the stage's own way, but by a worker with less: a smaller model.
inline constexpr std::string_view kSmallerModel = "smaller";

/// What a job remembers of one stage of its pipeline.
struct StageRecord {
  std::string name;      ///< the recipe's word: "stt"
  std::string kind;      ///< what is done: "transcribe"
  std::string title;     ///< the word for people: "Transcribing"
  std::string bulkhead;  ///< which concurrency pool it waits for: "engine"
  StageState state = StageState::pending;
  unsigned attempts = 0;                ///< attempts started that count against attempts_max
  unsigned interruptions = 0;           ///< in a row without progress; counted apart from attempts
  unsigned crashes = 0;                 ///< worker deaths in a row at `crash_position_ms`
  std::int64_t position_ms = 0;         ///< checkpoint: media time that is done and stored
  std::int64_t crash_position_ms = -1;  ///< where the worker died last; -1: never
  std::optional<WallTime> started_at;
  std::optional<WallTime> finished_at;
  std::vector<std::string> warnings;
  std::string output;  ///< JSON text, small: what later stages need of this one; while it works, what it needs itself
  std::optional<Fallback> fallback;  ///< of a completed stage; nothing: it was done in its own way
  unsigned redos = 0;                ///< how often it was done again for that
  std::vector<speech::Region> fill;  ///< gaps of its transcript that are heard again, and nothing else; empty: none are
  bool with_less = false;  ///< some of what is kept of it was made by a worker with less than is configured
};

/// What a completed job is held for that is to be done again in its full way.
inline constexpr std::string_view kHeldForRedo = "HF-RDO-01";
/// A stage is not done again more often by itself.
inline constexpr unsigned kRedosMax = 3;

/// What was handed in. Bytes live in the blob store; a job without a file has an empty `blob` and its text in
/// `payload`, where one with a file may have what was asked of the work on it, as JSON.
struct Input {
  std::string name;  ///< as the sender called it; data, never a path
  std::uint64_t bytes = 0;
  std::string sha256;      ///< 64 hexadecimal digits
  std::string media_type;  ///< as sniffed by us: "video/mp4"
  BlobId blob;
  std::string payload;
};

/// The right to work on a job until `until`. `fence` is checked by every write that claims to come from the
/// holder.
struct Lease {
  NodeId node;
  Fence fence = 0;
  WallTime until{};
};

/// One accepted piece of work and everything that decides what happens to it next. A value: copying it is a
/// snapshot.
struct Job {
  ItemId id;
  std::string job_key;  ///< idempotency key (`job_id` outside), unique for an owner; empty: it was given up
  std::string
      fingerprint;  ///< hash of what was asked under job_key: the same key with another one is refused
  std::string owner;
  std::string recipe;
  JobStatus status = JobStatus::pending;
  int priority = 5;  ///< 0 first .. 9 last
  WallTime ready_at{};
  std::string held_for;  ///< dependency that this job waits for; of a completed one kHeldForRedo; empty: none
  Fence fence = 0;       ///< of the newest lease ever given
  std::optional<Lease> lease;
  std::uint64_t version = 0;  ///< grows with every change
  bool cancel_requested = false;
  unsigned retry_count = 0;
  Input input;
  std::vector<StageRecord> stages;
  std::size_t stage = 0;  ///< index of the current stage; stages.size() when completed
  std::optional<Failure> error;
  std::vector<std::string> messages;  ///< sentences for the owner, oldest first
  std::string requested_mode;
  std::string mode;
  WallTime created_at{};
  WallTime updated_at{};
  std::int64_t duration_ms = -1;  ///< of the recording; -1: not known yet
  std::string discarded;          ///< why an operator gave a dead letter up; empty: nobody did
  std::optional<WallTime> over_at;             ///< when the work ended; nothing: it is not over
  std::optional<WallTime> file_expired_at;     ///< when retention took what was handed in, of which `input` still tells
  std::optional<WallTime> results_expired_at;  ///< when retention took what had been made of it
};

[[nodiscard]] inline bool is_terminal(JobStatus status) {
  return status == JobStatus::completed || status == JobStatus::failed || status == JobStatus::cancelled;
}

/// Whether what was handed in is to be there. A file of which nobody needs it may still lie there: it can go.
[[nodiscard]] inline bool keeps_file(const Job& job) { return job.discarded.empty() && !job.file_expired_at; }
/// Whether what was made of it, as far as there is something, is to be there.
[[nodiscard]] inline bool keeps_results(const Job& job) { return job.discarded.empty() && !job.results_expired_at; }

/// Whether a run from this stage on needs what was handed in: sound for the first stages, and the text itself where
/// it was a text.
[[nodiscard]] inline bool needs_file_from(const Job& job, std::size_t start) {
  for (std::size_t i = start; i < job.stages.size(); ++i) {
    if (job.input.blob.empty() || job.stages[i].kind != "generate") return true;
  }
  return false;
}

/// Whether a run from this stage on needs what earlier stages made.
[[nodiscard]] inline bool needs_results_from(const Job& job, std::size_t start) {
  std::size_t first_maker = 1;  // behind the upload, and what only prepares
  while (first_maker < job.stages.size() && job.stages[first_maker].kind == "convert") ++first_maker;
  return start > first_maker;
}

[[nodiscard]] inline const StageRecord* current_stage(const Job& job) {
  return job.stage < job.stages.size() ? &job.stages[job.stage] : nullptr;
}

/// The stage whose gaps are heard again while the rest of the job stands as it was completed; nullptr: none.
[[nodiscard]] inline const StageRecord* filling_stage(const Job& job) {
  const auto found = std::ranges::find_if(job.stages, [](const StageRecord& stage) { return !stage.fill.empty(); });
  return found == job.stages.end() ? nullptr : &*found;
}

/// Whether its result is not what its own way gives. The same answer as before is.
[[nodiscard]] inline bool is_lesser(const StageRecord& stage) {
  return stage.fallback && stage.fallback->strategy != "exact";
}

/// The first stage that is to be done again in its own way; stages.size(): none.
[[nodiscard]] inline std::size_t redo_start(const Job& job) {
  const auto wanted = [](const StageRecord& stage) {
    return stage.fallback && stage.fallback->redo && stage.redos < kRedosMax;
  };
  return static_cast<std::size_t>(std::ranges::find_if(job.stages, wanted) - job.stages.begin());
}

[[nodiscard]] std::string_view to_word(JobStatus status);
[[nodiscard]] std::string_view to_word(StageState state);
[[nodiscard]] std::optional<JobStatus> job_status_from(std::string_view word);
[[nodiscard]] std::optional<StageState> stage_state_from(std::string_view word);

}  // namespace holdfast
