#pragma once

#include <string>
#include <vector>

#include "adapters/prometheus/prometheus_meter.hpp"
#include "app/report.hpp"
#include "core/alert/book.hpp"
#include "ports/job_store.hpp"
#include "ports/worker_pool.hpp"

/// What Prometheus scrapes.
namespace holdfast::metrics {

struct Sources {
  JobStore& jobs;
  report::Known known;
  WorkerPool& workers;
  const PrometheusMeter& meter;
  const alert::Book& alerts;
};

/// The figures as they are now, and everything counted since the start. Errors: as JobStore::counts.
Task<Result<std::string>> page(Sources sources);

/// The process's own figures under the names that every Prometheus client library gives them, from texts in the form
/// of /proc/self/stat and /proc/stat. Empty where they cannot be understood. Source: proc_pid_stat(5).
std::vector<Figure> process_figures(const std::string& self_stat, const std::string& system_stat);

}  // namespace holdfast::metrics
