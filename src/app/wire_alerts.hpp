#pragma once

#include <memory>

#include "adapters/webhook/webhook.hpp"
#include "app/config/settings.hpp"
#include "app/report.hpp"
#include "flow/spool/spooled_store.hpp"
#include "flow/views/event_hub.hpp"
#include "guard/alerts.hpp"
#include "guard/mode_keeper.hpp"
#include "guard/tally.hpp"
#include "guard/worker_scaler.hpp"
#include "ports/cache.hpp"

namespace holdfast {

/// Who finds alerts, and whom they are sent to.
struct AlertParts {
  std::unique_ptr<Webhook> webhook;  ///< none is configured
  std::unique_ptr<guard::Alerts> alerts;
};

struct AlertWiring {
  JobStore& jobs;
  StateStore& states;
  Clock& clock;
  Entropy& entropy;
  const guard::Services& services;
  const guard::Monitor& monitor;
  const guard::AdmissionControl& admission;
  const guard::WorkerScaler& scaler;
  const Cache& cache;
  const guard::ModeKeeper& modes;
  const guard::Tally& tally;
  views::EventHub& hub;
  const spool::SpooledStore& spooled;
  Log* log = nullptr;
};

/// Everything that is named outlives what is made. Errors: as Webhook::open.
Result<AlertParts> wire_alerts(const Settings& settings, const AlertWiring& parts);

}  // namespace holdfast
