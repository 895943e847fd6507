#pragma once

#include <functional>
#include <list>
#include <string>

#include "async/task_group.hpp"
#include "guard/services.hpp"
#include "ports/blob_store.hpp"
#include "ports/job_store.hpp"
#include "ports/worker_pool.hpp"

namespace holdfast::guard {

/// Looks at everything we stand on, again and again: store, storage, FFmpeg, speech, language, and whatever the
/// configuration names. What it sees it tells `Services`.
class Monitor {
 public:
  using Ask = std::function<Task<Result<void>>()>;
  struct Deps {
    JobStore& store;
    BlobStore& blobs;
    WorkerPool& workers;
    Services& services;
    Clock& clock;
    Entropy& entropy;
    std::uint64_t reserve_bytes = 0;
  };
  explicit Monitor(Deps deps);

  /// Also looks at this one, about as often as said. `ask` must end by itself.
  void watch(std::string service, milliseconds every, Ask ask);
  /// Looks once at everything, one after the other.
  Task<void> look();
  /// Looks at one now. Errors: not_found HF-SVC-02.
  Task<Result<void>> look_at(std::string service);
  /// Begins to look at each by itself: every so often give or take a half, so that nodes do not look together;
  /// soon again after a first miss. The tasks end after `stop`.
  void begin(TaskGroup& group);
  /// Lets every task end as soon as the question that is being asked is answered.
  void stop();

  /// Free space on the storage at the last look, bytes.
  [[nodiscard]] std::uint64_t free_bytes() const { return free_bytes_; }
  /// May an upload be taken now, as far as was seen? FFmpeg and models are no reason to refuse one: jobs wait
  /// for them.
  [[nodiscard]] bool ready() const;

  static constexpr milliseconds kEvery{20'000};

 private:
  struct Watched {
    std::string service;
    milliseconds every{};
    Ask ask;
    std::unique_ptr<Wakeup> bell;
    bool being_asked = false;
  };
  Task<Result<void>> ask_store();
  Task<Result<void>> ask_storage();
  Task<void> ask(Watched* watched);
  Task<void> keep_asking(Watched* watched);
  milliseconds pause_after(const Watched& watched);

  Deps deps_;
  std::list<Watched> watched_;  ///< a list: tasks point into it
  std::uint64_t free_bytes_ = 0;
  bool stopping_ = false;
};

}  // namespace holdfast::guard
