#pragma once

#include <boost/asio/thread_pool.hpp>
#include <list>
#include <map>
#include <memory>
#include <optional>

#include "adapters/localfs/blob_store.hpp"
#include "adapters/process/resident_worker.hpp"
#include "ports/log.hpp"

namespace holdfast {

struct ProcessPoolConfig {
  /// Several of one kind differ in the roles that they serve; the first serves all others as well.
  std::multimap<WorkerKind, ResidentConfig> residents;
  /// Who serves a kind instead of a resident: FfmpegPool for media, an endpoint for language. They outlive
  /// the pool.
  std::map<WorkerKind, WorkerPool*> stand_ins;
};

/// Worker processes of this machine: one resident for each kind (for each model of a kind), one piece of work
/// at a time each. Single-threaded: used from `executor` only. Runs, and those who wait for one, must be gone
/// before the pool goes.
class ProcessWorkerPool final : public WorkerPool {
 public:
  struct Deps {
    asio::any_io_executor executor;
    Clock& clock;
    Entropy& entropy;
    LocalBlobStore& blobs;
    asio::thread_pool& files;  ///< for reading models; outlives the pool
    Log* log = nullptr;
  };
  ProcessWorkerPool(Deps deps, ProcessPoolConfig config);
  ~ProcessWorkerPool() override;

  /// Waits while the one worker of that kind is busy, first come, first served. The wait has no limit of its own
  /// and is not part of `time_max`: it ends, since each piece of work before this one has limits.
  Task<Result<std::unique_ptr<WorkRun>>> start(WorkRequest request) override;
  /// Of a resident: are its files there and right (read once, and again when they change), and did it start
  /// the last time? One that refused to start stays away until its files change; so that nothing else keeps it
  /// away for ever, it is then started for a moment now and again.
  Task<Result<void>> probe(WorkerKind kind) override;
  std::vector<WorkerStatus> status() override;
  /// A probe that reads a model ends at once, and later ones read nothing: what is going down does not wait.
  void stop_reading();

 private:
  friend class WorkerHold;
  /// A worker that did not start because something is missing to it.
  struct Refusal {
    Error error;
    FileStamps stamps;   ///< of its files then
    MonoTime try_again;  ///< not before that, unless the files change
  };
  struct Place {
    WorkerKind kind = WorkerKind::media;
    std::shared_ptr<ResidentWorker> worker;  // shared with its own idle timer
    std::list<Wakeup*> waiting;              ///< in the order in which they came
    std::shared_ptr<NeededFiles> files;      // shared with the thread that reads them
    std::optional<Refusal> refusal;
  };
  /// The place that serves the role; none: no resident of that kind.
  Place* find_place(WorkerKind kind, const std::string& role);
  [[nodiscard]] bool refuses_still(const Place& place) const;
  /// As ResidentWorker::make_ready, and remembers how it went.
  Task<Result<void>> make_ready(Place* place);
  Task<Result<void>> probe_resident(Place* place);
  Task<Result<std::unique_ptr<WorkRun>>> start_resident(Place* place, WorkRequest request);
  Task<Result<void>> claim(Place* place, ItemId item);

  Deps deps_;
  ProcessPoolConfig config_;
  std::list<Place> places_;
  std::uint64_t last_id_ = 0;
};

}  // namespace holdfast
