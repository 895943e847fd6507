#pragma once

#include <map>
#include <memory>

#include "async/task_group.hpp"
#include "flow/engine.hpp"
#include "flow/runner/run_attempt.hpp"

namespace holdfast {

/// What the engine's loops share. Touched on one executor only.
struct EngineState {
  EngineState(asio::any_io_executor executor, Engine::Deps d, EngineConfig c)
      : executor{executor}, deps{d}, config{std::move(c)}, tasks{executor, deps.clock}, relay_bell{deps.clock.make_wakeup()} {
    for (const auto& [bulkhead, slots] : config.slots) bells.emplace(bulkhead, deps.clock.make_wakeup());
  }

  /// There may be work for every pool, and events to relay.
  void ring_all() {
    for (auto& [bulkhead, bell] : bells) bell->ring();
    relay_bell->ring();
  }

  asio::any_io_executor executor;
  Engine::Deps deps;
  EngineConfig config;
  TaskGroup tasks;
  std::map<std::string, std::unique_ptr<Wakeup>> bells;  ///< one for each bulkhead
  std::unique_ptr<Wakeup> relay_bell;
  /// By item and fence: an attempt that lost its lease may still be ending when the next one begins here.
  std::map<std::pair<ItemId, Fence>, runner::Attempt> running;
  std::map<std::string, unsigned> busy;  ///< bulkhead -> attempts under way
  bool draining = false;
};

}  // namespace holdfast
