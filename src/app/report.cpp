#include "app/report.hpp"

#include <boost/json.hpp>
#include <fstream>

#include "core/catalogue/catalogue.hpp"
#include "flow/views/item_view.hpp"

namespace holdfast::report {
namespace {

namespace json = boost::json;
using guard::ServiceState;

bool needed_for_uploads(const std::string& service) { return service == "store" || service == "storage"; }

std::string_view check_word(const std::string& service, ServiceState::Health health) {
  if (health == ServiceState::Health::up) return "pass";
  return needed_for_uploads(service) && health == ServiceState::Health::down ? "fail" : "warn";
}

json::object service_object(const std::string& name, const ServiceState& state) {
  json::object out{{"name", name},
                   {"state", to_word(state.health)},
                   {"checked_at", views::to_rfc3339(state.checked_at)},
                   {"response_ms", state.took.count()},
                   {"breaker", nullptr}};  // there are no circuit breakers yet
  if (!state.code.empty()) {
    out["code"] = state.code;
    out["message"] = state.message;
  }
  return out;
}

std::uint64_t resident_bytes() {
  std::ifstream lines{"/proc/self/status"};
  constexpr std::string_view kLabel = "VmRSS:";
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(kLabel)) return 1024 * std::strtoull(line.c_str() + kLabel.size(), nullptr, 10);
  }
  return 0;
}

std::string_view to_word(admission::Pace pace) {
  switch (pace) {
    case admission::Pace::full:
      return "full";
    case admission::Pace::one_at_a_time:
      return "one at a time";
    case admission::Pace::none:
      return "paused";
  }
  std::unreachable();
}

json::object memory_object(const guard::AdmissionControl& admission) {
  json::object out{{"resident_bytes", resident_bytes()},
                   {"source", nullptr},
                   {"total_bytes", nullptr},
                   {"available_bytes", nullptr},
                   {"work", to_word(admission.pace())},
                   {"uploads", admission.refusing() ? "refused" : "accepted"}};
  if (const auto& reading = admission.memory()) {
    out["source"] = reading->source;
    out["total_bytes"] = reading->total_bytes;
    out["available_bytes"] = reading->available_bytes;
  }
  return out;
}

json::array queues_array(const std::vector<QueueCount>& counts) {
  json::array out;
  for (const QueueCount& count : counts) {
    out.push_back({{"queue", count.bulkhead}, {"status", to_word(count.status)}, {"jobs", count.jobs}});
  }
  return out;
}

/// `item` and `job_id` are what they are everywhere: the item's id, and its idempotency key.
Task<Result<json::array>> workers_array(JobStore* store, std::vector<WorkerStatus> workers) {
  json::array out;
  for (const WorkerStatus& worker : workers) {
    json::object entry{{"kind", to_word(worker.kind)}, {"pid", worker.pid},     {"state", worker.state},
                       {"item", nullptr},              {"job_id", nullptr}};
    if (!worker.item.empty()) {
      HF_CO_TRY(const auto job, co_await store->find(worker.item));
      entry["item"] = worker.item.text();
      if (job) entry["job_id"] = job->job_key;
    }
    out.push_back(std::move(entry));
  }
  co_return out;
}

/// A sentence for everybody for each part that is away.
json::array messages_array(const guard::Monitor& monitor, const std::vector<std::string>& notices) {
  json::array out(notices.begin(), notices.end());
  for (const auto& [name, state] : monitor.services()) {
    if (state.health != ServiceState::Health::down) continue;
    const auto* known = catalogue::find(state.code);
    out.push_back(json::string{known != nullptr ? std::string{known->message} : state.message});
  }
  return out;
}

}  // namespace

json::object health(const guard::Monitor& monitor, const guard::AdmissionControl& admission,
                    const std::vector<std::string>& notices) {
  json::object checks;
  std::string_view worst = notices.empty() ? "pass" : "warn";
  for (const auto& [name, state] : monitor.services()) {
    const std::string_view word = check_word(name, state.health);
    if (word == "fail" || (word == "warn" && worst == "pass")) worst = word;
    json::object check = service_object(name, state);
    check["status"] = word;
    checks[name] = json::array{std::move(check)};
  }
  json::object memory = memory_object(admission);
  const bool roomy = admission.pace() == admission::Pace::full && !admission.refusing();
  memory["status"] = roomy ? "pass" : "warn";
  checks["memory"] = json::array{std::move(memory)};
  json::object out{{"status", worst}, {"version", HF_VERSION}, {"checks", std::move(checks)}};
  if (!notices.empty()) out["notes"] = json::array(notices.begin(), notices.end());
  return out;
}

Task<Result<json::object>> status(JobStore& store, const guard::Monitor& monitor, WorkerPool& workers,
                                  const guard::AdmissionControl& admission,
                                  std::vector<std::string> notices) {
  HF_CO_TRY(const auto counts, co_await store.counts());
  json::array services;
  for (const auto& [name, state] : monitor.services()) services.push_back(service_object(name, state));
  json::object out;
  out["queues"] = queues_array(counts);
  out["services"] = std::move(services);
  HF_CO_TRY(out["workers"], co_await workers_array(&store, workers.status()));
  out["memory"] = memory_object(admission);
  out["free_bytes"] = monitor.free_bytes();
  out["messages"] = messages_array(monitor, notices);
  co_return out;
}

}  // namespace holdfast::report
