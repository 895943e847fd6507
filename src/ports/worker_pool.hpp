#pragma once

#include <limits>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "core/base/id.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/health/latencies.hpp"
#include "core/job/job.hpp"
#include "core/transcript/segment.hpp"
#include "ports/blob_store.hpp"
#include "ports/task.hpp"

namespace holdfast {

/// The kinds of worker. The words are those of `holdfast status`.
enum class WorkerKind : std::uint8_t { media, speech, language, embedding };
[[nodiscard]] std::string_view to_word(WorkerKind kind);

/// What a worker is asked to do. `body` is JSON whose fields the stage kind and the worker agree on
/// (docs/worker-protocol.md).
struct WorkRequest {
  WorkerKind worker = WorkerKind::media;
  ItemId item;
  Fence fence = 0;
  std::string role;  ///< language: which of the configured models is asked; empty: the one for everything
  std::string body;
  BlobId input;                       ///< shown to the worker as its only readable file; empty: none
  milliseconds time_max{3'600'000};   ///< the whole work, from when a worker has taken it
  milliseconds silence_max{120'000};  ///< without any event: then the worker is called hung and killed
  bool repeats = false;               ///< an earlier attempt at the same work has failed
  double share_from = 0;              ///< which part of its stage this is: from here,
  double share_to = 1;                ///< to here, 0..1
};

struct Progress {
  double fraction = 0;  ///< 0..1 of the request
};
/// A finished piece of a transcription: everything up to `position_ms` of the recording is in these or
/// earlier segments and gaps.
struct SegmentsDone {
  std::vector<Segment> segments;
  std::vector<Gap> gaps;
  std::int64_t position_ms = 0;
  std::string warning;  ///< about these segments, for their owner; empty: none
  bool with_less = false;  ///< the worker that made them runs a smaller model than configured
};
struct Finished {
  std::string body;   ///< JSON
  BlobInfo artifact;  ///< durable file that the work made; empty id: none
  bool with_less = false;  ///< as of SegmentsDone
};
using WorkEvent = std::variant<Progress, SegmentsDone, Finished>;

/// A worker's death, as opposed to a worker's answer that it failed: codes kWorkerDied and kWorkerHung.
inline constexpr std::string_view kWorkerDied = "HF-ENG-01";
inline constexpr std::string_view kWorkerHung = "HF-ENG-03";
/// It ran out of memory: class resource. The worker comes back with less, where there is less.
inline constexpr std::string_view kOutOfMemory = "HF-ENG-04";

/// One piece of work under way. Destroying it stops the worker's work on it (kill, where asking does not
/// help).
class WorkRun {
 public:
  virtual ~WorkRun() = default;
  /// The next event; the last one is Finished. Errors end the run: transient kWorkerDied, kWorkerHung;
  /// permanent (the worker refused the input: its code); dependency (model or tool missing); resource
  /// HF-ENG-04; canceled.
  virtual Task<Result<WorkEvent>> next() = 0;
  /// What was made of the answer, after Finished: nullptr, it could be used; else why it could not. For those
  /// who watch how a service does; called at most once.
  virtual void judge(const Error* /*unusable*/) {}
};

struct WorkerStatus {
  WorkerKind kind = WorkerKind::media;
  int pid = 0;
  std::string state;  ///< starting, idle, busy, checking (it is found out whether it works), stopped
  ItemId item;
  std::string runs{};       ///< "whisper-base-q8_0"; empty: nobody can say
  unsigned smaller = 0;     ///< steps below what is configured, because memory was short
  Latencies inferences{};   ///< how long the answers took that were asked for to know that it works
};

/// Port: crash-isolated child processes (or an endpoint that stands in for one).
class WorkerPool {
 public:
  virtual ~WorkerPool() = default;
  /// Errors: dependency (the program, tool or model it needs is away), transient HF-ENG-07 (could not be
  /// started).
  virtual Task<Result<std::unique_ptr<WorkRun>>> start(WorkRequest request) = 0;
  /// Is what this worker needs there now? Really tried, not assumed. Errors: dependency, with what is
  /// missing.
  virtual Task<Result<void>> probe(WorkerKind kind) = 0;
  /// How many pieces of such work would be begun now rather than be refused because the service rests.
  virtual unsigned room(WorkerKind /*kind*/, const std::string& /*role*/, bool /*repeats*/) { return kRoomForAll; }
  /// Known not to answer now: asking would be in vain, though it may be tried.
  virtual bool is_away(WorkerKind /*kind*/, const std::string& /*role*/) { return false; }
  /// Whether such work would be done with a smaller model than configured now, because memory is short.
  virtual bool has_less(WorkerKind /*kind*/, const std::string& /*role*/) { return false; }
  static constexpr unsigned kRoomForAll = std::numeric_limits<unsigned>::max();
  virtual std::vector<WorkerStatus> status() = 0;
};

}  // namespace holdfast
