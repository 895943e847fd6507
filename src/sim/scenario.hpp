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
#include "sim/sim_spool.hpp"

namespace holdfast::sim {

/// Wrong policies of the circuit breakers.
struct BreakerBugs {
  bool never_half_opens = false;
  bool proves_without_limit = false;
  bool forgets_at_restart = false;
};

/// What guard/ could do wrong, or those who listen to it.
struct GuardBugs {
  bool down_at_the_first_miss = false;
  bool misses_returns = false;   ///< nobody hears that a service is back
  bool boasts_of_room = false;   ///< a service that rests is said to have room for all
  bool resumes_at_the_lower_mark = false;
  bool takes_files_without_memory = false;
  bool ignores_pauses = false;
  bool ignores_slow_pace = false;
  bool forgets_limits = false;  ///< at a restart
  bool forgets_rules = false;   ///< at a restart
  bool ignores_rules = false;
  bool rises_at_once = false;  ///< a recipe's mode, as soon as something fuller can be done
  bool drops_tickets = false;  ///< a place that was given is not counted as taken
};

/// What a worker that runs out of memory, or who starts it again, could do wrong.
struct LadderBugs {
  bool climbs_at_once = false;    ///< it tries more without a pause
  bool forgets_tries = false;     ///< what was tried in vain is tried again as soon as the first time
  bool tells_nobody = false;      ///< nothing is said of what was made with less
  bool dies_of_memory = false;    ///< it is taken for a death
  bool refuses_for_ever = false;  ///< once there was no room for the least
  bool hides_less = false;        ///< what was made with a smaller model is taken for the configured one's
};

/// Known bugs that can be planted, to prove that the checker catches them. Each is a wrong policy or a lying
/// port.
struct PlantedBugs {
  LedgerBugs ledger;
  DiskBugs disk;
  BreakerBugs breaker;
  GuardBugs guard;
  LadderBugs ladder;
  SpoolBugs spool;
  bool store_hangs = false;  ///< while it is away, instead of failing
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

/// Something that strikes just when a change of a job is committed.
struct Ambush {
  enum class Strike : std::uint8_t {
    store_outage,
    crash,
    freeze,  ///< of the node that holds the job, for longer than its lease
  };
  std::string_view at;  ///< type of the change, as in the audit trail
  Strike strike = Strike::store_outage;
  unsigned times = 1;
};

/// From when until when.
struct Span {
  milliseconds from{0};
  milliseconds until{0};
};

/// What a scenario promises beyond what every world does. 0: nothing.
struct Promises {
  bool over_in_time = false;             ///< everything is over before the faults are
  bool uninterrupted = false;            ///< no attempt is taken from its holder
  std::size_t sleepers_max = 0;          ///< coroutines that wait at one time
  milliseconds answered_within{0};       ///< each request, well or not
  unsigned waiting_for_media_max = 0;    ///< jobs
  milliseconds converted_by{0};          ///< everything
};

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
  bool monitored = false;      ///< each node looks at what it stands on, as a server does
  bool flaky = false;          ///< services that are away, slow to answer, or come and go
  bool admits = false;         ///< each node decides who is let in and how fast work is begun, as a server does
  bool memory_short = false;   ///< memory that comes and goes and cannot always be read
  bool limit_changes = false;  ///< operators change the limits while nodes run
  bool rule_changes = false;   ///< and the recovery rules
  bool fills = false;          ///< people ask for gaps to be filled
  bool refusals = false;      ///< times in which the store takes no writes and can be read (one node)
  bool modes = false;          ///< the recipe has modes, which people ask for, and have the rest of later
  bool redoes = false;         ///< with those: what a smaller model transcribed is done again by itself
  bool runs_out = false;       ///< the room for speech workers changes, and they run out of memory

  double trouble = 0.05;  ///< how often a call or a piece of work goes wrong
  double idle_share = 0.125;  ///< of that: how often a worker idles
  std::vector<Ambush> ambushes;
  Span store_away{};
  Span speech_away{};
  milliseconds no_room_until{0};         ///< for any speech worker
  bool room_known = false;               ///< somebody can say how much memory is free
  milliseconds larger_after{600'000};    ///< a worker with less tries more again
  Promises promises{};
  milliseconds sent_within{0};  ///< 0: half of the length
  unsigned users_max = 0;       ///< limits as configured; 0: the built-in ones
  unsigned waiting_max = 0;
  milliseconds lease_for{30'000};
  milliseconds heartbeat_every{10'000};
  milliseconds store_delay_max{20};
  milliseconds probe_every{60'000};  ///< how often a node asks for what jobs are held for
  unsigned memory_in_peace = 80;     ///< percent available once all faults are over
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
