#include "sim/held_books.hpp"

#include <algorithm>

#include "guard/guarded_pool.hpp"
#include "guard/monitor.hpp"
#include "sim/sim_workers.hpp"

namespace holdfast::sim {
namespace {

constexpr std::string_view kResting = "HF-SVC-01";
/// From a service's return until a monitor that took it for down has seen it: a question that was asked before, the
/// longest pause, and the next question.
constexpr milliseconds kSeenWithin = guard::Monitor::kEvery * 3 / 2 + 2 * kProbePatience;

/// Who does the next stage of a job. Nothing: there is none.
std::optional<WorkerKind> worker_of(const Job& job) {
  const StageRecord* stage = current_stage(job);
  if (stage == nullptr) return std::nullopt;
  return stage->kind == "convert" ? WorkerKind::media : WorkerKind::speech;
}

bool was_repeated(const Job& job) { return current_stage(job)->attempts > 0; }

}  // namespace

void HeldBooks::node_runs(int node) {
  calm_since_[node] = deps_.timeline.now();
  std::erase_if(room_, [node](const auto& offer) { return std::get<0>(offer.first) == node; });
}

void HeldBooks::frozen(int node, MonoTime until) {
  if (const auto calm = calm_since_.find(node); calm != calm_since_.end())
    calm->second = std::max(calm->second, until);
}

void HeldBooks::committed(const Commit& commit) {
  const Job& after = commit.change->after;
  for (const AuditEntry& entry : commit.change->audit) {
    if (entry.type == "job.released") released(*commit.before);
    if (const auto kind = worker_of(after); kind) moved_at_[*kind] = deps_.timeline.now();
  }
  if (after.held_for.empty()) {
    held_.erase(after.id);
  } else if (const auto [held, fresh] = held_.try_emplace(after.id); fresh || held->second.code != after.held_for) {
    held->second = {.since = deps_.timeline.now(), .code = after.held_for};
  }
}

void HeldBooks::released(const Job& job) {
  const auto held = held_.find(job.id);
  const auto kind = worker_of(job);
  if (held == held_.end() || !kind) return;
  check_time(job, held->second, *kind);
  if (held->second.code == kResting) check_room(job, *kind);
}

/// Since when a question of this node would be answered well. Nothing: it would not be.
std::optional<MonoTime> HeldBooks::there_since(int node, WorkerKind kind) const {
  const MonoTime now = deps_.timeline.now();
  if (deps_.services.away(kind, now) || deps_.services.slow(kind, now)) return std::nullopt;
  const MonoTime there = deps_.services.there_since(kind, now);
  if (kind != WorkerKind::speech) return there;
  const auto ready = deps_.ladders.ready_since(node);
  return ready ? std::optional{std::max(there, *ready)} : std::nullopt;
}

/// Until when this node is to have let it go. Nothing: it need not.
std::optional<MonoTime> HeldBooks::deadline(int node, const Job& job, const Held& held, WorkerKind kind) const {
  const auto answers = there_since(node, kind);
  if (!answers) return std::nullopt;
  const std::string service = guard::service_of(kind, {});
  const MonoTime there = *answers;
  MonoTime base = std::max({there, held.since, calm_since_.at(node), deps_.store.failed_at, deps_.store.away_until});
  const bool to_be_seen = deps_.monitored && base == there && deps_.health.was_down(node, service, there);
  if (held.code != kResting) {
    const milliseconds seen_within = std::min(kSeenWithin, deps_.probe_every);
    return base + (to_be_seen ? seen_within : deps_.probe_every) + deps_.slack;
  }
  const auto room = deps_.breakers.room_since(node, service);
  if (!room || was_repeated(job)) return std::nullopt;  // what is repeated has a budget of its own
  base = std::max(base, *room);
  if (const auto moved = moved_at_.find(kind); moved != moved_at_.end()) base = std::max(base, moved->second);
  return base + deps_.probe_every + deps_.slack;
}

void HeldBooks::check_time(const Job& job, const Held& held, WorkerKind kind) {
  for (const auto& [node, calm] : calm_since_) {
    const auto deadline = this->deadline(node, job, held, kind);
    if (!deadline || deps_.timeline.now() <= *deadline) continue;
    complain_(job.id.text() + ": still held for " + held.code + ' ' +
              std::to_string((deps_.timeline.now() - *deadline).count()) + " ms after " + node_name(node) +
              " should have let it go");
  }
}

/// Each look of a node asks anew, and lets no more go than it was told. One whose answers are lost does not know what
/// it has let go.
void HeldBooks::check_room(const Job& job, WorkerKind kind) {
  bool answers_lost = false;
  for (auto& [wanted, offer] : room_) {
    const auto& [node, wanted_kind, repeats] = wanted;
    if (wanted_kind != kind || repeats != was_repeated(job)) continue;
    answers_lost = answers_lost || deps_.store.failed_at >= offer.at;
    if (offer.room == 0) continue;
    if (offer.room != WorkerPool::kRoomForAll) --offer.room;
    return;
  }
  if (answers_lost) return;
  complain_(job.id.text() + ": let go although " + guard::service_of(kind, {}) + " has no room for it");
}

}  // namespace holdfast::sim
