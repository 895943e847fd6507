#include "app/report.hpp"

#include <boost/json.hpp>
#include <fstream>

#include "core/base/rfc3339.hpp"
#include "core/catalogue/catalogue.hpp"
#include "guard/service_view.hpp"

namespace holdfast::report {
namespace {

namespace json = boost::json;
using guard::Health;
using guard::Service;

bool needed_for_uploads(const std::string& service) { return service == "store" || service == "storage"; }

/// A breaker that is not closed makes work wait as well.
std::string_view check_word(const Service& service) {
  const bool rests = service.config.breaks && service.breaker.state != breaker::State::closed;
  if (service.health == Health::up) return rests ? "warn" : "pass";
  return needed_for_uploads(service.config.name) && service.health == Health::down ? "fail" : "warn";
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

json::value number_or_null(const std::optional<std::uint64_t>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}

json::object cache_object(const Known& known) {
  const CacheStatus& cache = known.cache;
  return {{"backend", cache.backend},
          {"stands_in", cache.stands_in},
          {"since", to_rfc3339(cache.since)},
          {"entries", number_or_null(cache.entries)},
          {"bytes", number_or_null(cache.bytes)},
          {"hits", cache.hits},
          {"misses", cache.misses},
          {"ttl_s", known.cache_ttl.count() / 1'000}};
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
                       {"item", nullptr},              {"job_id", nullptr},      {"runs", nullptr},
                       {"steps_down", worker.smaller}, {"inference_ms", nullptr}};
    if (!worker.runs.empty()) entry["runs"] = worker.runs;
    if (worker.inferences.count() > 0) entry["inference_ms"] = guard::percentiles(worker.inferences);
    if (!worker.item.empty()) {
      HF_CO_TRY(const auto job, co_await store->find(worker.item));
      entry["item"] = worker.item.text();
      if (job) entry["job_id"] = job->job_key;
    }
    out.push_back(std::move(entry));
  }
  co_return out;
}

/// In which mode each recipe stands that has modes.
json::array modes_array(const Known& known) {
  json::array out;
  for (const auto& [recipe, state] : known.modes.all()) {
    const modes::Mode& mode = *known.modes.mode_of(recipe);
    json::array lost;
    for (const std::string& feature : lost_in(known.recipes.at(recipe), mode)) lost.emplace_back(feature);
    json::array away;
    for (const std::string& stage : state.out) away.emplace_back(stage);
    json::array less;
    for (const std::string& stage : state.less) less.emplace_back(stage);
    out.push_back(json::object{{"recipe", recipe},
                               {"mode", mode.name},
                               {"full", state.standing.mode == 0},
                               {"last_resort", mode.last_resort},
                               {"since", to_rfc3339(state.since)},
                               {"away", std::move(away)},
                               {"smaller", std::move(less)},
                               {"lost", std::move(lost)}});
  }
  return out;
}

/// A sentence for each recipe that does not stand in its fullest mode.
void add_mode_messages(const Known& known, json::array& out) {
  for (const auto& [recipe, state] : known.modes.all()) {
    if (state.standing.mode == 0) continue;
    const auto& title = known.recipes.at(recipe).title;
    const char* const how_long = state.out.empty() && !state.less.empty() ? "\" while memory is short."
                                                                         : "\" until what it needs is back.";
    out.push_back(json::string{title + " is in mode \"" + known.modes.mode_of(recipe)->name + how_long});
  }
}

bool is_behind(const spool::Standing& spool) { return spool.refusing || spool.records > 0; }

/// A sentence for everybody for each part that is away.
json::array messages_array(const Known& known) {
  json::array out(known.notices.begin(), known.notices.end());
  add_mode_messages(known, out);
  if (is_behind(known.spool))
    out.push_back(json::string{"The store takes no writes" +
                               (known.spool.reason.empty() ? std::string{} : " (" + known.spool.reason + ")") + ": " +
                               std::to_string(known.spool.records) + " uploads and results wait beside it, safe."});
  for (const auto& [name, service] : known.services.all()) {
    if (service.health != Health::down || !service.config.probed_by.empty()) continue;
    const auto* entry = catalogue::find(service.code);
    out.push_back(json::string{entry != nullptr ? std::string{entry->message} : service.message});
  }
  return out;
}

json::object spool_object(const spool::Standing& spool) {
  json::object out{{"records", spool.records},   {"writes", spool.refusing ? "refused" : "taken"},
                   {"reason", nullptr},          {"code", nullptr},
                   {"since", nullptr},           {"flushed", spool.flushed},
                   {"repeated", spool.repeated}, {"came_late", spool.rejected}};
  if (!spool.refusing) return out;
  out["reason"] = spool.reason;
  out["code"] = spool.code;
  out["since"] = to_rfc3339(spool.since);
  return out;
}

}  // namespace

json::object health(const Known& known) {
  json::object checks;
  std::string_view worst = known.notices.empty() ? "pass" : "warn";
  for (const auto& [name, service] : known.services.all()) {
    if (service.health == Health::unknown) continue;  // nobody has looked yet
    std::string_view word = check_word(service);
    if (name == "store" && word == "pass" && is_behind(known.spool)) word = "warn";  // it can be read
    if (word == "fail" || (word == "warn" && worst == "pass")) worst = word;
    json::object check = guard::service_object(service, known.clock);
    check["status"] = word;
    checks[name] = json::array{std::move(check)};
  }
  json::object memory = memory_object(known.admission);
  const bool roomy = known.admission.pace() == admission::Pace::full && !known.admission.refusing();
  memory["status"] = roomy ? "pass" : "warn";
  checks["memory"] = json::array{std::move(memory)};
  json::object spool = spool_object(known.spool);
  spool["status"] = is_behind(known.spool) ? "warn" : "pass";
  checks["spool"] = json::array{std::move(spool)};
  json::object cache = cache_object(known);
  cache["status"] = known.cache.stands_in ? "warn" : "pass";
  checks["cache"] = json::array{std::move(cache)};
  for (const auto& [recipe, state] : known.modes.all()) {
    if (state.standing.mode > 0 && worst == "pass") worst = "warn";
  }
  json::object out{{"status", worst}, {"version", HF_VERSION}, {"checks", std::move(checks)}};
  out["modes"] = modes_array(known);
  if (!known.notices.empty()) out["notes"] = json::array(known.notices.begin(), known.notices.end());
  return out;
}

Task<Result<json::object>> status(JobStore& store, WorkerPool& workers, Known known) {
  HF_CO_TRY(const auto counts, co_await store.counts());
  json::array services;
  for (const auto& [name, service] : known.services.all())
    services.push_back(guard::service_object(service, known.clock));
  json::object out;
  out["queues"] = queues_array(counts);
  out["services"] = std::move(services);
  HF_CO_TRY(out["workers"], co_await workers_array(&store, workers.status()));
  out["cache"] = cache_object(known);
  out["spool"] = spool_object(known.spool);
  out["memory"] = memory_object(known.admission);
  out["free_bytes"] = known.monitor.free_bytes();
  out["modes"] = modes_array(known);
  out["messages"] = messages_array(known);
  co_return out;
}

}  // namespace holdfast::report
