#pragma once

#include "sim/disk_layer.hpp"
#include "sim/store_calls.hpp"
#include "sim/witness.hpp"

namespace holdfast::sim {

/// World B: the real SQLite store on one machine's simulated disk.
class SqliteStorage final : public Storage {
 public:
  struct Deps {
    Rng& rng;
    StoreFaults& faults;
    std::function<WallTime()> now;  ///< the machine's calendar
    DiskBugs bugs;
  };
  SqliteStorage(Deps deps, WitnessReports reports);

  Result<void> prepare() override;
  std::unique_ptr<JobStore> connect(SimClock& clock, std::function<void()> die) override;
  std::unique_ptr<StateStore> connect_states(SimClock& clock) override;
  std::unique_ptr<RetentionStore> connect_retention(SimClock& clock) override;
  void cut_off(Death how) override { disk_.die(how); }
  void look_at_remains(Death how) override;
  std::string strike() override;
  void heal() override { disk_.faults = {}; }
  const std::map<ItemId, Job>& jobs() const override { return witness_.jobs(); }
  std::shared_ptr<const Books> books() override;

 private:
  Task<Result<Job>> remove(RetentionStore& store, ItemId id, Decide decide);

  Deps deps_;
  std::function<void(const std::string&)> violation_;
  SimDisk disk_;
  DiskLayer layer_{disk_};
  Witness witness_;
  std::unique_ptr<JobStore> opened_;  ///< between `prepare` and `connect`
  std::unique_ptr<StateStore> opened_states_;
  std::unique_ptr<RetentionStore> opened_retention_;
  std::function<void()> die_;         ///< of the process that has the store open
};

}  // namespace holdfast::sim
