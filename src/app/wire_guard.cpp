#include "app/wire_guard.hpp"

#include "adapters/probe/system_prober.hpp"
#include "app/config/service_keys.hpp"

namespace holdfast {
namespace {

/// A conversion and a transcription take as long as the recording: only of language calls can it be said that
/// one is slow.
constexpr milliseconds kLanguageSlow{120'000};

breaker::Policy policy_of(const Settings::Service& set) {
  breaker::Policy policy;
  policy.window = set.window;
  policy.calls_min = set.calls_min;
  policy.failure_percent = set.failure_percent;
  policy.slow_percent = set.slow_percent;
  policy.row_max = set.failures_in_a_row;
  policy.open_for = set.open_for;
  policy.open_max = std::max(set.open_for, set.open_max);
  return policy;
}

/// What the configuration says of a service of ours; a role has what is said of language, unless it has its own.
guard::ServiceConfig configured(const Settings& settings, guard::ServiceConfig config) {
  const std::string family = config.name.substr(0, config.name.find('/'));
  for (const std::string& name : {family, config.name}) {
    const auto set = std::ranges::find(settings.services, name, &Settings::Service::name);
    if (set == settings.services.end()) continue;
    config.policy = policy_of(*set);
    config.misses_max = set->misses;
    if (set->slow_after > milliseconds{0}) config.slow_after = set->slow_after;
  }
  return config;
}

ProbeTarget target_of(const Settings::Service& set) {
  using Kind = ProbeTarget::Kind;
  return {.kind = set.kind == "http" ? Kind::http : set.kind == "tcp" ? Kind::tcp : Kind::command,
          .url = set.url,
          .address = set.address,
          .command = set.command,
          .expect = set.expect,
          .timeout = set.timeout};
}

}  // namespace

Guard::Guard(const Settings& settings, Deps deps)
    : services_{{.clock = deps.clock,
                 .entropy = deps.entropy,
                 .states = &deps.states,
                 .log = deps.log,
                 .on_room = std::move(deps.on_room),
                 .on_change = [heard = std::move(deps.on_change)](const guard::Service&, const guard::Service&) {
                   if (heard) heard();
                 }}},
      balanced_{{deps.workers, services_, deps.clock, std::move(deps.endpoints), deps.own_language}},
      pool_{balanced_, services_},
      prober_{std::make_unique<SystemProber>(deps.executor, deps.clock)},
      monitor_{{deps.jobs, deps.blobs, pool_, services_, deps.clock, deps.entropy,
                settings.storage.reserve}} {
  add_ours(settings, deps.roles);
  for (const Settings::Service& set : settings.services) {
    if (!config::is_ours(set.name)) add_other(set);
  }
}

Guard::~Guard() = default;

void Guard::add_ours(const Settings& settings, const std::vector<std::string>& roles) {
  services_.add({.name = "store"});
  services_.add({.name = "storage"});
  services_.add(configured(settings, {.name = "ffmpeg", .breaks = true}));
  services_.add(configured(settings, {.name = "speech", .breaks = true}));
  services_.add(configured(settings, {.name = "language", .breaks = true, .slow_after = kLanguageSlow}));
  services_.add(configured(settings, {.name = "embedding", .breaks = true}));
  monitor_.watch("embedding", guard::Monitor::kEvery, [this] { return pool_.probe(WorkerKind::embedding); });
  for (const guard::Endpoint& endpoint : balanced_.endpoints()) add_endpoint(settings, endpoint);
  for (const std::string& role : roles) add_role(settings, role);
}

/// A role is as well as the worker of our own, or as the best of its endpoints.
void Guard::add_role(const Settings& settings, const std::string& role) {
  const std::string name = guard::service_of(WorkerKind::language, role);
  const bool elsewhere = balanced_.serves(role);
  services_.add(configured(settings, {.name = name,
                                      .probed_by = elsewhere ? "" : "language",
                                      .breaks = true,
                                      .slow_after = kLanguageSlow}));
  if (!elsewhere) return;
  monitor_.watch(name, guard::Monitor::kEvery,
                 [this, role]() -> Task<Result<void>> { co_return balanced_.standing_of(role); });
}

void Guard::add_endpoint(const Settings& settings, const guard::Endpoint& endpoint) {
  const std::string name = guard::service_of(endpoint);
  services_.add(configured(settings, {.name = name, .breaks = true, .slow_after = kLanguageSlow}));
  monitor_.watch(name, guard::Monitor::kEvery,
                 [pool = endpoint.pool] { return pool->probe(WorkerKind::language); });
}

void Guard::add_other(const Settings::Service& set) {
  services_.add({.name = set.name, .misses_max = set.misses});
  const auto ask = [this, target = target_of(set)] { return prober_->ask(target); };
  monitor_.watch(set.name, set.every, ask);
}

void Guard::begin(TaskGroup& group) {
  group.spawn(services_.run());
  monitor_.begin(group);
}

}  // namespace holdfast
