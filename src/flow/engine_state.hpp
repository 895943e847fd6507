#pragma once

#include <map>
#include <memory>
#include <set>

#include "async/task_group.hpp"
#include "flow/engine.hpp"
#include "flow/runner/run_attempt.hpp"

namespace holdfast {

/// What the engine's loops share. Touched on one executor only.
struct EngineState {
  EngineState(asio::any_io_executor executor, Engine::Deps d, EngineConfig c)
      : executor{executor},
        deps{d},
        config{std::move(c)},
        attempts{executor, deps.clock},
        loops{executor, deps.clock},
        relays{executor, deps.clock},
        relay_bell{deps.clock.make_wakeup()},
        holds_bell{deps.clock.make_wakeup()} {
    for (const auto& [bulkhead, slots] : config.slots) bells.emplace(bulkhead, deps.clock.make_wakeup());
  }

  /// There may be work for every pool, and events to relay.
  void ring_all() {
    for (auto& [bulkhead, bell] : bells) bell->ring();
    relay_bell->ring();
  }
  /// There may be work for the pool that the job waits for, and events of it to relay. The others need not look: each
  /// look is a transaction. A look under way tells about both when it is done.
  void ring_for(const Job& job) {
    const StageRecord* stage = current_stage(job);
    if (stage == nullptr || !tell_pool(stage->bulkhead, job.id)) relay_bell->ring();
  }
  /// The same, of a job that its pool may have expected, and begun: then it told.
  void wake(const Job& job) {
    const auto begun = running.lower_bound({job.id, Fence{}});
    if (begun == running.end() || begun->first.first != job.id) ring_for(job);
  }
  /// The job is about to be recorded: its pool looks for it right behind, if it has nothing else to do. Where work
  /// comes all the time, one look for many is cheaper and soon enough.
  void expect(const Job& job) {
    const StageRecord* stage = current_stage(job);
    if (stage == nullptr || looking.contains(stage->bulkhead)) return;
    const auto at_work = busy.find(stage->bulkhead);
    if (at_work == busy.end() || at_work->second == 0) ring(stage->bulkhead);
  }
  /// False: its loop was not looking, and was rung for.
  bool tell_pool(const std::string& bulkhead, const ItemId& item) {
    const auto look = looking.find(bulkhead);
    if (look == looking.end()) return ring(bulkhead), false;
    look->second.insert(item);
    return true;
  }
  void ring(const std::string& bulkhead) {
    if (const auto found = bells.find(bulkhead); found != bells.end()) found->second->ring();
  }

  asio::any_io_executor executor;
  Engine::Deps deps;
  EngineConfig config;
  TaskGroup attempts;  ///< work under way: given a grace when we stop
  TaskGroup loops;     ///< what waits for work: ended at once
  TaskGroup relays;    ///< tell others of what was settled: ended last
  std::map<std::string, std::unique_ptr<Wakeup>> bells;  ///< one for each bulkhead
  std::unique_ptr<Wakeup> relay_bell;
  std::unique_ptr<Wakeup> holds_bell;
  /// By item and fence: an attempt that lost its lease may still be ending when the next one begins here.
  std::map<std::pair<ItemId, Fence>, runner::Attempt> running;
  /// Pools that look for work now, each with the jobs that it was told of meanwhile: it may have been too early.
  std::map<std::string, std::set<ItemId>> looking;
  std::map<std::string, unsigned> busy;  ///< bulkhead -> attempts under way
  std::set<std::string> full;  ///< pools that may have left due jobs waiting for a free place
  std::map<std::string, MonoTime> looked_at;  ///< bulkhead -> when its loop last looked for work
  /// Files that no job needed, and when that was first seen.
  std::map<BlobId, MonoTime> suspects;
  RecoveryFigures figures;
  bool draining = false;  ///< claim nothing more
  admission::Pace pace = admission::Pace::full;
  std::set<std::string> parked;  ///< pools of which an operator lets nothing be begun
  unsigned claims = 0;  ///< under way; looked at only when one item is begun at a time
  bool told_all = false;  ///< nothing will be settled any more: the relay can end
};

}  // namespace holdfast
