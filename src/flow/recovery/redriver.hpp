#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "flow/recovery/redrive.hpp"
#include "ports/clock.hpp"
#include "ports/entropy.hpp"
#include "ports/job_store.hpp"
#include "ports/log.hpp"
#include "ports/state_store.hpp"

namespace holdfast::recovery {

/// Retries dead letters in bulk: all that match at once, or a portion a minute, so that what just came back is not
/// stormed. A redrive that is under way is kept in the StateStore after each portion and goes on after a restart. It
/// looks at each item once: what fails again is not retried again by it.
class Redriver {
 public:
  struct Deps {
    JobStore& store;
    StateStore& states;
    Clock& clock;
    Entropy& entropy;
    std::function<void()> wake;  ///< there is work for the engine
    Log* log = nullptr;
  };
  struct Request {
    DeadLetterFilter filter;
    std::string from_stage;
    unsigned per_minute = 0;
    std::string who;
  };

  explicit Redriver(Deps deps);

  /// Takes up what was kept. Errors: as StateStore; corrupt HF-STO-03.
  Task<Result<void>> load();
  /// Kept before it returns, and begun. Errors: as the ports; then nothing was begun, or after unknown perhaps.
  Task<Result<Redrive>> begin(Request request);
  /// What was retried stays retried. One that is over stays as it is. Errors: not_found HF-QUE-02; as StateStore.
  Task<Result<Redrive>> stop(std::string id);
  /// Errors: not_found HF-QUE-02.
  [[nodiscard]] Result<Redrive> find(const std::string& id) const;
  /// Newest first. At most kKeptMax: the oldest that are over are forgotten.
  [[nodiscard]] std::vector<Redrive> all() const;

  /// Works until `finish`.
  Task<void> run();
  /// Lets `run` end after the item that is being retried.
  void finish();

  static constexpr std::size_t kKeptMax = 100;

 private:
  struct Under {
    Redrive redrive;
    MonoTime due{};
  };
  MonoTime due_after_restart(const Redrive& redrive) const;
  Task<Result<void>> keep(std::string id);
  Task<Result<void>> forget_oldest();
  Task<Result<void>> take_portion(std::string id);
  Task<Result<void>> retry(std::string id, Job job);
  Task<void> step(std::string id);
  [[nodiscard]] bool is_running(const std::string& id) const;

  Deps deps_;
  std::map<std::string, Under> redrives_;  ///< by id, which grows with time
  std::unique_ptr<Wakeup> bell_;
  bool finishing_ = false;
};

}  // namespace holdfast::recovery
