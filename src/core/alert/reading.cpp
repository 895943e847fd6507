#include "core/alert/reading.hpp"

#include <cmath>
#include <utility>

namespace holdfast::alert {
namespace {

using Readings = std::vector<Reading>;

double real(std::uint64_t count) { return static_cast<double>(count); }

bool is_model(std::string_view service) {
  return service == "speech" || service == "embedding" || service.starts_with("language");
}

Readings services_down(const Figures& now, bool models) {
  Readings out;
  for (const auto& [name, up] : now.services_up) {
    if (is_model(name) != models) continue;
    out.push_back({.subject = name, .value = up.value_or(true) ? 0.0 : 1.0});
    if (up) out.back().holds = !*up;
  }
  return out;
}

Readings breakers_open(const Figures& now) {
  Readings out;
  for (const auto& [name, open] : now.breakers_open) out.push_back({name, open ? 1.0 : 0.0, open});
  return out;
}

Readings last_resorts(const Figures& now) {
  Readings out;
  for (const auto& [recipe, in_it] : now.last_resorts) out.push_back({recipe, in_it ? 1.0 : 0.0, in_it});
  return out;
}

std::optional<Readings> queues_waiting(const Rule& rule, const Figures& now) {
  Readings out;
  if (!now.waiting) return std::nullopt;
  for (const auto& [pool, items] : *now.waiting) out.push_back({pool, real(items), real(items) > rule.threshold});
  return out;
}

/// A share of nothing says that all is well, once there has been time for something.
Reading share(const Rule& rule, std::uint64_t part, std::uint64_t all, bool whole_time) {
  if (all == 0) return {.holds = whole_time ? std::optional{false} : std::nullopt};
  const double value = real(part) / real(all);
  return {.value = value, .holds = value > rule.threshold};
}

Readings failure_shares(const Rule& rule, const Figures& now, const History& history) {
  Readings out;
  const Counters& then = history.before(rule.over);
  for (const auto& [kind, attempts] : now.counters.attempts) {
    if (kind != "transcribe" && kind != "generate") continue;
    const auto found = then.attempts.find(kind);
    const auto before = found == then.attempts.end() ? Counters::Attempts{} : found->second;
    Reading reading = share(rule, attempts.failed - before.failed, attempts.ended - before.ended,
                            history.covers(rule.over));
    reading.subject = kind;
    out.push_back(std::move(reading));
  }
  return out;
}

Reading dead_letters_grown(const Rule& rule, const Figures& now, const History& history) {
  const auto then = history.before(rule.over).failed_items;
  if (!now.counters.failed_items || !then) return {};
  const double grown = real(*now.counters.failed_items) - real(*then);
  if (grown > rule.threshold) return {.value = grown, .holds = true};
  return {.value = grown, .holds = history.covers(rule.over) ? std::optional{false} : std::nullopt};
}

std::uint64_t attempts_ended(const Counters& counters) {
  std::uint64_t sum = 0;
  for (const auto& [kind, attempts] : counters.attempts) sum += attempts.ended;
  return sum;
}

Reading no_progress(const Rule& rule, const Figures& now, const History& history) {
  if (!now.waiting) return {};
  double waiting = 0;
  for (const auto& [pool, items] : *now.waiting) waiting += real(items);
  const bool ended = attempts_ended(now.counters) > attempts_ended(history.before(rule.over));
  if (waiting == 0 || ended) return {.value = waiting, .holds = false};
  return {.value = waiting, .holds = history.covers(rule.over) ? std::optional{true} : std::nullopt};
}

Reading free_bytes(const Rule& rule, const Figures& now) {
  if (!now.free_bytes) return {};
  return {.value = real(*now.free_bytes), .holds = real(*now.free_bytes) < rule.threshold};
}

Reading yes_or_no(bool yes) { return {.value = yes ? 1.0 : 0.0, .holds = yes}; }

Reading queue_refusals(const Rule& rule, const Figures& now, const History& history) {
  const double refused = real(now.counters.queue_refusals);
  const double before = real(history.before(rule.over).queue_refusals);
  return {.value = refused, .holds = std::floor(refused / rule.threshold) > std::floor(before / rule.threshold)};
}

Reading spool_records(const Rule& rule, const Figures& now) {
  const double limit = now.spool_limit > 0 ? real(now.spool_limit) : rule.threshold;
  return {.value = real(now.spool_records), .holds = real(now.spool_records) > limit};
}

Reading cache_miss_share(const Rule& rule, const Figures& now, const History& history) {
  const Counters& then = history.before(rule.over);
  const std::uint64_t misses = now.counters.cache_misses - then.cache_misses;
  const std::uint64_t hits = now.counters.cache_hits - then.cache_hits;
  return share(rule, misses, hits + misses, history.covers(rule.over));
}

}  // namespace

std::optional<Readings> read(const Rule& rule, const Figures& now, const History& history) {
  switch (rule.measure) {
    case Measure::model_down:
      return services_down(now, true);
    case Measure::service_down:
      return services_down(now, false);
    case Measure::queue_waiting:
      return queues_waiting(rule, now);
    case Measure::error_share: {
      const Counters& then = history.before(rule.over);
      return Readings{share(rule, now.counters.errors - then.errors, now.counters.requests - then.requests,
                            history.covers(rule.over))};
    }
    case Measure::model_failure_share:
      return failure_shares(rule, now, history);
    case Measure::dead_letters_grown:
      return Readings{dead_letters_grown(rule, now, history)};
    case Measure::no_progress:
      return Readings{no_progress(rule, now, history)};
    case Measure::free_bytes:
      return Readings{free_bytes(rule, now)};
    case Measure::breaker_open:
      return breakers_open(now);
    case Measure::last_resort:
      return last_resorts(now);
    case Measure::work_paused:
      return Readings{yes_or_no(now.work_paused)};
    case Measure::uploads_refused:
      return Readings{yes_or_no(now.uploads_refused)};
    case Measure::queue_refusals:
      return Readings{queue_refusals(rule, now, history)};
    case Measure::workers_added:
      return Readings{{.value = double(now.workers_added), .holds = now.workers_added > 0}};
    case Measure::spool_records:
      return Readings{spool_records(rule, now)};
    case Measure::cache_miss_share:
      return Readings{cache_miss_share(rule, now, history)};
  }
  std::unreachable();
}

}  // namespace holdfast::alert
