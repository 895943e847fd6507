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

/// A number of kB in /proc/self/status or /proc/meminfo, as bytes; 0 if the line is not there.
std::uint64_t proc_bytes(const char* file, std::string_view label) {
  std::ifstream lines{file};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(label)) return 1024 * std::strtoull(line.c_str() + label.size(), nullptr, 10);
  }
  return 0;
}

json::object memory_object() {
  return {{"resident_bytes", proc_bytes("/proc/self/status", "VmRSS:")},
          {"total_bytes", proc_bytes("/proc/meminfo", "MemTotal:")},
          {"available_bytes", proc_bytes("/proc/meminfo", "MemAvailable:")}};
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

json::object health(const guard::Monitor& monitor, const std::vector<std::string>& notices) {
  json::object checks;
  std::string_view worst = notices.empty() ? "pass" : "warn";
  for (const auto& [name, state] : monitor.services()) {
    const std::string_view word = check_word(name, state.health);
    if (word == "fail" || (word == "warn" && worst == "pass")) worst = word;
    json::object check = service_object(name, state);
    check["status"] = word;
    checks[name] = json::array{std::move(check)};
  }
  json::object out{{"status", worst}, {"version", HF_VERSION}, {"checks", std::move(checks)}};
  if (!notices.empty()) out["notes"] = json::array(notices.begin(), notices.end());
  return out;
}

Task<Result<json::object>> status(JobStore& store, const guard::Monitor& monitor, WorkerPool& workers,
                                  std::vector<std::string> notices) {
  HF_CO_TRY(const auto counts, co_await store.counts());
  json::array services;
  for (const auto& [name, state] : monitor.services()) services.push_back(service_object(name, state));
  json::object out;
  out["queues"] = queues_array(counts);
  out["services"] = std::move(services);
  HF_CO_TRY(out["workers"], co_await workers_array(&store, workers.status()));
  out["memory"] = memory_object();
  out["free_bytes"] = monitor.free_bytes();
  out["messages"] = messages_array(monitor, notices);
  co_return out;
}

}  // namespace holdfast::report
