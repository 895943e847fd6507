#include "sim/node.hpp"

#include <boost/asio/co_spawn.hpp>

#include "sim/node_of.hpp"

namespace holdfast::sim {

Node::Node(Surroundings world, int number, int life)
    : world_{world},
      number_{number},
      ladder_{{.scenario = world.scenario,
               .room = world.worker_faults.rooms.at(number),
               .clock = clock_,
               .books = world.guard.books.ladders,
               .coverage = world.coverage,
               .node = number}},
      clock_{io_, world.timeline, number},
      entropy_{world.rng.next()},
      guard_entropy_{world.scenario.seed ^ static_cast<std::uint64_t>(1'000 * number + life)},
      store_{world.storage.connect(clock_, [this] { die(); })},
      states_{world.storage.connect_states(clock_)},
      retention_{world.storage.connect_retention(clock_)},
      blobs_{world.shelf, clock_, entropy_, world.rng,
             milliseconds{world.scenario.bugs.acknowledges_before_sync ? 5'000 : 0}},
      breaker_states_{world.kept[number]},
      workers_{world.storage, blobs_, clock_, world.rng, world.worker_faults, world.checker,
               world.guard.books.admission, world.guard.books.leases, world.guard.books.ladders, ladder_, number},
      hub_{clock_} {
  make_spool(life);
  services_ = make_services();
  pool_ = std::make_unique<guard::GuardedPool>(workers_, *services_);
  make_guard();
  EngineConfig config{.node = lease_name(number, life),
                      .lease_for = world.scenario.lease_for,
                      .heartbeat_every = world.scenario.heartbeat_every,
                      .look_every = milliseconds{120'000},
                      .probe_every = world.scenario.probe_every,
                      .retention_every = world.scenario.retention_every,
                      .slots = {{"media", world.scenario.media_slots}, {"engine", 1}}};
  events_ = hub_.subscribe({});
  engine_ = std::make_unique<Engine>(
      io_.get_executor(),
      Engine::Deps{.store = jobs(),
                   .blobs = blobs_,
                   .workers = *watched_pool_,
                   .clock = clock_,
                   .entropy = entropy_,
                   .hub = hub_,
                   .recipes = world.recipes,
                   .rules = world.scenario.bugs.guard.ignores_rules ? kNoRules : guard_->rules(),
                   .retention = world.scenario.ages ? retention_.get() : nullptr,
                   .keep = world.scenario.keep},
      std::move(config));
  redriver_ = std::make_unique<recovery::Redriver>(
      recovery::Redriver::Deps{jobs(), *states_, clock_, entropy_, [this] { engine_->wake(); }});
  spawn(watch());
  spawn(boot());
}

Node::~Node() {
  services_->stop();
  world_.timeline.forget(number_);
}

std::unique_ptr<guard::Services> Node::make_services() {
  const BreakerBugs& bugs = world_.scenario.bugs.breaker;
  breaker::Policy policy;
  if (bugs.never_half_opens) policy.open_for = policy.open_max = std::chrono::hours{24 * 365};
  if (bugs.proves_without_limit) policy.permits = {1'000, 1'000};
  guard::Services::Deps deps{.clock = clock_, .entropy = entropy_, .states = &breaker_states_};
  if (world_.scenario.monitored) deps.log = &log_;
  deps.on_room = [this] {
    if (engine_ && !world_.scenario.bugs.guard.misses_returns) engine_->look_at_holds();
  };
  deps.on_change = [this](const guard::Service& before, const guard::Service& after) {
    const auto [from, to] = std::pair{before.breaker.state, after.breaker.state};
    if (guard_) guard_->changed(after);
    if (before.health != after.health) return;  // told of a probe, which changes no breaker
    world_.checker.breakers().changed(number_, after.config.name, from, to);
    world_.coverage.reached("breaker/" + after.config.name + ' ' + std::string{to_word(from)} + " to " +
                            std::string{to_word(to)});
  };
  auto services = std::make_unique<guard::Services>(std::move(deps));
  const unsigned misses = world_.scenario.bugs.guard.down_at_the_first_miss ? 1 : HealthBooks::kMisses;
  for (const char* name : {"ffmpeg", "speech"})
    services->add({.name = name, .breaks = true, .policy = policy, .misses_max = misses});
  return services;
}

/// From dice of its own, so that a seed's other draws stay as they are.
void Node::make_spool(int life) {
  if (world_.scenario.nodes != 1) return;
  SimSpool::Parts parts{.disk = world_.spools[number_],
                        .clock = clock_,
                        .rng = Rng{world_.scenario.seed ^ (0x5b002ULL + static_cast<std::uint64_t>(life))},
                        .bugs = world_.scenario.bugs.spool,
                        .coverage = &world_.coverage,
                        .on_upload = {}};
  if (world_.scenario.admits)
    parts.on_upload = [this](const Job& upload) { world_.guard.books.admission.spooled(upload); };
  spool_ = std::make_unique<SimSpool>(std::move(parts));
  spooled_ = std::make_unique<spool::SpooledStore>(spool::SpooledStore::Deps{
      .store = *store_, .spool = *spool_, .clock = clock_, .on_flushed = [this] { engine_->wake(); }});
}

void Node::make_guard() {
  const auto offered = [this](WorkerKind kind, bool repeats, unsigned room) {
    world_.guard.books.held.offered(number_, kind, repeats, room);
  };
  watched_pool_ = std::make_unique<WatchedPool>(
      *pool_, WatchedPool::Ears{.offered = offered, .boasts = world_.scenario.bugs.guard.boasts_of_room});
  guard_ = std::make_unique<NodeGuard>(
      NodeGuard::Parts{.scenario = world_.scenario,
                       .world = world_.guard,
                       .number = number_,
                       .io = io_,
                       .clock = clock_,
                       .entropy = guard_entropy_,
                       .jobs = jobs(),
                       .states = *states_,
                       .blobs = blobs_,
                       .workers = workers_,
                       .services = *services_,
                       .set_pace = [this](admission::Pace pace) { engine_->set_pace(pace); },
                       .log = &log_});
  log_.guard = guard_.get();
}

void Node::check_restored() {
  for (const auto& [name, service] : services_->all()) {
    world_.checker.breakers().restored(number_, name, service.breaker.state);
    if (service.breaker.state == breaker::State::open) world_.coverage.reached("breaker/open after a restart");
  }
}

void Node::die() {
  dead_ = true;
  io_.stop();
}

void Node::spawn(Task<void> task) {
  asio::co_spawn(io_, std::move(task), [](std::exception_ptr bug) {
    if (bug) std::rethrow_exception(bug);
  });
}

void Node::run_ready() {
  if (dead_) return;
  io_.restart();
  io_.poll();
}

Task<void> Node::boot() {
  if (!world_.scenario.bugs.breaker.forgets_at_restart) (void)co_await services_->restore();
  check_restored();
  spawn(services_->run());
  co_await guard_->load();
  if (spooled_) {
    (void)co_await spooled_->load();
    spool_read_ = true;
    spawn(spooled_->run());
  }
  while (!(co_await engine_->start(world_.scenario.nodes == 1))) {
    co_await clock_.nap(milliseconds{500});
  }
  guard_->begin();
  while (!(co_await redriver_->load())) {
    co_await clock_.nap(milliseconds{500});
  }
  co_await redriver_->run();
}

Task<void> Node::watch() {
  for (;;) {
    const auto event = co_await events_->next(MonoTime::max());
    if (!event) co_return;
    if (*event && (*event)->seq > 0) world_.checker.delivered((*event)->seq, (*event)->item, (*event)->type);
  }
}

namespace {

Task<void> send(intake::Deps deps, intake::Form form, std::string content, Engine* engine,
                std::function<void(Result<Enqueued>)> answered) {
  auto upload = co_await intake::begin(deps, form, content.size());
  if (!upload) {
    answered(std::unexpected(upload.error()));
    co_return;
  }
  auto written = co_await (*upload)->write(std::move(content));
  if (!written) {
    answered(std::unexpected(written.error()));
    co_return;
  }
  auto finished = co_await (*upload)->finish(std::move(form));
  if (finished) engine->wake(finished->job);
  answered(std::move(finished));
}

Task<void> ask_cancel(Engine* engine, ItemId item) { (void)co_await engine->cancel(item); }
Task<void> ask_retry(Engine* engine, ItemId item) { (void)co_await engine->retry(item, {}); }
Task<void> ask_fill(Engine* engine, ItemId item, std::int64_t start_ms) {
  (void)co_await engine->fill_gaps(item, start_ms);
}
Task<void> ask_full(Engine* engine, ItemId item) { (void)co_await engine->redo_in(item, "full"); }
Task<void> ask_discard(Engine* engine, ItemId item) { (void)co_await engine->discard(item, "operator", "no use"); }
Task<void> ask_redrive(recovery::Redriver* redriver, unsigned per_minute) {
  recovery::Redriver::Request request{.per_minute = per_minute, .who = "operator"};
  (void)co_await redriver->begin(std::move(request));
}

}  // namespace

void Node::submit(intake::Form form, std::string content, std::function<void(Result<Enqueued>)> answered) {
  if (!guard_->takes_files() || (spooled_ && !spool_read_)) return;  // it does not answer yet
  const intake::Deps deps{.blobs = blobs_,
                          .store = jobs(),
                          .clock = clock_,
                          .entropy = entropy_,
                          .recipes = world_.recipes,
                          .admission = guard_->admission(),
                          .expect = [this](const Job& job) { engine_->expect(job); }};
  spawn(send(deps, std::move(form), std::move(content), engine_.get(), std::move(answered)));
}
void Node::cancel(ItemId item) { spawn(ask_cancel(engine_.get(), std::move(item))); }
void Node::fill(ItemId item, std::int64_t start_ms) { spawn(ask_fill(engine_.get(), std::move(item), start_ms)); }
void Node::discard(ItemId item) { spawn(ask_discard(engine_.get(), std::move(item))); }
void Node::redrive(unsigned per_minute) { spawn(ask_redrive(redriver_.get(), per_minute)); }
void Node::redo_in_full(ItemId item) { spawn(ask_full(engine_.get(), std::move(item))); }
void Node::retry(ItemId item) { spawn(ask_retry(engine_.get(), std::move(item))); }

}  // namespace holdfast::sim
