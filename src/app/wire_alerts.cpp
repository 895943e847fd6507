#include "app/wire_alerts.hpp"

#include "web/alert_event.hpp"

namespace holdfast {
namespace {

using guard::Health;

void add_services(const guard::Services& services, alert::Figures& figures) {
  for (const auto& [name, service] : services.all()) {
    auto& up = figures.services_up[name];
    if (service.health != Health::unknown) up = service.health == Health::up;
    if (service.config.breaks) figures.breakers_open[name] = service.breaker.state == breaker::State::open;
  }
}

void add_items(const std::vector<QueueCount>& counts, alert::Figures& figures) {
  std::uint64_t failed = 0;
  auto& waiting = figures.waiting.emplace();
  for (const QueueCount& count : counts) {
    if (count.status == JobStatus::failed) failed += count.jobs;
    if (count.status == JobStatus::pending) waiting[count.bulkhead] += count.jobs;
  }
  figures.counters.failed_items = failed;
}

/// What a store that does not answer leaves unknown stays so.
Task<alert::Figures> look(AlertWiring parts, std::uint64_t spool_limit) {
  const auto counts = co_await parts.jobs.counts();
  alert::Figures figures{.counters = parts.tally.counters(),
                         .work_paused = parts.admission.pace() != admission::Pace::full,
                         .uploads_refused = parts.admission.refusing(),
                         .workers_added = parts.scaler.added()};
  figures.spool_records = parts.spooled.standing().records;
  figures.spool_limit = spool_limit;
  figures.counters.queue_refusals = parts.admission.queue_refusals();
  const CacheStatus cache = parts.cache.status();
  figures.counters.cache_hits = cache.hits;
  figures.counters.cache_misses = cache.misses;
  if (counts) add_items(*counts, figures);
  add_services(parts.services, figures);
  for (const auto& [recipe, state] : parts.modes.all())
    figures.last_resorts[recipe] = parts.modes.in_last_resort(recipe);
  if (const auto free = parts.monitor.free_bytes(); free > 0) figures.free_bytes = free;
  co_return figures;
}

}  // namespace

Result<AlertParts> wire_alerts(const Settings& settings, const AlertWiring& parts) {
  AlertParts made;
  if (!settings.alerts.webhook.empty()) {
    WebhookConfig config{settings.alerts.webhook, settings.alerts.secret, settings.alerts.timeout};
    HF_TRY(made.webhook, Webhook::open(std::move(config), parts.clock));
  }
  guard::Alerts::Deps deps{.states = parts.states,
                           .clock = parts.clock,
                           .entropy = parts.entropy,
                           .look = [parts, limit = settings.storage.spool_alert] { return look(parts, limit); },
                           .notifier = made.webhook.get(),
                           .on_event = {},
                           .log = parts.log,
                           .drill_speed = settings.alerts.drill_speed};
  // The rules as they are in force: a drill's are faster.
  deps.on_event = [hub = &parts.hub, rules = alert::sped_up(settings.alerts.drill_speed)](const alert::Event& event) {
    hub->publish(web::live_of(event, rules));
  };
  made.alerts = std::make_unique<guard::Alerts>(std::move(deps));
  return made;
}

}  // namespace holdfast
