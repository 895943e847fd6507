#pragma once

#include <utility>

#include "adapters/process/worker_answer.hpp"
#include "adapters/process/worker_pool.hpp"

namespace holdfast {

/// A claimed worker. Let go in the middle of its work, it is killed.
class WorkerHold {
 public:
  WorkerHold(ProcessWorkerPool* pool, ProcessWorkerPool::Place* place) : pool_{pool}, place_{place} {}
  WorkerHold(WorkerHold&& other) noexcept : pool_{other.pool_}, place_{std::exchange(other.place_, nullptr)} {}
  WorkerHold& operator=(WorkerHold&&) = delete;
  ~WorkerHold() { let_go(WorkEnd::dropped); }

  void let_go(WorkEnd end);
  /// Lets go of one that died, or was given up. Returns what to say of it.
  Error failed(Error error);
  /// Lets go of one that said that it could not do its work. Returns what to say of it.
  Error refused(Error error);
  /// Lets go of one that has done its work.
  void worked();

  /// The rest only while held.
  [[nodiscard]] ResidentWorker& worker() { return *place_->worker; }
  [[nodiscard]] const WorkerStep& step() const { return place_->ladder->step(); }
  [[nodiscard]] bool held() const { return place_ != nullptr; }

 private:
  Error let_go_for_memory(Error error);

  ProcessWorkerPool* pool_;
  ProcessWorkerPool::Place* place_;
};

/// One piece of work that a resident does.
class ResidentRun final : public WorkRun {
 public:
  struct Limits {
    MonoTime until;
    milliseconds silence_max;
  };
  ResidentRun(WorkerHold hold, Clock& clock, std::uint64_t id, Limits limits)
      : hold_{std::move(hold)}, clock_{clock}, id_{id}, limits_{limits} {}

  Task<Result<WorkEvent>> next() override;

 private:
  [[nodiscard]] MonoTime deadline() const;
  Result<WorkEvent> end_with(Error error);
  Result<WorkEvent> as_event(process::Answer answer);

  WorkerHold hold_;
  Clock& clock_;
  std::uint64_t id_;
  Limits limits_;
};

}  // namespace holdfast
