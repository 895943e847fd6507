#include "sim/world.hpp"

#include "guard/limits_json.hpp"
#include "sim/memory_store.hpp"
#include "sim/node_of.hpp"
#include "sim/sqlite_storage.hpp"
#include "sim/workload.hpp"

namespace holdfast::sim {
namespace {

constexpr milliseconds kAftermath = std::chrono::minutes{5};  ///< for events that are still to be delivered
constexpr milliseconds kPeace = std::chrono::hours{6};  ///< more than all backoffs, leases and work together

constexpr unsigned kRuleAttemptsMax = 6;  ///< the most that an operator allows here
constexpr unsigned kRuleCrashesMax = 4;

/// The loosest retry policy that may ever be in force.
RetryPolicy loosest(const Scenario& scenario) {
  RetryPolicy policy = scenario.retry;
  if (!scenario.rule_changes) return policy;
  policy.attempts_max = std::max(policy.attempts_max, kRuleAttemptsMax);
  policy.crashes_max = std::max(policy.crashes_max, kRuleCrashesMax);
  return policy;
}

}  // namespace

World::World(Scenario scenario)
    : scenario_{std::move(scenario)},
      rng_{scenario_.seed},
      fill_dice_{scenario_.seed ^ 0x9a5ULL},
      guard_dice_{scenario_.seed ^ 0x96a4dULL},
      timeline_{rng_.next()},
      recipes_{sim_recipes(scenario_)},
      checker_{loosest(scenario_), 1, timeline_, scenario_.keep.ages} {
  store_faults_.coverage = worker_faults_.coverage = &coverage_;
  store_faults_.delay_max = scenario_.store_delay_max;
  store_faults_.hangs = scenario_.bugs.store_hangs;
  if (scenario_.store_trouble) store_faults_.fails_before = store_faults_.fails_after = scenario_.trouble;
  if (scenario_.worker_trouble) worker_faults_.trouble = scenario_.trouble;
  if (scenario_.idlers) worker_faults_.idles = scenario_.trouble * scenario_.idle_share;
  worker_faults_.idle_dice = Rng{scenario_.seed ^ 0x1d1eULL};
  storage_ = make_storage();
}

std::unique_ptr<Storage> World::make_storage() {
  const auto now = [this] { return kEpoch + timeline_.now().time_since_epoch() + calendar_skew_; };
  const auto committed = [this](const Commit& commit) {
    checker_.committed(commit);
    books_.committed(commit);
    for (const AuditEntry& entry : commit.change->audit) {
      note(commit.change->after.id.text() + ' ' + entry.type + ' ' + entry.stage + " fence " +
           std::to_string(entry.fence) + ' ' + entry.detail);
      spring(commit, entry.type);
    }
    check_promises(commit);
  };
  if (scenario_.store == StoreKind::sqlite) {
    const auto went_back = [this](const Job& job, const Books& books) {
      note(job.id.text() + " went back to version " + std::to_string(job.version));
      checker_.went_back(job, books);
      books_.ladders.went_back(job);
    };
    const auto violation = [this](const std::string& what) { checker_.violation(what); };
    return std::make_unique<SqliteStorage>(SqliteStorage::Deps{rng_, store_faults_, now, scenario_.bugs.disk},
                                           WitnessReports{committed, went_back, violation});
  }
  auto memory = std::make_unique<MemoryStorage>(rng_, store_faults_);
  memory->ledger.bugs = scenario_.bugs.ledger;
  memory->ledger.now = now;
  memory->ledger.on_commit = committed;
  return memory;
}

void World::note(const std::string& what) {
  for (const char byte : what) trace_ = (trace_ ^ static_cast<unsigned char>(byte)) * 0x100000001b3ULL;
  trace_ ^= static_cast<std::uint64_t>(timeline_.now().time_since_epoch().count());
  if (log_) log_(std::to_string(timeline_.now().time_since_epoch().count()) + ' ' + what);
}

void World::at(milliseconds delay, std::function<void()> what) {
  agenda_.emplace(std::pair{timeline_.now() + delay, rng_.next()}, std::move(what));
}

milliseconds World::draw_time(milliseconds max) {
  return milliseconds{static_cast<std::int64_t>(rng_.below(static_cast<std::uint64_t>(max.count()) + 1))};
}

void World::start_node(int number) {
  const auto slot = static_cast<std::size_t>(number);
  if (const auto ready = storage_->prepare(); !ready) {
    note("node " + std::to_string(number) + " cannot start: " + ready.error().what());
    return start_later(number);
  }
  const Surroundings surroundings{scenario_, timeline_,      *storage_, shelf_,
                                  checker_,  worker_faults_, spools_,   kept_,   recipes_,
                                  rng_,      guard_,         coverage_};
  nodes_[slot] = std::make_unique<Node>(surroundings, number, ++lives_[slot]);
}

Node* World::some_node() {
  const std::size_t first = rng_.below(nodes_.size());
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (Node* node = nodes_[(first + i) % nodes_.size()].get(); node != nullptr) return node;
  }
  return nullptr;
}

/// A client that got no answer within a while asks again with the same key, perhaps at another node, until it
/// has one.
void World::send(std::size_t index) {
  Client& client = clients_[index];
  if (client.answered) return;
  at(milliseconds{15'000} + draw_time(milliseconds{60'000}), [this, index] { send(index); });
  Node* node = some_node();
  if (node == nullptr) return;
  intake::Form form{
      .owner = client.owner, .recipe = "sim", .file_name = to_name(client.nature), .job_key = client.key};
  form.mode = client.mode;
  node->submit(std::move(form), client.content, [this, index, asked = timeline_.now()](Result<Enqueued> answer) {
    const auto within = scenario_.promises.answered_within;
    if (within.count() > 0 && timeline_.now() - asked > within) checker_.violation("a request was answered late");
    coverage_.reached(answer ? "client/acknowledged" : "client/failed");
    if (!answer) return;
    Client& asker = clients_[index];
    asker.answered = true;
    checker_.acknowledged(answer->job.id, asker.owner, asker.key, fake_sha256(asker.content));
    note("acknowledged " + answer->job.id.text());
  });
}

void World::plan_clients() {
  for (int i = 0; i < scenario_.jobs; ++i) {
    Client client{.key = "key" + std::to_string(i), .owner = "user" + std::to_string(rng_.below(3))};
    const auto& files = scenario_.files;
    client.nature = files.empty() ? draw_nature(scenario_, rng_) : nature_of(files[clients_.size() % files.size()]);
    client.content = wav_like("content of " + client.key);
    client.mode = draw_mode(scenario_, i);
    clients_.push_back(std::move(client));
    const auto index = static_cast<std::size_t>(i);
    const auto within = scenario_.sent_within.count() > 0 ? scenario_.sent_within : scenario_.length / 2;
    at(draw_time(within), [this, index] { send(index); });
    const bool doubled = rng_.below(4) == 0;  // the same request twice at almost the same time
    if (doubled) at(draw_time(within), [this, index] { send(index); });
  }
}

void World::plan_fault(bool on, milliseconds mean, void (World::*strike)()) {
  if (!on) return;
  at(milliseconds{1} + draw_time(2 * mean), [this, mean, strike] {
    if (healed_) return;
    faults_ += 1;
    (this->*strike)();
    plan_fault(true, mean, strike);
  });
}

/// With dice of their own.
void World::plan_guard_fault(bool on, milliseconds mean, void (World::*strike)()) {
  if (!on) return;
  const milliseconds wait{static_cast<std::int64_t>(guard_dice_.below(static_cast<std::uint64_t>(2 * mean.count())))};
  agenda_.emplace(std::pair{timeline_.now() + milliseconds{1} + wait, guard_dice_.next()}, [this, mean, strike] {
    if (healed_) return;
    faults_ += 1;
    (this->*strike)();
    plan_guard_fault(true, mean, strike);
  });
}

void World::plan_faults() {
  const milliseconds mean = scenario_.length / static_cast<std::int64_t>(5 + rng_.below(40));
  plan_fault(scenario_.crashes, mean, &World::crash);
  plan_fault(scenario_.freezes, mean, &World::freeze);
  plan_fault(scenario_.store_trouble, mean * 2, &World::store_outage);
  plan_fault(scenario_.clock_jumps, mean, &World::jump_clock);
  plan_fault(scenario_.holds, mean * 2, &World::model_outage);
  plan_fault(scenario_.sickness, mean * 2, &World::fall_sick);
  plan_fault(scenario_.impatient, mean, &World::be_impatient);
  plan_fault(scenario_.disk_trouble, mean, &World::disk_trouble);
  plan_fault(scenario_.operators, mean, &World::operate);
  plan_guard_fault(scenario_.refusals, mean * 2, &World::refuse_writes);
  plan_guard_fault(scenario_.flaky, mean * 2, &World::trouble_a_service);
  plan_guard_fault(scenario_.limit_changes, mean * 2, &World::change_limits);
  plan_guard_fault(scenario_.rule_changes, mean * 2, &World::change_rules);
  plan_fill(mean);
  plan_guard_fault(scenario_.modes, mean, &World::want_all);
  const auto [store_from, store_until] = scenario_.store_away;
  if (store_until > store_from)
    at(store_from, [this, until = MonoTime{store_until}] { store_faults_.away_until = until; });
  worker_faults_.model_away_until = MonoTime{scenario_.speech_away.until};
  if (scenario_.promises.converted_by.count() > 0) at(scenario_.promises.converted_by, [this] { check_converted(); });
}

/// What lies in wait for just this change.
void World::spring(const Commit& commit, std::string_view type) {
  for (Ambush& ambush : scenario_.ambushes) {
    if (healed_ || ambush.at != type || ambush.times == 0) continue;
    ambush.times -= 1;
    faults_ += 1;
    if (ambush.strike == Ambush::Strike::store_outage) store_outage();
    if (ambush.strike == Ambush::Strike::crash) at(milliseconds{0}, [this] { crash(); });
    const auto holder = commit.change->after.lease ? node_of(*commit.change->after.lease) : std::nullopt;
    if (ambush.strike != Ambush::Strike::freeze || !holder) continue;
    const MonoTime until = timeline_.now() + scenario_.lease_for * 3 / 2;
    timeline_.freeze(*holder, until);
    books_.frozen(*holder, until);
  }
}

void World::check_promises(const Commit& commit) {
  const Promises& promises = scenario_.promises;
  const auto interrupted = [](const AuditEntry& entry) { return entry.type == "stage.interrupted"; };
  if (promises.uninterrupted && !healed_ && std::ranges::any_of(commit.change->audit, interrupted))
    checker_.violation(commit.change->after.id.text() + ": taken from its holder");
  if (promises.waiting_for_media_max == 0) return;
  const unsigned waiting = books_.admission.waiting_for("media");
  if (waiting > promises.waiting_for_media_max)
    checker_.violation(std::to_string(waiting) + " jobs wait for media");
}

void World::check_converted() {
  constexpr std::size_t kAfterConversion = 2;
  for (const auto& [id, job] : storage_->jobs()) {
    if (job.stage < kAfterConversion) checker_.violation(id.text() + ": not converted, though only speech is away");
  }
}

void World::start_later(int number) {
  at(milliseconds{500} + draw_time(milliseconds{60'000}), [this, number] {
    if (nodes_[static_cast<std::size_t>(number)] == nullptr) start_node(number);
  });
}

void World::end_node(int number, Death how) {
  storage_->cut_off(how);
  nodes_[static_cast<std::size_t>(number)].reset();
  checker_.node_crashed(number);
  guard_.node_gone(number);
  if (checker_.violations().empty()) storage_->look_at_remains(how);  // else it is broken already
  if (scenario_.admits) books_.admission.recount(storage_->jobs());
}

void World::crash() {
  const int number = static_cast<int>(rng_.below(nodes_.size()));
  if (nodes_[static_cast<std::size_t>(number)] == nullptr) return;
  const bool power_cut = scenario_.store == StoreKind::sqlite && rng_.below(2) == 0;
  struck(power_cut ? "fault/power_cut" : "fault/crash");
  note((power_cut ? "power cut at node " : "crash of node ") + std::to_string(number));
  end_node(number, power_cut ? Death::machine : Death::process);
  shelf_.cut(timeline_.now());
  start_later(number);
}

void World::run_ready(int number) {
  const auto& node = nodes_[static_cast<std::size_t>(number)];
  if (node == nullptr) return;
  node->run_ready();
  if (!node->dead()) return;
  struck("fault/store_damaged");
  note("node " + std::to_string(number) + " stops itself: its store is damaged");
  end_node(number, Death::process);
  start_later(number);
}

void World::freeze() {
  const int number = static_cast<int>(rng_.below(nodes_.size()));
  note("freeze of node " + std::to_string(number));
  const MonoTime until = timeline_.now() + draw_time(scenario_.lease_for * 4);
  timeline_.freeze(number, until);
  books_.frozen(number, until);
  struck("fault/freeze");
}

void World::store_outage() {
  struck("fault/store_outage");
  store_faults_.away_until = timeline_.now() + draw_time(milliseconds{120'000});
}
void World::model_outage() {
  struck("fault/model_outage");
  worker_faults_.model_away_until = timeline_.now() + draw_time(milliseconds{600'000});
}

void World::fall_sick() {
  const WorkerKind kind = rng_.below(2) == 0 ? WorkerKind::media : WorkerKind::speech;
  struck(kind == WorkerKind::media ? "fault/sick_media" : "fault/sick_speech");
  note(std::string{to_word(kind)} + " workers fall sick");
  worker_faults_.sick_until[kind] = timeline_.now() + draw_time(milliseconds{600'000});
}

void World::disk_trouble() {
  const std::string what = storage_->strike();
  struck("fault/" + what);
  note(what);
}

void World::change_rules() {
  RecoveryRules rules;
  const auto draw = [this](std::uint64_t most) { return static_cast<unsigned>(1 + guard_dice_.below(most)); };
  for (const char* kind : {"convert", "transcribe"}) {
    RecoveryRule& rule = rules[kind];
    if (guard_dice_.below(2) == 0) rule.attempts_max = draw(kRuleAttemptsMax);
    if (guard_dice_.below(2) == 0) rule.crashes_max = draw(kRuleCrashesMax);
    if (guard_dice_.below(4) == 0) rule.backoff_base = milliseconds{1'000 * draw(5)};
    if (guard_dice_.below(4) == 0) rule.no_progress = milliseconds{60'000 * draw(5)};
  }
  Node* node = nodes_[guard_dice_.below(nodes_.size())].get();
  if (node == nullptr) return;
  struck("people/rules");
  note("rules are changed at node " + std::to_string(node->number()));
  node->change_rules(std::move(rules));
}

void World::jump_clock() {
  if (Node* node = some_node(); node != nullptr) {
    const auto jump = draw_time(std::chrono::hours{48}) - std::chrono::hours{24};
    struck("fault/clock_jump");
    note("clock of node " + std::to_string(node->number()) + " jumps");
    node->jump_clock(jump);
    if (nodes_.size() == 1) calendar_skew_ += jump;  // the embedded store reads the same clock
  }
}

void World::be_impatient() {
  Node* node = some_node();
  if (node == nullptr || storage_->jobs().empty()) return;
  auto job = storage_->jobs().begin();
  std::advance(job, static_cast<std::ptrdiff_t>(rng_.below(storage_->jobs().size())));
  const bool cancels = rng_.below(2) == 0;
  struck(cancels ? "people/cancel" : "people/retry");
  cancels ? node->cancel(job->first) : node->retry(job->first);
}

/// Somebody wants to have everything of an item after all.
void World::want_all() {
  Node* node = nodes_[guard_dice_.below(nodes_.size())].get();
  if (node == nullptr || storage_->jobs().empty()) return;
  auto job = storage_->jobs().begin();
  std::advance(job, static_cast<std::ptrdiff_t>(guard_dice_.below(storage_->jobs().size())));
  struck("people/want_all");
  node->redo_in_full(job->first);
}

/// An operator looks after the dead letters, at any node, at any moment.
void World::operate() {
  Node* node = some_node();
  if (node == nullptr || storage_->jobs().empty()) return;
  if (rng_.below(4) > 0) {
    const auto per_minute = static_cast<unsigned>(rng_.below(4));
    struck(per_minute > 0 ? "people/redrive_in_portions" : "people/redrive");
    return node->redrive(per_minute);
  }
  struck("people/discard");
  auto job = storage_->jobs().begin();
  std::advance(job, static_cast<std::ptrdiff_t>(rng_.below(storage_->jobs().size())));
  node->discard(job->first);
}

void World::settle_all() {
  for (std::size_t i = 0; i < nodes_.size(); ++i) run_ready(static_cast<int>(i));
}

bool World::all_over() const {
  return std::ranges::all_of(clients_, &Client::answered) &&
         std::ranges::all_of(storage_->jobs(),
                             [](const auto& entry) { return is_terminal(entry.second.status); });
}

/// What is over goes when its time is over, also after all work has ended, and what is told of it comes a moment later.
bool World::all_told() {
  return !scenario_.ages || checker_.all_delivered(*storage_->books());
}

/// What was promised to those outside is there.
void World::look_at_books() {
  const auto books = storage_->books();
  checker_.check_acknowledged(*books, shelf_, spooled());
  checker_.check_delivered(*books);
  checker_.check_checkpoints(*books);
}

void World::run_until(MonoTime end, bool stop_when_over) {
  settle_all();
  while (timeline_.now() < end && !(stop_when_over && all_over()) && checker_.violations().empty()) {
    if (std::exchange(shelf_.lost_some, false)) look_at_books();
    if (scenario_.promises.sleepers_max > 0 && timeline_.sleepers() > scenario_.promises.sleepers_max)
      checker_.violation(std::to_string(timeline_.sleepers()) + " coroutines wait");
    const MonoTime agenda = agenda_.empty() ? MonoTime::max() : agenda_.begin()->first.first;
    const MonoTime next = std::min({agenda, timeline_.next(), end});
    if (const auto woken = timeline_.wake_one(next); woken) {
      run_ready(*woken);
      continue;
    }
    while (!agenda_.empty() && agenda_.begin()->first.first <= timeline_.now()) {
      const auto what = std::move(agenda_.begin()->second);
      agenda_.erase(agenda_.begin());
      what();
      settle_all();
    }
  }
}

/// All faults end, all nodes are up, all calendars right.
void World::heal() {
  healed_ = true;
  note("peace");
  calendar_skew_ = milliseconds{0};
  store_faults_.fails_before = store_faults_.fails_after = 0;
  store_faults_.refuses_until = MonoTime{};
  store_faults_.away_until = worker_faults_.model_away_until = MonoTime{};
  worker_faults_.trouble = worker_faults_.idles = 0;
  worker_faults_.sick_until.clear();
  worker_faults_.trouble_with.clear();
  guard_.elsewhere = {};
  for (auto& [node, memory] : guard_.memory) memory.settle(scenario_.memory_in_peace);
  for (auto& [node, room] : worker_faults_.rooms) room = {};
  storage_->heal();
  for (int i = 0; i < scenario_.nodes; ++i) {
    timeline_.freeze(i, MonoTime{});
    end_node(i, Death::process);
    start_node(i);
  }
}

/// Until all work is over and all that it caused is delivered. A redrive that outlived the faults begins work
/// anew, even where all was over.
void World::end_in_peace() {
  const MonoTime end = timeline_.now() + kPeace;
  do {
    run_until(end, true);
    run_until(timeline_.now() + kAftermath, false);
  } while (!(all_over() && all_told() && spooled().empty()) && timeline_.now() < end && checker_.violations().empty());
}

/// All promises, once all faults are over and all has gone.
void World::check_end() {
  if (checker_.violations().empty()) look_at_books();
  if (!checker_.violations().empty()) return;
  checker_.check_end(*storage_->books());
  if (!spooled().empty()) checker_.violation("something is still in the spool, though all faults have ended");
  for (const Client& client : clients_) {
    if (!client.answered) checker_.violation(client.key + ": never answered, though all faults have ended");
  }
}

/// From dice of its own.
WorkerRoom World::make_room(int node) const {
  if (scenario_.no_room_until.count() > 0) return WorkerRoom{MonoTime{scenario_.no_room_until}};
  if (!scenario_.runs_out) return {};
  return {scenario_.seed ^ (0x400dULL + static_cast<std::uint64_t>(node)), scenario_.length};
}

Report World::run(const std::function<void(const std::string&)>& log) {
  log_ = log;
  nodes_.resize(static_cast<std::size_t>(scenario_.nodes));
  lives_.resize(nodes_.size());
  books_.kept.begins("rules", "{}");
  books_.kept.begins("limits", guard::to_json_text(NodeGuard::configured_limits(scenario_)));
  for (int i = 0; i < scenario_.nodes; ++i) {
    const std::uint64_t seed = guard_dice_.next();
    guard_.memory.emplace(i, MemoryWalk{seed, scenario_.memory_short});
    worker_faults_.rooms.emplace(i, make_room(i));
    start_node(i);
  }
  plan_clients();
  plan_faults();

  run_until(MonoTime{scenario_.length}, false);
  if (scenario_.promises.over_in_time && !all_over()) checker_.violation("not everything was over in time");
  heal();
  end_in_peace();
  for (int i = 0; i < scenario_.nodes; ++i) end_node(i, Death::machine);  // nothing may hang on the living
  check_end();
  Report report{.violations = checker_.violations(),
                .faults = faults_,
                .trace = trace_,
                .acknowledged = checker_.acknowledged_count(),
                .coverage = coverage_};
  report.simulated_hours = static_cast<double>(timeline_.now().time_since_epoch().count()) / 3.6e6;
  for (const auto& [id, job] : storage_->jobs()) {
    report.completed += job.status == JobStatus::completed ? 1 : 0;
    report.failed += job.status == JobStatus::failed ? 1 : 0;
  }
  return report;
}

}  // namespace holdfast::sim
