#pragma once

#include <functional>

#include "ports/clock.hpp"
#include "ports/job_store.hpp"
#include "ports/log.hpp"
#include "ports/service_manager.hpp"

namespace holdfast::guard {

/// Gives the service manager its signs of life, but only while there is life: the engine's loops go round and the
/// store answers. A store that hangs would otherwise leave a server that looks well for ever; one that answers that
/// something is wrong is no reason to start anew, which would mend nothing.
class Watchdog {
 public:
  struct Deps {
    JobStore& jobs;
    Clock& clock;
    ServiceManager& manager;
    std::function<MonoTime()> last_look;  ///< when the slowest of the engine's loops last looked for work
    Log* log = nullptr;
  };
  /// How old the engine's last look may be: its loops look every five seconds, and wait that long for a store.
  static constexpr milliseconds kLookAgeMax{30'000};

  explicit Watchdog(Deps deps) : deps_{std::move(deps)}, bell_{deps_.clock.make_wakeup()} {}

  /// Three signs in each watchdog time, until it is cancelled or stopped. Returns at once if nobody waits for them.
  Task<void> run();
  void stop();

 private:
  Task<void> beat();
  [[nodiscard]] bool engine_looks() const;

  Deps deps_;
  std::unique_ptr<Wakeup> bell_;
  bool stopping_ = false;
  bool silent_ = false;
};

/// "Ready. 3 working, 12 waiting."
[[nodiscard]] std::string ready_sentence(const std::vector<QueueCount>& counts);

}  // namespace holdfast::guard
