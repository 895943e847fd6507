#pragma once

#include <map>
#include <string>

#include "ports/blob_store.hpp"
#include "ports/clock.hpp"
#include "ports/entropy.hpp"
#include "ports/job_store.hpp"
#include "ports/log.hpp"
#include "ports/worker_pool.hpp"

namespace holdfast::guard {

/// What was last seen of something we stand on.
struct ServiceState {
  enum class Health : std::uint8_t { unknown, up, down };
  Health health = Health::unknown;
  std::string code;     ///< of the failure, when down
  std::string message;  ///< of the failure, when down
  WallTime checked_at{};
  milliseconds took{0};
};
[[nodiscard]] std::string_view to_word(ServiceState::Health health);

/// Looks at everything we stand on, again and again: store, storage, FFmpeg, speech, language.
class Monitor {
 public:
  struct Deps {
    JobStore& store;
    BlobStore& blobs;
    WorkerPool& workers;
    Clock& clock;
    Entropy& entropy;
    std::uint64_t reserve_bytes = 0;
    Log* log = nullptr;
  };
  explicit Monitor(Deps deps) : deps_{deps}, bell_{deps.clock.make_wakeup()} {}

  /// Looks once at everything.
  Task<void> look();
  /// Looks every 10 to 30 s, jittered so that nodes do not look together, until it is cancelled.
  Task<void> run();
  /// Lets `run` end as soon as the question that is being asked is answered.
  void stop() {
    stopping_ = true;
    bell_->ring();
  }
  [[nodiscard]] const std::map<std::string, ServiceState>& services() const { return services_; }
  /// Free space on the storage at the last look, bytes.
  [[nodiscard]] std::uint64_t free_bytes() const { return free_bytes_; }
  /// May an upload be taken now, as far as was seen? FFmpeg and models are no reason to refuse one: jobs wait
  /// for them.
  [[nodiscard]] bool ready() const;

 private:
  Task<Result<void>> ask_store();
  Task<Result<void>> ask_storage();
  Task<void> record(std::string service, Task<Result<void>> asking);
  void tell_change(const std::string& service, const ServiceState& before, const ServiceState& now) const;

  Deps deps_;
  std::map<std::string, ServiceState> services_;
  std::uint64_t free_bytes_ = 0;
  std::unique_ptr<Wakeup> bell_;
  bool stopping_ = false;
};

}  // namespace holdfast::guard
