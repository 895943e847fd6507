#pragma once

#include <boost/json/object.hpp>

#include "guard/admission_control.hpp"
#include "guard/monitor.hpp"
#include "ports/job_store.hpp"
#include "ports/worker_pool.hpp"

/// What the server says about itself.
namespace holdfast::report {

/// Source: draft-inadarei-api-health-check-06. `fail` only when uploads cannot be taken; what jobs wait for
/// is `warn`.
/// `notices` are sentences about how this server is set up that everybody should know.
boost::json::object health(const guard::Monitor& monitor, const guard::AdmissionControl& admission,
                           const std::vector<std::string>& notices);

/// queues, services, workers, memory, messages (docs/reference/routes.md). Errors: as JobStore::counts.
Task<Result<boost::json::object>> status(JobStore& store, const guard::Monitor& monitor, WorkerPool& workers,
                                         const guard::AdmissionControl& admission,
                                         std::vector<std::string> notices);

}  // namespace holdfast::report
