#include "sim/guard_books.hpp"

#include <algorithm>

#include "sim/checker.hpp"
#include "sim/sim_workers.hpp"

namespace holdfast::sim {
namespace {

Complain into(Checker& checker) {
  return [&checker](const std::string& what) { checker.violation(what); };
}

/// How long a look at everything that is held takes at most, with the one that may be under way: a few calls of the
/// store for each job, and a few questions that are answered too late.
milliseconds slack_of(const Scenario& scenario) {
  const milliseconds calls = 8 * (scenario.jobs + 6) * scenario.store_delay_max;
  return milliseconds{1'000} + calls + (scenario.flaky ? 6 * kProbePatience : milliseconds{0});
}

HeldBooks::Deps held_deps(const GuardBooks::Deps& deps, const HealthBooks& health, const LadderBooks& ladders) {
  return {.timeline = deps.timeline,
          .services = deps.services,
          .store = deps.store,
          .health = health,
          .breakers = deps.checker.breakers(),
          .ladders = ladders,
          .probe_every = deps.scenario.probe_every,
          .slack = slack_of(deps.scenario),
          .monitored = deps.scenario.monitored};
}

}  // namespace

GuardBooks::GuardBooks(Deps deps)
    : health{deps.timeline, into(deps.checker), deps.coverage},
      ladders{{deps.timeline, deps.services, deps.scenario.larger_after}, into(deps.checker), deps.coverage},
      held{held_deps(deps, health, ladders), into(deps.checker)},
      admission{deps.timeline, into(deps.checker), deps.coverage, 2 * deps.scenario.store_delay_max},
      kept{into(deps.checker), deps.coverage},
      rules{deps.timeline, deps.scenario.retry, into(deps.checker)},
      leases{deps.timeline, deps.scenario.lease_for, into(deps.checker)},
      modes{deps.timeline, into(deps.checker), deps.coverage},
      scenario_{deps.scenario},
      store_{deps.store},
      coverage_{deps.coverage} {}

void GuardBooks::committed(const Commit& commit) {
  cover(commit);
  held.committed(commit);
  rules.committed(commit);
  ladders.committed(commit);
  leases.committed(commit, held.calm_since(), std::max(store_.failed_at, store_.away_until));
  if (scenario_.admits) admission.committed(commit);
}

void GuardBooks::cover(const Commit& commit) {
  for (const AuditEntry& entry : commit.change->audit) {
    coverage_.reached("change/" + entry.type);
    if (entry.type == "job.held") coverage_.reached("held/" + entry.detail);
    if (entry.type == "job.released") coverage_.reached("released/" + entry.detail);
    if (entry.type == "job.dead") coverage_.reached("dead/" + entry.detail);
  }
}

void GuardBooks::frozen(int node, MonoTime until) {
  held.frozen(node, until);
  admission.frozen(node, until);
}

}  // namespace holdfast::sim
