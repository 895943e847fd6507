#pragma once

#include <boost/asio/thread_pool.hpp>
#include <memory>

#include "adapters/system/memory_gauge.hpp"
#include "app/config/settings.hpp"
#include "app/wire_workers.hpp"
#include "flow/engine.hpp"
#include "guard/admission_control.hpp"
#include "guard/worker_scaler.hpp"
#include "web/web_server.hpp"

namespace holdfast {

/// The memory's gauge and what decides by it: who is let in, and how many workers are at work.
struct AdmissionParts {
  std::unique_ptr<SystemMemoryGauge> gauge;  ///< none: memory holds nothing back
  std::unique_ptr<guard::AdmissionControl> control;
  std::unique_ptr<guard::WorkerScaler> scaler;
};

struct AdmissionWiring {
  JobStore& jobs;
  StateStore& states;
  Clock& clock;
  Engine& engine;
  Workers& workers;
  asio::thread_pool& files;
  Log* log = nullptr;
};

/// Errors: invalid HF-CFG-01 (marks out of order).
Result<AdmissionParts> wire_admission(const Settings& settings, AdmissionWiring parts);

/// What the web may do with the limits. `control` outlives it.
web::LimitControl limit_control(guard::AdmissionControl* control);

}  // namespace holdfast
