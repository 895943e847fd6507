#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>

#include "async/task_group.hpp"
#include "flow/recovery/rule_book.hpp"
#include "guard/admission_control.hpp"
#include "guard/mode_keeper.hpp"
#include "guard/monitor.hpp"
#include "ports/prober.hpp"
#include "sim/guard_books.hpp"
#include "sim/memory_walk.hpp"
#include "sim/service_trouble.hpp"
#include "sim/sim_clock.hpp"
#include "sim/watched_admission.hpp"
#include "sim/watched_pool.hpp"

namespace holdfast::sim {

/// What the guards of all nodes share and what survives their crashes.
struct GuardWorld {
  GuardBooks& books;
  ServiceTrouble elsewhere{};           ///< of the service that is none of ours
  std::map<int, MemoryWalk> memory{};   ///< of each node's machine
  std::optional<int> limits_changer{};  ///< the node at which somebody does it just now
  std::optional<int> rules_changer{};

  void node_gone(int node) {
    books.node_gone(node);
    if (limits_changer == node) limits_changer.reset();
    if (rules_changer == node) rules_changer.reset();
  }
};

/// What a node has of guard/ beside its circuit breakers, as the server wires it: health monitor, the mode of a recipe,
/// admission control, and the recovery rules.
class NodeGuard {
 public:
  struct Parts {
    const Scenario& scenario;
    GuardWorld& world;
    int number;
    asio::io_context& io;
    SimClock& clock;
    Entropy& entropy;
    JobStore& jobs;
    StateStore& states;
    BlobStore& blobs;
    WorkerPool& workers;
    guard::Services& services;
    std::function<void(admission::Pace)> set_pace;
    Log* log = nullptr;
  };
  /// Names the services that a monitored node looks at.
  explicit NodeGuard(Parts parts);
  ~NodeGuard();
  NodeGuard(const NodeGuard&) = delete;
  NodeGuard& operator=(const NodeGuard&) = delete;

  /// Takes up what was kept, before the engine begins. Asks until it is told.
  Task<void> load();
  /// Once the engine has begun.
  void begin();

  /// None: everybody is let in.
  Admission* admission() { return watched_admission_ ? &*watched_admission_ : nullptr; }
  /// Files are taken: the limits are known by which they are.
  [[nodiscard]] bool takes_files() const { return !control_ || loaded_; }
  const RecoveryRules& rules() const { return book_.in_force(); }
  /// An operator changes them. Nothing happens before `load` is over, or while another one does it.
  void change_limits(admission::Limits limits);
  void change_rules(RecoveryRules rules);

  /// A service is well or is not, or its breaker has changed.
  void changed(const guard::Service& after);
  /// What the log says.
  void heard(std::string_view event, const std::vector<LogField>& fields);
  /// As configured, unless a bug is planted.
  static admission::Limits configured_limits(const Scenario& scenario);

 private:
  class Gauge final : public MemoryGauge {
   public:
    explicit Gauge(NodeGuard& guard) : guard_{guard} {}
    Task<Result<MemoryReading>> read() override;

   private:
    NodeGuard& guard_;
  };
  class Elsewhere final : public Prober {
   public:
    explicit Elsewhere(NodeGuard& guard) : guard_{guard} {}
    Task<Result<void>> ask(ProbeTarget target) override;

   private:
    NodeGuard& guard_;
  };
  void make_monitor();
  void make_control();
  Task<void> load_rules();
  Task<void> load_limits();

  Parts parts_;
  Gauge gauge_{*this};
  Elsewhere prober_{*this};
  std::optional<WatchedPool> watched_workers_;
  std::optional<guard::Monitor> monitor_;
  std::optional<guard::ModeKeeper> modes_;
  std::optional<guard::AdmissionControl> control_;
  std::optional<WatchedAdmission> watched_admission_;
  recovery::RuleBook book_;
  TaskGroup tasks_;
  bool loaded_ = false;
  bool begun_ = false;
};

}  // namespace holdfast::sim
