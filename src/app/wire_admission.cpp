#include "app/wire_admission.hpp"

#include "guard/limits_json.hpp"

namespace holdfast {
namespace {

constexpr double fraction(unsigned percent) { return percent / 100.0; }

admission::Limits limits_of(const Settings::Admission& settings) {
  return {.work = {fraction(settings.stop_below), fraction(settings.resume_above)},
          .uploads = {fraction(settings.refuse_below), fraction(settings.accept_above)},
          .active_users_max = settings.active_users_max,
          .waiting_max = settings.waiting_max};
}

Task<Result<void>> change_limits(guard::AdmissionControl* control, std::string json) {
  HF_CO_TRY(auto limits, guard::limits_from_json(json, control->limits()));
  co_return co_await control->set_limits(std::move(limits));
}

/// The workers compute on the processor: the memory of a GPU says nothing of what they may use.
std::optional<MemoryReading> machine_memory(const guard::AdmissionControl& control) {
  const auto& reading = control.memory();
  return reading && reading->source != "gpu" ? reading : std::nullopt;
}

std::unique_ptr<guard::WorkerScaler> make_scaler(const Settings& settings, const AdmissionWiring& parts,
                                                 const guard::AdmissionControl& control) {
  const scale::Policy policy{.least = settings.capacity.engine,
                             .most = engine_workers_max(settings),
                             .more_above = settings.capacity.more_above,
                             .less_below = settings.capacity.more_above / 2,
                             .less_after = settings.capacity.fewer_after};
  guard::WorkerScaler::Deps deps{.jobs = parts.jobs,
                                 .clock = parts.clock,
                                 .memory = [&control] { return machine_memory(control); },
                                 .limits = [&control] { return control.limits(); },
                                 .pace = [&control] { return control.pace(); },
                                 .set_workers =
                                     [&engine = parts.engine, &workers = parts.workers](unsigned count) {
                                       workers.set_width(count);
                                       engine.set_slots("engine", count);
                                     },
                                 .bytes_each = parts.workers.bytes_each(),
                                 .log = parts.log};
  return std::make_unique<guard::WorkerScaler>(std::move(deps), policy);
}

}  // namespace

Result<AdmissionParts> wire_admission(const Settings& settings, AdmissionWiring parts) {
  AdmissionParts made;
  if (settings.admission.memory != "off") {
    SystemMemoryConfig config{.gpu = settings.admission.memory == "auto", .meminfo = settings.admission.meminfo};
    made.gauge = std::make_unique<SystemMemoryGauge>(std::move(config), parts.files);
  }
  const std::set<std::string> bulkheads{"media", "engine", "embedding"};
  const admission::Limits limits = limits_of(settings.admission);
  if (const auto fits = admission::check(limits, bulkheads); !fits)
    return fail(ErrorClass::invalid, "HF-CFG-01", "admission: " + fits.error().what());
  guard::AdmissionControl::Deps deps{
      .memory = made.gauge.get(),
      .jobs = parts.jobs,
      .states = parts.states,
      .clock = parts.clock,
      .bulkheads = bulkheads,
      .set_pace = [&engine = parts.engine](admission::Pace pace) { engine.set_pace(pace); },
      .log = parts.log};
  made.control = std::make_unique<guard::AdmissionControl>(std::move(deps), limits);
  made.scaler = make_scaler(settings, parts, *made.control);
  return made;
}

web::LimitControl limit_control(guard::AdmissionControl* control) {
  return {.show = [control] { return guard::to_json_text(control->limits()); },
          .change = [control](std::string json) { return change_limits(control, std::move(json)); },
          .refusing = [control] { return control->refusing(); }};
}

}  // namespace holdfast
