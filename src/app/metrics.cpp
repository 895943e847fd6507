#include "app/metrics.hpp"

#include <unistd.h>

#include <charconv>
#include <fstream>
#include <sstream>

namespace holdfast::metrics {
namespace {

using guard::Health;

std::string text_of(const char* file) {
  std::ifstream in{file};
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

double real(std::uint64_t count) { return static_cast<double>(count); }

/// Items by state over all queues, and the queues one by one. A queue's name is that of its pool.
void add_items(std::vector<Figure>& figures, const std::vector<QueueCount>& counts) {
  std::map<JobStatus, std::uint64_t> by_state;
  for (const JobStatus status : {JobStatus::pending, JobStatus::processing, JobStatus::completed, JobStatus::failed,
                                 JobStatus::cancelled})
    by_state[status] = 0;
  for (const QueueCount& count : counts) by_state[count.status] += count.jobs;
  for (const auto& [status, jobs] : by_state)
    figures.push_back({"holdfast_items", "Items by state.", {{"state", std::string{to_word(status)}}}, real(jobs)});
  for (const QueueCount& count : counts) {
    if (count.bulkhead.empty()) continue;
    figures.push_back({"holdfast_queue_depth",
                      "Items that wait for a pool or are at work in it.",
                      {{"queue", count.bulkhead}, {"state", std::string{to_word(count.status)}}},
                      real(count.jobs)});
  }
}

void add_services(std::vector<Figure>& figures, const report::Known& known) {
  for (const auto& [name, service] : known.services.all()) {
    if (service.health == Health::unknown) continue;
    figures.push_back({"holdfast_service_up",
                      "1: what the server stands on answers; 0: it is away.",
                      {{"service", name}},
                      service.health == Health::up ? 1.0 : 0.0});
  }
  for (const auto& [name, service] : known.services.all()) {
    if (!service.config.breaks) continue;
    figures.push_back({"holdfast_breaker_open",
                      "1: the service failed repeatedly and gets no work for a while.",
                      {{"service", name}},
                      service.breaker.state == breaker::State::open ? 1.0 : 0.0});
  }
  const double free = real(known.monitor.free_bytes());
  figures.push_back({"holdfast_storage_free_bytes", "Free space where files are stored.", {}, free});
}

void add_modes(std::vector<Figure>& figures, const report::Known& known) {
  for (const auto& [recipe, state] : known.modes.all()) {
    const auto& all = known.recipes.at(recipe).modes;
    for (std::size_t i = 0; i < all.size(); ++i)
      figures.push_back({"holdfast_recipe_mode",
                        "1: the recipe stands in this mode.",
                        {{"recipe", recipe}, {"mode", all[i].name}},
                        i == state.standing.mode ? 1.0 : 0.0});
  }
  for (const auto& [recipe, state] : known.modes.all())  // one metric after the other: the format wants them together
    figures.push_back({"holdfast_recipe_last_resort",
                      "1: nothing that the recipe needs answers.",
                      {{"recipe", recipe}},
                      known.modes.in_last_resort(recipe) ? 1.0 : 0.0});
}

void add_admission(std::vector<Figure>& figures, const guard::AdmissionControl& admission) {
  if (const auto& memory = admission.memory())
    figures.push_back({"holdfast_memory_available_ratio",
                      "Part of the memory that is available.",
                      {{"source", memory->source}},
                      memory->available()});
  const bool paused = admission.pace() != admission::Pace::full;
  figures.push_back({"holdfast_work_paused", "1: memory is short, so new work is held back.", {}, paused ? 1.0 : 0.0});
  figures.push_back({"holdfast_uploads_refused",
                    "1: memory is short, so no new file is taken.",
                    {},
                    admission.refusing() ? 1.0 : 0.0});
}

void add_workers(std::vector<Figure>& figures, WorkerPool& workers, const guard::WorkerScaler& scaler) {
  figures.push_back({"holdfast_workers_added",
                     "Engine workers at work because many items wait, beyond those there are otherwise.",
                     {},
                     static_cast<double>(scaler.added())});
  std::map<WorkerKind, double> busy;
  for (const WorkerStatus& worker : workers.status()) busy[worker.kind] += worker.state == "busy" ? 1 : 0;
  for (const auto& [kind, count] : busy)
    figures.push_back({"holdfast_worker_busy", "Workers at work.", {{"pool", std::string{to_word(kind)}}}, count});
  for (const WorkerStatus& worker : workers.status()) {
    if (worker.runs.empty()) continue;
    figures.push_back({"holdfast_worker_steps_down",
                      "How much smaller a worker runs than configured, because memory was short; 0: as configured.",
                      {{"pool", std::string{to_word(worker.kind)}}, {"runs", worker.runs}},
                      static_cast<double>(worker.smaller)});
  }
}

/// What the store did not take.
void add_spool(std::vector<Figure>& figures, const spool::Standing& spool) {
  const double records = real(spool.records);
  figures.push_back({"holdfast_spool_records", "Uploads and results that wait beside the store.", {}, records});
  figures.push_back({"holdfast_store_refuses", "1: the store takes no writes.", {}, spool.refusing ? 1.0 : 0.0});
  figures.push_back({"holdfast_spool_flushed_total",
                     "Records of the spool that the store took after all.",
                     {},
                     real(spool.flushed),
                     Figure::Kind::counter});
}

/// What alerts never reached the webhook.
void add_alerts(std::vector<Figure>& figures, const alert::Book& book) {
  figures.push_back({"holdfast_alerts_dropped_total",
                     "Alerts that were never delivered because too many waited.",
                     {},
                     real(book.dropped),
                     Figure::Kind::counter});
  figures.push_back({"holdfast_alerts_given_up_total",
                     "Alerts that were never delivered because the webhook refused them.",
                     {},
                     real(book.given_up),
                     Figure::Kind::counter});
}

void add_cache(std::vector<Figure>& figures, const report::Known& known) {
  const CacheStatus& cache = known.cache;
  const auto counter = Figure::Kind::counter;
  figures.push_back({"holdfast_cache_hits_total", "Questions that the cache answered.", {}, real(cache.hits), counter});
  figures.push_back(
      {"holdfast_cache_misses_total", "Questions that it could not answer.", {}, real(cache.misses), counter});
  for (const char* backend : {"memory", "redis"})
    figures.push_back({"holdfast_cache_backend",
                      "1: this one answers now.",
                      {{"backend", backend}},
                      cache.backend == backend ? 1.0 : 0.0});
  if (cache.entries)
    figures.push_back({"holdfast_cache_entries", "Answers in it; Redis: its database.", {}, real(*cache.entries)});
  if (cache.bytes)
    figures.push_back({"holdfast_cache_bytes", "Size of it; Redis: its process.", {}, real(*cache.bytes)});
  const double ttl = std::chrono::duration<double>(known.cache_ttl).count();
  figures.push_back({"holdfast_cache_ttl_seconds", "How long an answer is kept that is made now.", {}, ttl});
}

/// The fields of /proc/PID/stat behind the name of the program, which may hold anything: field 3 first.
std::vector<std::string> fields_of(const std::string& stat) {
  const auto end_of_name = stat.rfind(')');
  std::vector<std::string> fields;
  if (end_of_name == std::string::npos) return fields;
  std::istringstream rest{stat.substr(end_of_name + 1)};
  for (std::string field; rest >> field;) fields.push_back(std::move(field));
  return fields;
}

double number(const std::string& text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

std::vector<Figure> process_figures(const std::string& self_stat, const std::string& system_stat) {
  const auto fields = fields_of(self_stat);
  const auto boot = system_stat.find("\nbtime ");
  if (fields.size() < 22 || boot == std::string::npos) return {};
  const auto field = [&fields](std::size_t number_in_manual) { return number(fields[number_in_manual - 3]); };
  const double ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  const double started = number(system_stat.substr(boot + 7)) + field(22) / ticks;
  const double worked = (field(14) + field(15)) / ticks;
  const auto counter = Figure::Kind::counter;
  return {{"process_cpu_seconds_total", "User and system processor time spent.", {}, worked, counter},
          {"process_resident_memory_bytes",
           "Resident memory.",
           {},
           field(24) * static_cast<double>(::sysconf(_SC_PAGESIZE))},
          {"process_start_time_seconds", "When the process began, since 1970.", {}, started}};
}

Task<Result<std::string>> page(Sources sources) {
  HF_CO_TRY(const auto counts, co_await sources.jobs.counts());
  std::vector<Figure> figures{
      {"holdfast_build_info", "Always 1; the version is a label.", {{"version", HF_VERSION}}, 1.0}};
  add_items(figures, counts);
  add_services(figures, sources.known);
  add_modes(figures, sources.known);
  add_admission(figures, sources.known.admission);
  add_cache(figures, sources.known);
  add_workers(figures, sources.workers, sources.known.scaler);
  add_spool(figures, sources.known.spool);
  add_alerts(figures, sources.alerts);
  for (Figure& figure : process_figures(text_of("/proc/self/stat"), text_of("/proc/stat")))
    figures.push_back(std::move(figure));
  co_return sources.meter.text(figures);
}

}  // namespace holdfast::metrics
