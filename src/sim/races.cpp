#include "sim/races.hpp"

#include <algorithm>
#include <array>

namespace holdfast::sim {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Strike = Ambush::Strike;

/// A calm hour, with times from the seed.
Scenario calm(std::uint64_t seed) {
  Rng rng{seed ^ 0x7ace5ULL};
  Scenario s{.seed = seed, .jobs = 8};
  s.sent_within = minutes{10};
  s.store_delay_max = milliseconds{static_cast<std::int64_t>(1 + rng.below(100))};
  s.lease_for = seconds{static_cast<std::int64_t>(10 + rng.below(30))};
  s.heartbeat_every = s.lease_for / 4;
  s.retry.interruptions_max = 1000;
  s.retry.backoff = {.base = seconds{1}, .ceiling = minutes{1}};
  return s;
}

Scenario store_restarts_in_recovery(std::uint64_t seed) {
  Scenario s = calm(seed);
  s.crashes = true;
  s.ambushes = {{"stage.interrupted", Strike::store_outage, 30}, {"stage.interrupted", Strike::crash, 15}};
  return s;
}

Scenario hung_step_loses_its_lease(std::uint64_t seed) {
  Scenario s = calm(seed);
  s.nodes = 2;
  s.worker_trouble = true;
  s.trouble = 0.16;
  s.ambushes = {{"stage.started", Strike::freeze, 20}};
  return s;
}

Scenario replacement_hangs_at_its_start(std::uint64_t seed) {
  Scenario s = calm(seed);
  s.worker_trouble = s.idlers = true;
  s.trouble = 0.08;
  s.idle_share = 2;
  return s;
}

Scenario store_away_for_ten_minutes(std::uint64_t seed) {
  Scenario s = calm(seed);
  s.jobs = 120;
  s.files = {"ok 30000 -1"};
  s.sent_within = minutes{20};
  s.monitored = s.admits = true;
  s.store_away = {minutes{5}, minutes{15}};
  s.promises = {.over_in_time = true, .sleepers_max = 60, .answered_within = seconds{2}};
  return s;
}

Scenario poison_among_good(std::uint64_t seed) {
  Scenario s = calm(seed);
  s.length = hours{4};
  s.jobs = 103;
  for (int n = 0; n < s.jobs; ++n) s.files.push_back(n % 40 == 7 ? "poison 60000 30000" : "ok 60000 -1");
  s.promises.over_in_time = true;
  return s;
}

Scenario one_service_away(std::uint64_t seed) {
  Scenario s = calm(seed);
  s.length = hours{2};
  s.jobs = 20;
  s.files = {"ok 60000 -1"};
  s.monitored = true;
  s.speech_away = {minutes{0}, minutes{50}};
  s.promises = {.over_in_time = true, .converted_by = minutes{30}};
  return s;
}

/// Longer than a try in vain makes it wait for the next one, and as long again.
Scenario no_memory_for_any_model(std::uint64_t seed) {
  Scenario s = calm(seed);
  s.length = hours{2};
  s.files = {"ok 60000 -1"};
  s.runs_out = true;
  s.no_room_until = minutes{20};
  s.larger_after = minutes{1};
  s.room_known = seed % 2 == 0;
  s.monitored = seed % 3 == 0;
  s.retry.attempts_max = 1;
  s.promises.over_in_time = true;
  return s;
}

Scenario throttled_users(std::uint64_t seed) {
  Scenario s = calm(seed);
  s.length = hours{2};
  s.jobs = 30;
  s.files = {"ok 30000 -1"};
  s.admits = true;
  s.users_max = 1;
  s.promises.over_in_time = true;
  return s;
}

Scenario burst_of_uploads(std::uint64_t seed) {
  Scenario s = calm(seed);
  s.length = hours{2};
  s.jobs = 60;
  s.files = {"ok 30000 -1"};
  s.sent_within = seconds{1};
  s.admits = true;
  s.waiting_max = 5;
  s.promises = {.over_in_time = true, .waiting_for_media_max = 5};
  return s;
}

Scenario gaps_of_lost_chunks(std::uint64_t seed) {
  Scenario s = calm(seed);
  s.files = {"ok 600000 -1", "ok 90000 -1", "silent 60000 -1"};
  s.crashes = s.worker_trouble = true;
  s.trouble = 0.08;
  return s;
}

Scenario job_longer_than_lease(std::uint64_t seed) {
  Scenario s = calm(seed);
  s.nodes = 2;
  s.jobs = 4;
  s.files = {"ok 600000 -1"};
  s.lease_for = seconds{5};
  s.heartbeat_every = seconds{1};
  s.promises = {.over_in_time = true, .uninterrupted = true};
  return s;
}

Scenario lease_longer_than_job(std::uint64_t seed) {
  Scenario s = calm(seed);
  s.files = {"ok 60000 -1"};
  s.lease_for = hours{10};
  s.heartbeat_every = hours{2};
  s.ambushes = {{"stage.started", Strike::crash, 5}};
  s.promises.over_in_time = true;
  return s;
}

Scenario calendar_jumps(std::uint64_t seed) {
  Scenario s = calm(seed);
  s.nodes = seed % 2 == 0 ? 1 : 3;
  s.files = {"ok 300000 -1"};
  s.lease_for = seconds{8};
  s.heartbeat_every = seconds{2};
  s.clock_jumps = true;
  s.promises.uninterrupted = true;
  return s;
}

constexpr std::array<Race, 13> kRaces{{
    {"store-restarts-in-recovery", "the server, or its store, goes again while it takes up what the last one left",
     store_restarts_in_recovery},
    {"hung-step-loses-its-lease", "workers hang, their server stands still for longer than a lease: no item is wedged",
     hung_step_loses_its_lease},
    {"replacement-hangs-at-start", "a worker that replaces a dead one never becomes ready",
     replacement_hangs_at_its_start},
    {"store-away-ten-minutes", "no store for ten minutes under load: nothing piles up, and everybody gets an answer",
     store_away_for_ten_minutes},
    {"poison-among-good", "3 files that kill their worker do not hold up 100 good ones", poison_among_good},
    {"one-service-away", "a service that is away stops only what needs it", one_service_away},
    {"no-memory-for-any-model", "for a while not even the least model has room: what needs it waits, uncharged",
     no_memory_for_any_model},
    {"throttled-users", "users who are not let in now do not stop the others, and are served later", throttled_users},
    {"burst-of-uploads", "many uploads at one moment do not pass a queue's limit together", burst_of_uploads},
    {"gaps-of-lost-chunks", "what could not be transcribed shows as a gap, whatever dies in between",
     gaps_of_lost_chunks},
    {"job-longer-than-lease", "work that lasts many leases is never taken from its holder", job_longer_than_lease},
    {"lease-longer-than-job", "a dead server's long leases hold nothing up once it is back", lease_longer_than_job},
    {"calendar-jumps", "a calendar that jumps ends no lease", calendar_jumps},
}};

}  // namespace

Scenario make_race(const Race& race, std::uint64_t seed, const PlantedBugs& bugs, StoreChoice store) {
  Scenario scenario = race.make(seed);
  scenario.bugs = bugs;
  scenario.store = store.value_or(StoreKind::memory);
  if (scenario.store == StoreKind::sqlite) scenario.nodes = 1;
  return scenario;
}

std::span<const Race> races() { return kRaces; }

const Race* find_race(std::string_view name) {
  const auto found = std::ranges::find(kRaces, name, &Race::name);
  return found != kRaces.end() ? &*found : nullptr;
}

}  // namespace holdfast::sim
