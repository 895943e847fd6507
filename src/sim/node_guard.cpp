#include "sim/node_guard.hpp"

#include <boost/json.hpp>

#include "guard/guarded_pool.hpp"
#include "guard/limits_json.hpp"

namespace holdfast::sim {
namespace {

constexpr milliseconds kAskAgain{500};
constexpr milliseconds kElsewhereEvery{30'000};

std::string text_of(const RecoveryRules& rules) { return boost::json::serialize(recovery::rules_object(rules)); }
std::string text_of(const admission::Limits& limits) { return guard::to_json_text(limits); }

Task<void> set_limits(guard::AdmissionControl* control, admission::Limits limits, GuardWorld* world, int node) {
  const std::string text = text_of(limits);
  world->books.kept.asked("limits", text);
  const auto set = co_await control->set_limits(limits);
  world->limits_changer.reset();
  if (!set) co_return;
  world->books.kept.done("limits", text);
  world->books.admission.limits_are(node, limits);
}

Task<void> replace_rules(recovery::RuleBook* book, RecoveryRules rules, GuardWorld* world, int node) {
  const std::string text = text_of(rules);
  world->books.kept.asked("rules", text);
  const auto replaced = co_await book->replace(rules, "operator");
  world->rules_changer.reset();
  if (!replaced) co_return;
  world->books.kept.done("rules", text);
  world->books.rules.in_force(node, rules, false);
}

}  // namespace

NodeGuard::NodeGuard(Parts parts)
    : parts_{std::move(parts)},
      book_{{parts_.states, parts_.clock, {}, nullptr}},
      tasks_{parts_.io.get_executor(), parts_.clock} {
  parts_.world.books.health.started(parts_.number);
  if (parts_.scenario.monitored) make_monitor();
  if (parts_.scenario.admits) make_control();
}

NodeGuard::~NodeGuard() = default;

admission::Limits NodeGuard::configured_limits(const Scenario& scenario) {
  const GuardBugs& bugs = scenario.bugs.guard;
  admission::Limits limits{.active_users_max = scenario.users_max};
  if (scenario.waiting_max > 0) limits.waiting_max = scenario.waiting_max;
  if (bugs.resumes_at_the_lower_mark) limits.work.open_above = limits.work.close_below;
  if (bugs.takes_files_without_memory) limits.uploads = {.close_below = 0, .open_above = 0};
  return limits;
}

void NodeGuard::make_monitor() {
  HealthBooks& books = parts_.world.books.health;
  const int node = parts_.number;
  const unsigned misses = parts_.scenario.bugs.guard.down_at_the_first_miss ? 1 : HealthBooks::kMisses;
  for (const char* name : {"store", "storage", "language"})
    parts_.services.add({.name = name, .misses_max = misses});
  parts_.services.add({.name = "elsewhere", .misses_max = HealthBooks::kMissesElsewhere});
  watched_workers_.emplace(parts_.workers, WatchedPool::Ears{.probed = [&books, node](WorkerKind kind, bool well) {
                             books.answered(node, guard::service_of(kind, {}), well);
                           }});
  monitor_.emplace(guard::Monitor::Deps{parts_.jobs, parts_.blobs, *watched_workers_, parts_.services, parts_.clock,
                                        parts_.entropy});
  const auto is_away = [this](const StageConfig& stage) { return guard::is_away(*parts_.services.find(stage.name)); };
  const milliseconds dwell = parts_.scenario.bugs.guard.rises_at_once ? milliseconds{0} : ModeBooks::kDwell;
  modes_.emplace(guard::ModeKeeper::Deps{
      .recipes = ModeBooks::recipes(), .clock = parts_.clock, .is_away = is_away, .dwell = {dwell}, .log = parts_.log});
  monitor_->watch("elsewhere", kElsewhereEvery, [this] { return prober_.ask({.timeout = kProbePatience}); });
}

Task<Result<void>> NodeGuard::Elsewhere::ask(ProbeTarget target) {
  const NodeGuard::Parts& parts = guard_.parts_;
  const ServiceTrouble& trouble = parts.world.elsewhere;
  const bool late = trouble.slow(parts.clock.mono_now());
  const bool away = trouble.away(parts.clock.mono_now());
  if (late) co_await parts.clock.nap(target.timeout);
  parts.world.books.health.answered(parts.number, "elsewhere", !late && !away);
  if (late || away) co_return fail(ErrorClass::dependency, "HF-SVC-04", late ? "no answer in time" : "no answer");
  co_return Result<void>{};
}

void NodeGuard::make_control() {
  const GuardBugs& bugs = parts_.scenario.bugs.guard;
  AdmissionBooks& books = parts_.world.books.admission;
  const auto set_pace = [this, &bugs, &books](admission::Pace pace) {
    books.paced(parts_.number, pace);
    const bool deaf = bugs.ignores_pauses || (bugs.ignores_slow_pace && pace == admission::Pace::one_at_a_time);
    parts_.set_pace(deaf ? admission::Pace::full : pace);
  };
  control_.emplace(guard::AdmissionControl::Deps{.memory = &gauge_,
                                                 .jobs = parts_.jobs,
                                                 .states = parts_.states,
                                                 .clock = parts_.clock,
                                                 .bulkheads = {"media", "engine"},
                                                 .set_pace = set_pace},
                   configured_limits(parts_.scenario));
  watched_admission_.emplace(*control_, books, parts_.number, bugs.drops_tickets);
}

Task<Result<MemoryReading>> NodeGuard::Gauge::read() {
  const NodeGuard::Parts& parts = guard_.parts_;
  const auto percent = parts.world.memory.at(parts.number).look(parts.clock.mono_now());
  parts.world.books.admission.read(parts.number, percent);
  if (!percent) co_return fail(ErrorClass::dependency, "HF-SRV-06", "the memory cannot be read");
  co_return MemoryReading{.source = "system", .total_bytes = 100, .available_bytes = *percent};
}

Task<void> NodeGuard::load_rules() {
  parts_.world.books.rules.in_force(parts_.number, {}, true);
  if (!parts_.scenario.rule_changes) co_return;
  parts_.world.books.kept.reads(parts_.number, "rules");
  if (!parts_.scenario.bugs.guard.forgets_rules) {
    while (!(co_await book_.load())) co_await parts_.clock.nap(kAskAgain);
  }
  parts_.world.books.kept.found(parts_.number, "rules", text_of(book_.in_force()));
  parts_.world.books.rules.in_force(parts_.number, book_.in_force(), true);
}

Task<void> NodeGuard::load_limits() {
  if (!control_) co_return;
  parts_.world.books.kept.reads(parts_.number, "limits");
  if (!parts_.scenario.bugs.guard.forgets_limits) {
    while (!(co_await control_->load())) co_await parts_.clock.nap(kAskAgain);
  }
  parts_.world.books.kept.found(parts_.number, "limits", text_of(control_->limits()));
  parts_.world.books.admission.started(parts_.number, control_->limits());
  co_await control_->look();  // before anything is begun: memory may be short already
}

Task<void> NodeGuard::load() {
  co_await load_rules();
  co_await load_limits();
  loaded_ = true;
}

void NodeGuard::begin() {
  parts_.world.books.held.node_runs(parts_.number);
  if (monitor_) monitor_->begin(tasks_);
  begun_ = true;
  if (modes_) {
    parts_.world.books.modes.started(parts_.number);
    for (const auto& [name, service] : parts_.services.all()) changed(service);
    tasks_.spawn(modes_->run());
  }
  if (control_) tasks_.spawn(control_->run());
}

void NodeGuard::change_limits(admission::Limits limits) {
  if (!control_ || !loaded_ || parts_.world.limits_changer) return;
  parts_.world.limits_changer = parts_.number;
  limits.work = control_->limits().work;
  limits.uploads = control_->limits().uploads;
  tasks_.spawn(set_limits(&*control_, std::move(limits), &parts_.world, parts_.number));
}

void NodeGuard::change_rules(RecoveryRules rules) {
  if (!loaded_ || parts_.world.rules_changer) return;
  parts_.world.rules_changer = parts_.number;
  tasks_.spawn(replace_rules(&book_, std::move(rules), &parts_.world, parts_.number));
}

void NodeGuard::changed(const guard::Service& after) {
  if (!modes_ || !begun_) return;
  parts_.world.books.modes.away(parts_.number, after.config.name, guard::is_away(after));
  modes_->ring();
}

void NodeGuard::heard(std::string_view event, const std::vector<LogField>& fields) {
  if (event == "mode") parts_.world.books.modes.stands(parts_.number, fields.at(1).value);
  if (event != "service_up" && event != "service_down") return;
  parts_.world.books.health.told(parts_.number, fields.at(0).value, event == "service_up");
}

}  // namespace holdfast::sim
