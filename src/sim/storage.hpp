#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ports/job_store.hpp"
#include "ports/retention_store.hpp"
#include "ports/state_store.hpp"
#include "sim/death.hpp"
#include "sim/sim_clock.hpp"

namespace holdfast::sim {

/// What a watcher is told of every committed change, before anything else can happen.
struct Commit {
  const Job* before = nullptr;  ///< null: the job is new
  const Transition* change = nullptr;
  std::optional<Fence> caller;  ///< the fence that the writer claimed to hold
};
using OnCommit = std::function<void(const Commit&)>;

/// What a world's jobs look like to a checker: read at rest, without disturbing anything.
class Books {
 public:
  virtual ~Books() = default;
  [[nodiscard]] virtual const std::map<ItemId, Job>& jobs() const = 0;
  [[nodiscard]] virtual std::vector<Segment> segments(const ItemId& id) const = 0;
  [[nodiscard]] virtual std::vector<Gap> gaps(const ItemId& id) const = 0;
  [[nodiscard]] virtual std::vector<StoredResult> results(const ItemId& id) const = 0;
  [[nodiscard]] virtual std::vector<StoredEvent> audit(const ItemId& id) const = 0;
};

/// What keeps the jobs of a world and outlives its nodes.
class Storage {
 public:
  virtual ~Storage() = default;

  /// Before a node starts. Errors: the node cannot start now.
  virtual Result<void> prepare() = 0;
  /// The store that the node works with until it dies. `die`: called when the process is to end at once.
  virtual std::unique_ptr<JobStore> connect(SimClock& clock, std::function<void()> die) = 0;
  /// The node's other store, after `connect`.
  virtual std::unique_ptr<StateStore> connect_states(SimClock& clock) = 0;
  virtual std::unique_ptr<RetentionStore> connect_retention(SimClock& clock) = 0;
  /// A node's process ends. Before the node goes: nothing that it does on its way reaches the disk.
  virtual void cut_off(Death how) = 0;
  /// The node has gone: what it left is looked at.
  virtual void look_at_remains(Death /*how*/) {}
  /// Something goes wrong with the disk, now or at its next use. What it was.
  virtual std::string strike() { return {}; }
  virtual void heal() = 0;

  /// As of the last committed change.
  [[nodiscard]] virtual const std::map<ItemId, Job>& jobs() const = 0;
  /// What is stored at this moment.
  [[nodiscard]] virtual std::shared_ptr<const Books> books() = 0;
};

}  // namespace holdfast::sim
