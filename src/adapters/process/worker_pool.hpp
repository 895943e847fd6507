#pragma once

#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>

#include "adapters/localfs/blob_store.hpp"
#include "adapters/process/resident_worker.hpp"
#include "ports/log.hpp"

namespace holdfast {

struct ProcessPoolConfig {
  unsigned width = 1;      ///< workers of each resident that may be at work at once, at first
  unsigned width_max = 1;  ///< and ever
  /// Several of one kind differ in the roles that they serve; the first serves all others as well.
  std::multimap<WorkerKind, ResidentConfig> residents;
  /// Who serves a kind instead of a resident: FfmpegPool for media, an endpoint for language. They outlive
  /// the pool.
  std::map<WorkerKind, WorkerPool*> stand_ins;
};

/// Worker processes of this machine: `width` residents for each kind (for each model of a kind), one piece of work
/// at a time each; further ones than the first are started when there is work for them. One that runs out of memory
/// comes back with less, and with more again after a while (core/ladder).
/// Single-threaded: used from `executor` only. Runs, and those who wait for one, must be gone before the pool goes.
class ProcessWorkerPool final : public WorkerPool {
 public:
  struct Deps {
    asio::any_io_executor executor;
    Clock& clock;
    Entropy& entropy;
    LocalBlobStore& blobs;
    asio::thread_pool& files;  ///< for reading models; outlives the pool
    Log* log = nullptr;
    /// Memory that is free now, bytes; nothing, or none: nobody knows.
    std::function<std::optional<std::uint64_t>()> free_memory{};
    std::function<void()> on_step{};  ///< a worker runs with less, or with more again; none: nobody is told
  };
  ProcessWorkerPool(Deps deps, ProcessPoolConfig config);
  ~ProcessWorkerPool() override;

  /// Waits while the workers of that kind are busy, first come, first served at each. The wait has no limit of its own
  /// and is not part of `time_max`: it ends, since each piece of work before this one has limits.
  Task<Result<std::unique_ptr<WorkRun>>> start(WorkRequest request) override;
  /// Of a resident: are its files there and right (read once, and again when they change), and did it work the last
  /// time? At the start, after a failure, and now and again (core/health/inference) it is asked something small, unless
  /// it is at work. One that refused to start, or answered nonsense, stays away until its files change; so that
  /// nothing else keeps it away for ever, it is then tried now and again.
  Task<Result<void>> probe(WorkerKind kind) override;
  std::vector<WorkerStatus> status() override;
  /// Of those of a model, the first and those that run. What is larger and may be tried by now counts as there.
  bool has_less(WorkerKind kind, const std::string& role) override;
  /// So many of each resident may be at work from now on; those beyond that end when they have done what they are at.
  void set_width(unsigned width);
  /// A probe under way ends at once, and later ones find nothing out: what is going down does not wait.
  void stop_reading();

 private:
  friend class WorkerHold;
  /// A worker that gets no work because something is missing to it, or because it answers nonsense.
  struct Refusal {
    Error error;
    FileStamps stamps;         ///< of its files then
    MonoTime try_again;        ///< not before that, unless the files change
    bool until_asked = false;  ///< only a right answer ends it: that it starts says nothing
  };
  /// What is known of whether it works, from its work and from what it was asked.
  struct Health {
    inference::Standing standing;
    std::optional<Error> trouble{};  ///< of the last failure, until it starts or works again
    Latencies inferences{};
  };
  struct Place {
    WorkerKind kind = WorkerKind::media;
    unsigned number = 0;  ///< among those of the same model; what is said of the first is said of all
    std::shared_ptr<ResidentWorker> worker;  // shared with its own idle timer
    std::list<Wakeup*> waiting;              ///< in the order in which they came
    std::unique_ptr<WorkerLadder> ladder;
    std::optional<Refusal> refusal;
    Health health;
  };
  /// The first place that serves the role; none: no resident of that kind.
  Place* find_place(WorkerKind kind, const std::string& role);
  /// Of those of the same model the one that is soonest free: running before not running, none that refuses.
  Place* free_place(Place* first);
  void add_place(WorkerKind kind, const ResidentConfig& resident, unsigned number);
  Task<Result<std::unique_ptr<WorkRun>>> start_resident(Place* place, WorkRequest request);
  /// As start_resident, and again with the first place where a further one cannot be had.
  Task<Result<std::unique_ptr<WorkRun>>> start_somewhere(Place* first, WorkRequest request);
  Task<Result<void>> claim(Place* place, ItemId item);

  // worker_starts.cpp
  [[nodiscard]] bool refuses_still(const Place& place) const;
  /// As ResidentWorker::make_ready, with less where there is no memory for more, and remembers how it went.
  Task<Result<void>> make_ready(Place* place);
  Task<Result<void>> start_with_less(Place* place);
  void started(Place& place, const FileStamps& stamps);
  void did_not_start(Place& place, const Error& error, FileStamps stamps);
  [[nodiscard]] std::optional<std::uint64_t> free_memory() const;
  void climb(Place& place);
  /// It ran out of memory, or cannot run what it fell to. Returns what to say of it.
  Error fall(Place& place, Error error);
  void work_ended(Place& place, const Error* failure);

  // worker_probes.cpp
  [[nodiscard]] bool worth_trying(const Place& place) const;
  Task<Result<void>> probe_resident(Place* place);
  Task<Result<void>> try_out(Place* place);
  Task<Result<void>> ask_something(Place* place);
  Task<Result<std::string>> answer_of(Place* place, std::string request);

  Deps deps_;
  ProcessPoolConfig config_;
  std::list<Place> places_;
  unsigned width_ = 1;
  std::uint64_t last_id_ = 0;
  bool finds_out_ = true;
};

}  // namespace holdfast
