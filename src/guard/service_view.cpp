#include "guard/service_view.hpp"

#include <boost/json.hpp>

#include "core/base/rfc3339.hpp"
#include "core/catalogue/catalogue.hpp"

namespace holdfast::guard {
namespace {

namespace json = boost::json;
using breaker::Breaker;
using breaker::State;

json::value time_or_null(bool known, MonoTime at, Clock& clock) {
  if (!known) return nullptr;
  return json::string{to_rfc3339(clock.wall_now() + (at - clock.mono_now()))};
}

double rate(unsigned part, unsigned all) {
  return all == 0 ? 0 : static_cast<double>(part) / static_cast<double>(all);
}

json::array history_of(const Service& service) {
  json::array out;
  for (const Change& change : service.history) {
    json::object entry{{"at", to_rfc3339(change.at)}, {"what", change.what}, {"detail", nullptr}};
    if (!change.detail.empty()) entry["detail"] = change.detail;
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace

json::object percentiles(const Latencies& latencies) {
  return {{"count", latencies.count()},
          {"p50", latencies.percentile(50).count()},
          {"p95", latencies.percentile(95).count()},
          {"p99", latencies.percentile(99).count()}};
}

json::object breaker_object(const Service& service, Clock& clock) {
  const MonoTime now = clock.mono_now();
  const Breaker breaker = breaker::as_of(service.breaker, now);
  const auto& policy = service.config.policy;
  const auto counted = breaker::counted(breaker, policy, now);
  const bool waits = breaker.state == State::open && !breaker.by_hand;
  json::object out{{"name", service.config.name},
                   {"state", to_word(breaker.state)},
                   {"since", time_or_null(true, breaker.since, clock)},
                   {"retry_at", time_or_null(waits, breaker.retry_at, clock)},
                   {"by_hand", breaker.by_hand},
                   {"gated_until", time_or_null(breaker.gate_until > now, breaker.gate_until, clock)},
                   {"calls", counted.calls},
                   {"failure_rate", rate(counted.failures, counted.calls)},
                   {"slow_rate", rate(counted.slow, counted.calls)},
                   {"failures_in_a_row", breaker.row},
                   {"openings_in_a_row", breaker.trips},
                   {"in_flight", service.in_flight},
                   {"last_failure", nullptr}};
  if (!service.failed_code.empty()) out["last_failure"] = service.failed_code;
  return out;
}

json::object service_object(const Service& service, Clock& clock) {
  json::object out{{"name", service.config.name},
                   {"state", to_word(service.health)},
                   {"checked_at", nullptr},
                   {"response_ms", service.took.count()},
                   {"breaker", nullptr}};
  if (service.health != Health::unknown) out["checked_at"] = to_rfc3339(service.checked_at);
  if (service.config.breaks) out["breaker"] = breaker_object(service, clock);
  if (!service.code.empty()) {
    out["code"] = service.code;
    out["message"] = service.message;
    out["what_to_do"] = catalogue::describe(service.code).what_to_do;
  }
  return out;
}

json::object service_detail(const Service& service, Clock& clock) {
  json::object out = service_object(service, clock);
  out["misses"] = service.misses;
  out["probe_ms"] = percentiles(service.probes);
  out["call_ms"] = service.config.breaks ? json::value(percentiles(service.calls)) : json::value(nullptr);
  out["history"] = history_of(service);
  return out;
}

}  // namespace holdfast::guard
