#include "sim/scenario.hpp"

#include <array>
#include <functional>
#include <utility>

namespace holdfast::sim {
namespace {

using Plant = void (*)(PlantedBugs&);

constexpr std::array<std::pair<std::string_view, Plant>, 44> kBugs{{
    {"missing-fence", [](PlantedBugs& b) { b.ledger.skips_fence_check = true; }},
    {"checkpoint-without-fence", [](PlantedBugs& b) { b.ledger.checkpoint_skips_fence_check = true; }},
    {"lost-outbox", [](PlantedBugs& b) { b.ledger.loses_outbox_rows = true; }},
    {"ignored-job-key", [](PlantedBugs& b) { b.ledger.ignores_job_key = true; }},
    {"claimed-while-held", [](PlantedBugs& b) { b.ledger.claims_held_jobs = true; }},
    {"answer-before-fsync", [](PlantedBugs& b) { b.acknowledges_before_sync = true; }},
    {"uncounted-crash", [](PlantedBugs& b) { b.does_not_count_crashes = true; }},
    {"forgotten-gaps", [](PlantedBugs& b) { b.ledger.forgets_gaps = true; }},
    {"fill-appended", [](PlantedBugs& b) { b.ledger.appends_what_replaces = true; }},
    {"no-recovery", [](PlantedBugs& b) { b.ledger.hides_leases = true; }},
    {"forgotten-cancel", [](PlantedBugs& b) { b.ledger.forgets_cancel_requests = true; }},
    {"sqlite-unsynced", [](PlantedBugs& b) { b.disk.ignores_syncs = true; }},
    {"breaker-never-half-opens", [](PlantedBugs& b) { b.breaker.never_half_opens = true; }},
    {"breaker-proves-without-limit", [](PlantedBugs& b) { b.breaker.proves_without_limit = true; }},
    {"breaker-lost-at-restart", [](PlantedBugs& b) { b.breaker.forgets_at_restart = true; }},
    {"prunes-what-is-in-use", [](PlantedBugs& b) { b.ledger.prunes_what_is_in_use = true; }},
    {"removes-without-trace", [](PlantedBugs& b) { b.ledger.removes_without_trace = true; }},
    {"sqlite-hidden-error", [](PlantedBugs& b) { b.disk.hides_failed_syncs = true; }},
    {"down-at-first-miss", [](PlantedBugs& b) { b.guard.down_at_the_first_miss = true; }},
    {"return-unheard", [](PlantedBugs& b) { b.guard.misses_returns = true; }},
    {"release-storm", [](PlantedBugs& b) { b.guard.boasts_of_room = true; }},
    {"one-mark-for-memory", [](PlantedBugs& b) { b.guard.resumes_at_the_lower_mark = true; }},
    {"files-without-memory", [](PlantedBugs& b) { b.guard.takes_files_without_memory = true; }},
    {"ignored-pause", [](PlantedBugs& b) { b.guard.ignores_pauses = true; }},
    {"ignored-slow-pace", [](PlantedBugs& b) { b.guard.ignores_slow_pace = true; }},
    {"limits-lost-at-restart", [](PlantedBugs& b) { b.guard.forgets_limits = true; }},
    {"hidden-queue", [](PlantedBugs& b) { b.ledger.hides_waiting_jobs = true; }},
    {"hidden-users", [](PlantedBugs& b) { b.ledger.hides_owners = true; }},
    {"no-heartbeat", [](PlantedBugs& b) { b.ledger.ignores_heartbeats = true; }},
    {"store-that-never-answers", [](PlantedBugs& b) { b.store_hangs = true; }},
    {"mode-rises-at-once", [](PlantedBugs& b) { b.guard.rises_at_once = true; }},
    {"dropped-tickets", [](PlantedBugs& b) { b.guard.drops_tickets = true; }},
    {"rules-lost-at-restart", [](PlantedBugs& b) { b.guard.forgets_rules = true; }},
    {"ignored-rules", [](PlantedBugs& b) { b.guard.ignores_rules = true; }},
    {"ladder-without-pause", [](PlantedBugs& b) { b.ladder.climbs_at_once = true; }},
    {"ladder-forgets-tries", [](PlantedBugs& b) { b.ladder.forgets_tries = true; }},
    {"less-untold", [](PlantedBugs& b) { b.ladder.tells_nobody = true; }},
    {"out-of-memory-is-a-death", [](PlantedBugs& b) { b.ladder.dies_of_memory = true; }},
    {"spool-flushed-twice", [](PlantedBugs& b) { b.spool.flushes_twice = true; }},
    {"spool-lost-at-restart", [](PlantedBugs& b) { b.spool.forgets_at_restart = true; }},
    {"spool-before-fsync", [](PlantedBugs& b) { b.spool.answers_before_sync = true; }},
    {"finished-is-done-again", [](PlantedBugs& b) { b.ledger.redoes_what_is_finished = true; }},
    {"smaller-model-unmarked", [](PlantedBugs& b) { b.ladder.hides_less = true; }},
    {"refuses-for-ever", [](PlantedBugs& b) { b.ladder.refuses_for_ever = true; }},
}};

/// 1 in 10 calm, 2 in 10 one kind, 1 in 20 all, else each kind with even odds.
void draw_faults(Scenario& s, Rng& rng) {
  const std::array<bool*, 8> kinds{&s.crashes, &s.freezes,     &s.store_trouble, &s.worker_trouble,
                                   &s.poison,  &s.clock_jumps, &s.holds,         &s.impatient};
  const std::uint64_t swarm = rng.below(20);
  if (swarm < 2) return;
  if (swarm < 6) {
    *kinds[rng.below(kinds.size())] = true;
    return;
  }
  for (bool* kind : kinds) *kind = swarm == 6 || rng.below(2) == 0;
}

/// From dice of its own, so that a seed's other draws stay as they were before there was a choice. 1 in 8 of
/// all seeds: 3 in 16 of the 2 in 3 with one node.
void draw_store(Scenario& s, StoreChoice choice) {
  Rng rng{s.seed ^ 0xd15cULL};
  const bool drawn = rng.below(16) < 3 && s.nodes == 1;
  s.store = choice.value_or(drawn ? StoreKind::sqlite : StoreKind::memory);
  if (s.store == StoreKind::memory) return;
  s.nodes = 1;
  s.disk_trouble = rng.below(2) == 0;
}

/// From dice of its own: a third of the seeds with one node. Several nodes cannot know what the others have in their
/// spools.
void draw_refusals(Scenario& s) {
  Rng rng{s.seed ^ 0x5b001ULL};
  s.refusals = rng.below(3) == 0 && s.nodes == 1;
}

/// From dice of its own, as the store.
void draw_recovery(Scenario& s) {
  Rng rng{s.seed ^ 0x1d1e5ULL};
  const std::uint64_t swarm = rng.below(4);  // half of the seeds have neither
  s.idlers = swarm == 1 || (swarm == 3 && rng.below(2) == 0);
  s.operators = swarm == 3;
}

/// From dice of its own as well.
void draw_sickness(Scenario& s) {
  Rng rng{s.seed ^ 0x51c4ULL};
  s.sickness = rng.below(4) == 0;
  s.media_slots = static_cast<unsigned>(1 + rng.below(3));
}

/// From dice of its own as well: 1 in 4 seeds. Minutes, as a seed has an hour; together they never contradict each
/// other. The trails of what was removed are kept: the checker asks for them.
void draw_ages(Scenario& s) {
  Rng rng{s.seed ^ 0xa6e5ULL};
  s.ages = rng.below(4) == 0;
  if (!s.ages) return;
  const auto up_to = [&rng](std::uint64_t minutes) {
    return milliseconds{static_cast<std::int64_t>(rng.below(minutes * 60'000))};
  };
  retention::Ages& ages = s.keep.ages;
  ages.files = milliseconds{1'000} + up_to(15);
  ages.dead_letters = *ages.files + up_to(15);
  ages.transcripts = milliseconds{1'000} + up_to(30);
  const bool records_go = rng.below(2) == 0;
  if (records_go) ages.items = std::max(*ages.dead_letters, *ages.transcripts) + up_to(10);
  s.retention_every = milliseconds{5'000} + up_to(3);
}

/// From dice of its own as well: half of the seeds are looked after by a monitor.
void draw_monitor(Scenario& s) {
  Rng rng{s.seed ^ 0x3017ULL};
  s.monitored = rng.below(2) == 0;
  s.flaky = rng.below(2) == 0;
  constexpr std::array<std::int64_t, 3> kProbeSeconds{10, 60, 300};
  const auto seconds = kProbeSeconds[rng.below(kProbeSeconds.size())];
  if (s.monitored) s.probe_every = std::chrono::seconds{seconds};
}

/// And as well. A peace in which memory stays short: everything is to be served nevertheless, one at a time.
void draw_admission(Scenario& s) {
  Rng rng{s.seed ^ 0xad317ULL};
  s.admits = rng.below(4) == 0;
  s.memory_short = s.admits && rng.below(4) > 0;
  s.limit_changes = s.admits && rng.below(2) == 0;
  if (s.memory_short && rng.below(3) == 0) s.memory_in_peace = 17;
  s.rule_changes = rng.below(4) == 0;
}

/// And as well: in 1 of 3 seeds the memory of speech workers runs out now and then.
void draw_memory(Scenario& s) {
  Rng rng{s.seed ^ 0x00aULL};
  s.runs_out = rng.below(3) == 0;
  s.room_known = rng.below(2) == 0;
  if (s.runs_out) s.larger_after = std::chrono::minutes{static_cast<std::int64_t>(1 + rng.below(8))};
}

/// And as well: in 1 of 3 seeds people want gaps of their transcripts filled.
void draw_fills(Scenario& s) { s.fills = Rng{s.seed ^ 0xf111ULL}.below(3) == 0; }

/// And as well: in 1 of 4 seeds the recipe has modes.
void draw_modes(Scenario& s) {
  Rng rng{s.seed ^ 0x30de5ULL};
  s.modes = rng.below(4) == 0;
  s.redoes = s.modes && rng.below(2) == 0;
}

}  // namespace

std::optional<PlantedBugs> planted_bug(std::string_view name) {
  for (const auto& [known, plant] : kBugs) {
    if (known != name) continue;
    PlantedBugs bugs;
    plant(bugs);
    return bugs;
  }
  return std::nullopt;
}

std::vector<std::string_view> planted_bug_names() {
  std::vector<std::string_view> names;
  for (const auto& [name, plant] : kBugs) names.push_back(name);
  return names;
}

Scenario draw_scenario(std::uint64_t seed, milliseconds length, const PlantedBugs& bugs, StoreChoice store) {
  Rng rng{seed ^ 0x5ca1ab1e5eedULL};
  Scenario s{.seed = seed, .length = length};
  s.nodes = rng.below(3) == 0 ? static_cast<int>(2 + rng.below(2)) : 1;
  s.jobs = static_cast<int>(3 + rng.below(12));
  draw_faults(s, rng);
  s.trouble = 0.01 * static_cast<double>(1U << rng.below(5));
  s.lease_for = milliseconds{static_cast<std::int64_t>(10'000 + rng.below(80'000))};
  s.heartbeat_every = s.lease_for / static_cast<std::int64_t>(3 + rng.below(3));
  s.store_delay_max = milliseconds{static_cast<std::int64_t>(1 + rng.below(200))};
  s.retry.attempts_max = static_cast<unsigned>(1 + rng.below(6));
  s.retry.interruptions_max = 1000;  // the faults of a seed are many more than those of a year
  s.retry.backoff = {.base = milliseconds{1'000}, .ceiling = milliseconds{300'000}};
  s.bugs = bugs;
  draw_store(s, store);
  draw_refusals(s);
  draw_recovery(s);
  draw_sickness(s);
  draw_ages(s);
  draw_monitor(s);
  draw_admission(s);
  draw_memory(s);
  draw_fills(s);
  draw_modes(s);
  return s;
}

std::string describe(const Scenario& s) {
  const std::string store = s.store == StoreKind::sqlite ? "sqlite" : "memory";
  std::string out = "store=" + store + " nodes=" + std::to_string(s.nodes) +
                    " jobs=" + std::to_string(s.jobs) +
                    " attempts_max=" + std::to_string(s.retry.attempts_max) +
                    " lease_ms=" + std::to_string(s.lease_for.count()) + " faults:";
  const std::array<std::pair<bool, const char*>, 24> kinds{{{s.crashes, " crashes"},
                                                           {s.freezes, " freezes"},
                                                           {s.store_trouble, " store"},
                                                           {s.refusals, " refusals"},
                                                           {s.worker_trouble, " workers"},
                                                           {s.poison, " poison"},
                                                           {s.clock_jumps, " clock"},
                                                           {s.holds, " holds"},
                                                           {s.impatient, " people"},
                                                            {s.sickness, " sickness"},
                                                            {s.disk_trouble, " disk"},
                                                            {s.idlers, " idlers"},
                                                            {s.operators, " operators"},
                                                            {s.ages, " ages"},
                                                            {s.monitored, " monitored"},
                                                            {s.flaky, " flaky"},
                                                            {s.admits, " admission"},
                                                            {s.memory_short, " memory"},
                                                            {s.limit_changes, " limits"},
                                                            {s.rule_changes, " rules"},
                                                            {s.modes, " modes"},
                                                            {s.redoes, " redone"},
                                                            {s.runs_out, " out-of-memory"},
                                                            {s.fills, " fills"}}};
  for (const auto& [on, word] : kinds) out += on ? word : "";
  return out;
}

}  // namespace holdfast::sim
