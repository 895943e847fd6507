#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/rng.hpp"
#include "core/base/time.hpp"
#include "core/job/policy.hpp"
#include "core/retention/retention.hpp"
#include "sim/memory_ledger.hpp"
#include "sim/sim_disk.hpp"

namespace holdfast::sim {

/// Wrong policies of the circuit breakers.
struct BreakerBugs {
  bool never_half_opens = false;
  bool proves_without_limit = false;
  bool forgets_at_restart = false;
};

/// Known bugs that can be planted, to prove that the checker catches them. Each is a wrong policy or a lying
/// port.
struct PlantedBugs {
  LedgerBugs ledger;
  DiskBugs disk;
  BreakerBugs breaker;
  bool acknowledges_before_sync = false;
  bool does_not_count_crashes = false;
};

/// Nothing: there is no bug of that name.
std::optional<PlantedBugs> planted_bug(std::string_view name);
std::vector<std::string_view> planted_bug_names();

/// What keeps a world's jobs: a model in memory, for any number of nodes, or the real SQLite store on a
/// simulated disk, for one.
enum class StoreKind : std::uint8_t { memory, sqlite };
/// Nothing: drawn from the seed.
using StoreChoice = std::optional<StoreKind>;

/// What one seed does to its world. Which kinds of fault are on at all is itself drawn (swarm testing, Groce
/// et al., ISSTA 2012): some seeds are calm and long, some have one kind only, some all.
struct Scenario {
  std::uint64_t seed = 0;
  milliseconds length = std::chrono::hours{1};
  StoreKind store = StoreKind::memory;
  int nodes = 1;
  int jobs = 10;
  std::vector<std::string> files;  ///< what is sent, in turn, by names as to_name writes them; empty: drawn

  bool crashes = false;
  bool freezes = false;         ///< a node stops and goes on later: its lease may be over by then
  bool store_trouble = false;   ///< calls that fail before, or after, they took effect; outages
  bool worker_trouble = false;  ///< deaths, hangs, repeated frames, workers that cannot be started
  bool poison = false;          ///< files that kill their worker at one place
  bool clock_jumps = false;
  bool holds = false;         ///< a model that is away for a while
  bool impatient = false;     ///< people cancel and retry
  bool idlers = false;        ///< workers that give signs of life and do nothing, or hang before they begin
  bool operators = false;     ///< people retry dead letters in bulk, and give some up
  bool sickness = false;      ///< a kind of worker that fails almost always, for a while
  bool ages = false;          ///< what is over is not kept for ever
  bool disk_trouble = false;  ///< writes and syncs that fail, a disk that is full (SQLite only)

  double trouble = 0.05;  ///< how often a call or a piece of work goes wrong
  milliseconds lease_for{30'000};
  milliseconds heartbeat_every{10'000};
  milliseconds store_delay_max{20};
  unsigned media_slots = 1;
  RetryPolicy retry{};
  retention::Policy keep{};                ///< with `ages`
  milliseconds retention_every{60'000};
  PlantedBugs bugs{};
};

Scenario draw_scenario(std::uint64_t seed, milliseconds length, const PlantedBugs& bugs,
                       StoreChoice store = std::nullopt);

/// One line for people.
std::string describe(const Scenario& scenario);

}  // namespace holdfast::sim
