#include "sim/node.hpp"

#include <boost/asio/co_spawn.hpp>

namespace holdfast::sim {

Node::Node(Surroundings world, int number, int life)
    : world_{world},
      number_{number},
      clock_{io_, world.timeline, number},
      entropy_{world.rng.next()},
      store_{world.storage.connect(clock_, [this] { die(); })},
      states_{world.storage.connect_states(clock_)},
      retention_{world.storage.connect_retention(clock_)},
      blobs_{world.shelf, clock_, entropy_, world.rng,
             milliseconds{world.scenario.bugs.acknowledges_before_sync ? 5'000 : 0}},
      breaker_states_{world.kept[number]},
      workers_{world.storage, blobs_, clock_, world.rng, world.worker_faults, world.checker, number},
      hub_{clock_} {
  services_ = make_services();
  pool_ = std::make_unique<guard::GuardedPool>(workers_, *services_);
  EngineConfig config{.node = NodeId{"node" + std::to_string(number) + "." + std::to_string(life)},
                      .lease_for = world.scenario.lease_for,
                      .heartbeat_every = world.scenario.heartbeat_every,
                      .look_every = milliseconds{120'000},
                      .probe_every = milliseconds{60'000},
                      .retention_every = world.scenario.retention_every,
                      .slots = {{"media", world.scenario.media_slots}, {"engine", 1}}};
  events_ = hub_.subscribe({});
  const Engine::Deps deps{*store_, blobs_,        *pool_,  clock_,  entropy_,
                          hub_,    world.recipes, nullptr, nullptr, kNoRules,
                          world.scenario.ages ? retention_.get() : nullptr, world.scenario.keep};
  engine_ = std::make_unique<Engine>(io_.get_executor(), deps, std::move(config));
  redriver_ = std::make_unique<recovery::Redriver>(
      recovery::Redriver::Deps{*store_, *states_, clock_, entropy_, [this] { engine_->wake(); }});
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
  deps.on_room = [this] {
    if (engine_) engine_->look_at_holds();
  };
  deps.on_change = [this](const guard::Service& before, const guard::Service& after) {
    world_.checker.breakers().changed(number_, after.config.name, before.breaker.state, after.breaker.state);
  };
  auto services = std::make_unique<guard::Services>(std::move(deps));
  for (const char* name : {"ffmpeg", "speech"}) services->add({.name = name, .breaks = true, .policy = policy});
  return services;
}

void Node::check_restored() {
  for (const auto& [name, service] : services_->all())
    world_.checker.breakers().restored(number_, name, service.breaker.state);
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
  while (!(co_await engine_->start(world_.scenario.nodes == 1))) {
    co_await clock_.nap(milliseconds{500});
  }
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
  if (finished) engine->wake();
  answered(std::move(finished));
}

Task<void> ask_cancel(Engine* engine, ItemId item) { (void)co_await engine->cancel(item); }
Task<void> ask_retry(Engine* engine, ItemId item) { (void)co_await engine->retry(item, {}); }
Task<void> ask_discard(Engine* engine, ItemId item) { (void)co_await engine->discard(item, "operator", "no use"); }
Task<void> ask_redrive(recovery::Redriver* redriver, unsigned per_minute) {
  recovery::Redriver::Request request{.per_minute = per_minute, .who = "operator"};
  (void)co_await redriver->begin(std::move(request));
}

}  // namespace

void Node::submit(intake::Form form, std::string content, std::function<void(Result<Enqueued>)> answered) {
  const intake::Deps deps{blobs_, *store_, clock_, entropy_, world_.recipes};
  spawn(send(deps, std::move(form), std::move(content), engine_.get(), std::move(answered)));
}
void Node::cancel(ItemId item) { spawn(ask_cancel(engine_.get(), std::move(item))); }
void Node::discard(ItemId item) { spawn(ask_discard(engine_.get(), std::move(item))); }
void Node::redrive(unsigned per_minute) { spawn(ask_redrive(redriver_.get(), per_minute)); }
void Node::retry(ItemId item) { spawn(ask_retry(engine_.get(), std::move(item))); }

}  // namespace holdfast::sim
