#pragma once

#include <boost/json/object.hpp>

#include "flow/spool/spooled_store.hpp"
#include "guard/admission_control.hpp"
#include "guard/mode_keeper.hpp"
#include "guard/monitor.hpp"
#include "guard/services.hpp"
#include "guard/worker_scaler.hpp"
#include "ports/cache.hpp"
#include "ports/job_store.hpp"
#include "ports/worker_pool.hpp"

/// What the server says about itself.
namespace holdfast::report {

/// What the server knows of itself.
struct Known {
  const guard::Services& services;
  const guard::Monitor& monitor;
  const guard::AdmissionControl& admission;
  const guard::WorkerScaler& scaler;
  const guard::ModeKeeper& modes;
  const RecipeBook& recipes;
  Clock& clock;
  CacheStatus cache;
  milliseconds cache_ttl{};
  spool::Standing spool;  ///< what the store did not take
  std::vector<std::string> notices;  ///< sentences about how it is set up that everybody should know
};

/// Source: draft-inadarei-api-health-check-06. `fail` only when uploads cannot be taken; what jobs wait for
/// is `warn`.
boost::json::object health(const Known& known);

/// queues, services, workers, cache, memory, messages (docs/reference/routes.md). Errors: as JobStore::counts.
Task<Result<boost::json::object>> status(JobStore& store, WorkerPool& workers, Known known);

}  // namespace holdfast::report
