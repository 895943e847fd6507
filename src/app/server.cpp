#include "app/server.hpp"

#include <array>

#include "adapters/highway/vector_index.hpp"
#include "adapters/sodium/digest.hpp"
#include "adapters/system/program_pages.hpp"
#include "app/recipes/recipe_book.hpp"
#include "app/worker_restart.hpp"
#include "core/base/make_id.hpp"
#include "flow/fallback/chain.hpp"

namespace holdfast {
namespace {

constexpr milliseconds kDrainGrace{15'000};  ///< for what is under way to be given back
constexpr milliseconds kAnswerGrace{5'000};  ///< for answers that are under way
constexpr std::string_view kChatRole = "chat";  ///< the role of recipes/chat

EngineConfig engine_config(const Settings& settings, SystemEntropy* entropy) {
  return {.node = NodeId{make_token(entropy->roll())},
          .lease_for = settings.engine.lease,
          .heartbeat_every = settings.engine.heartbeat,
          .probe_every = settings.engine.probe_every,
          .retention_every = settings.retention.every,
          .slots = {{"media", settings.capacity.media}, {"engine", settings.capacity.engine}, {"embedding", 1}}};
}

template <class T>
std::optional<T> unless_zero(T value) {
  return value == T{} ? std::nullopt : std::optional<T>{value};
}

RecoveryRule rule_of(const Settings::Rule& rule) {
  return {.attempts_max = unless_zero(rule.attempts_max),
          .crashes_max = unless_zero(rule.crashes_max),
          .backoff_base = unless_zero(rule.backoff_base),
          .backoff_ceiling = unless_zero(rule.backoff_ceiling),
          .no_progress = unless_zero(rule.no_progress)};
}

RecoveryRules configured_rules(const Settings::Recovery& recovery) {
  return {{"convert", rule_of(recovery.convert)},
          {"transcribe", rule_of(recovery.transcribe)},
          {"generate", rule_of(recovery.generate)}};
}

/// What clients of the OpenAI dialect can ask by name: each model once. Of several roles with one model the one that is
/// meant for this serves it.
std::vector<web::ServedModel> served_models(const Settings& settings, const std::vector<std::string>& roles) {
  std::vector<web::ServedModel> models{{.id = settings.speech.model, .kind = WorkerKind::speech}};
  const auto add = [&](const std::string& role) {
    const std::string& id = language_model_of(settings, role);
    const bool known = std::ranges::any_of(
        models, [&](const auto& one) { return one.kind == WorkerKind::language && one.id == id; });
    if (!known) models.push_back({.id = id, .kind = WorkerKind::language, .role = role});
  };
  if (std::ranges::find(roles, kChatRole) != roles.end()) add(std::string{kChatRole});
  for (const std::string& role : roles) add(role);
  models.push_back({.id = settings.embedding.model, .kind = WorkerKind::embedding});
  return models;
}

/// What the configuration says for every recipe.
void settle_speech(RecipeBook& recipes, const Settings::Speech& speech) {
  for (auto& [name, recipe] : recipes) {
    for (StageConfig& stage : recipe.stages) {
      if (stage.kind != "transcribe") continue;
      stage.language = speech.language;
      stage.beam_size = speech.beam_size;
    }
  }
}

}  // namespace

Result<void> Server::open() {
  HF_TRY(installation_, find_installation(settings_));
  HF_TRY(recipes_, recipes::load_recipes(installation_.recipes));
  settle_speech(recipes_, settings_.speech);
  HF_TRY(keep_, retention_policy(settings_.retention, recipes_));
  HF_TRY(folder_, open_data_folder(settings_.storage.data));
  const LocalBlobConfig blob_config{.root = folder_.root, .reserve_bytes = settings_.storage.reserve};
  HF_TRY(blobs_, LocalBlobStore::open(blob_config, files_, entropy_));
  HF_TRY(stores_, open_sqlite_stores(folder_.store().string()));
  HF_TRY_VOID(open_spool());
  HF_TRY(secrets_, SodiumSecrets::open());
  Workers::Deps deps{io_.get_executor(),        files_, clock_, entropy_, *blobs_,
                     recipes::roles_of(recipes_), &log_,  [this] { return free_memory(); },
                     similar::compares(recipes_), [this] {
                       if (modes_) modes_->ring();
                     }};
  HF_TRY(workers_, Workers::open(settings_, installation_, std::move(deps)));
  return wire();
}

Result<void> Server::open_spool() {
  const std::string& set = settings_.storage.spool;
  HF_TRY(spool_, LocalSpool::open(set.empty() ? folder_.root / "spool" : std::filesystem::path{set}, files_));
  spool::SpooledStore::Deps deps{.store = *stores_.jobs, .spool = *spool_, .clock = clock_, .log = &log_};
  deps.on_flushed = [this] { engine_->wake(); };
  spooled_ = std::make_unique<spool::SpooledStore>(std::move(deps));
  return {};
}

std::vector<std::string> Server::notices() const {
  std::vector<std::string> notices = admission_.control->messages();
  if (settings_.security.allow_unconfined_files)
    notices.emplace_back("Files are worked on even if the kernel cannot confine what reads them "
                         "(security.allow_unconfined_files).");
  if (const unsigned added = admission_.scaler->added(); added > 0)
    notices.push_back("Many items wait, so " + std::to_string(added) + " more engine " +
                      (added == 1 ? "worker is" : "workers are") + " at work.");
  if (!fetcher_->notice().empty()) notices.push_back(fetcher_->notice());
  for (const WorkerStatus& worker : workers_->pool().status()) {
    if (worker.smaller == 0) continue;
    notices.push_back("Memory is short: the " + std::string{to_word(worker.kind)} + " worker runs with less (" +
                      worker.runs + ").");
  }
  return notices;
}

/// The workers compute on the processor: the memory of a GPU says nothing of what they may use.
std::optional<std::uint64_t> Server::free_memory() const {
  const auto& reading = admission_.control->memory();
  if (!reading || reading->source == "gpu") return std::nullopt;
  return reading->available_bytes;
}

Task<void> Server::look_at_models() {
  for (const char* service : {"speech", "language", "embedding"}) (void)co_await guard_->monitor().look_at(service);
}

/// Much of the program was needed to start, and will not be for a long time: at once, and again after the first looks
/// at everything the server stands on.
Task<void> Server::let_go_of_the_start() {
  constexpr std::array kAfter{milliseconds{1'000}, milliseconds{30'000}};
  const MonoTime begun = clock_.mono_now();
  for (const milliseconds after : kAfter) {
    const auto woken = co_await stop_bell_->wait_until(begun + after);
    if (!woken || stopping_) co_return;
    system::give_back_program_pages();
    system::give_back_free_memory();
  }
}

Task<void> Server::look_at_redis() { (void)co_await guard_->monitor().look_at("redis"); }

report::Known Server::known() {
  return {guard_->services(), guard_->monitor(), *admission_.control, *admission_.scaler, *modes_, recipes_, clock_,
          cache_.cache().status(), cache_.ttl->now(), spooled_->standing(), notices()};
}

Result<void> Server::wire() {
  hub_ = std::make_unique<views::EventHub>(clock_);
  accounts_ = std::make_unique<guard::Accounts>(
      guard::Accounts::Deps{*stores_.accounts, *secrets_, clock_, entropy_, &log_});
  JobStore& jobs = *spooled_;
  StateStore& states = *stores_.states;
  rules_ = std::make_unique<recovery::RuleBook>(
      recovery::RuleBook::Deps{states, clock_, configured_rules(settings_.recovery), &log_});
  Guard::Deps guarded{io_.get_executor(), jobs,     states,   *blobs_,
                      workers_->pool(),   workers_->endpoints(), workers_->own_language(), clock_, entropy_,
                      recipes::roles_of(recipes_),
                      &log_,              [this] { engine_->look_at_holds(); },
                      [this] { modes_->ring(); }};
  guard_ = std::make_unique<Guard>(settings_, std::move(guarded));
  modes_ = std::make_unique<guard::ModeKeeper>(guard::ModeKeeper::Deps{
      .recipes = recipes_,
      .clock = clock_,
      .is_away = [this](const StageConfig& stage) { return fallback::is_away(guard_->pool(), stage); },
      .has_less = [this](const StageConfig& stage) { return fallback::has_less(guard_->pool(), stage); },
      .dwell = {.up_after = settings_.engine.mode_dwell},
      .log = &log_});
  HF_TRY(cache_, wire_cache(settings_, {jobs, clock_, entropy_, &log_, [this] { return look_at_redis(); }}));
  watch_cache(cache_, *guard_);
  const ModelFetcher::Deps fetching{io_.get_executor(), clock_, entropy_, &log_, [this] { return look_at_models(); }};
  fetcher_ = std::make_unique<ModelFetcher>(settings_, installation_.programs.string(), fetching);
  answers_ = std::make_unique<fallback::Answers>(fallback::Answers::Deps{
      .executor = io_.get_executor(),
      .cache = cache_.cache(),
      .clock = clock_,
      .digest = &sodium::digest,
      .model_of =
          [this](const std::string& role) {
            return who_answers(settings_, role);
          },
      .ttl = [this] { return cache_.ttl->now(); }});
  embedder_ = std::make_unique<similar::WorkerEmbedder>(guard_->pool());
  shelf_ = std::make_unique<similar::Shelf>(
      similar::Shelf::Deps{*stores_.vectors, *embedder_, [this] { return std::make_unique<HighwayIndex>(&files_); }});
  neighbours_ = std::make_unique<similar::Neighbours>(similar::Neighbours::Deps{*shelf_, jobs});
  remembered_ = std::make_unique<similar::Remembered>(
      similar::Remembered::Deps{*stores_.sessions, *shelf_, *hub_, clock_, &log_});
  const Engine::Deps engine{jobs,     *blobs_, guard_->pool(), clock_,   entropy_,
                            *hub_,    recipes_, &log_,          &tally_, rules_->in_force(),
                            stores_.retention.get(), keep_,     answers_.get(), neighbours_.get()};
  engine_ = std::make_unique<Engine>(io_.get_executor(), engine, engine_config(settings_, &entropy_));
  redriver_ = std::make_unique<recovery::Redriver>(
      recovery::Redriver::Deps{jobs, states, clock_, entropy_, [this] { engine_->wake(); }, &log_});
  parking_ = std::make_unique<recovery::Parking>(recovery::Parking::Deps{
      .states = states,
      .queues = {"media", "engine", "embedding"},
      .on_change = [this](const std::set<std::string>& parked) { engine_->set_parked(parked); },
      .log = &log_});
  guards_ = std::make_unique<TaskGroup>(io_.get_executor(), clock_);
  HF_TRY(admission_, wire_admission(settings_, {jobs, states, clock_, *engine_, *workers_, files_, &log_}));
  HF_TRY(alerts_, wire_alerts(settings_, {jobs, states, clock_, entropy_, guard_->services(), guard_->monitor(),
                                          *admission_.control, *admission_.scaler, cache_.cache(), *modes_, tally_,
                                          *hub_, *spooled_, &log_}));
  const auto last_look = [this] { return engine_->last_look(); };
  watchdog_ = std::make_unique<guard::Watchdog>(guard::Watchdog::Deps{jobs, clock_, manager_, last_look, &log_});
  web::Deps deps{
      .intake =
          {*blobs_, jobs, clock_, entropy_, recipes_, {.upload_bytes_max = settings_.uploads.max_size},
           admission_.control.get(), [this](const Job& job) { engine_->expect(job); }},
      .engine = web::EngineControl::of(*engine_),
      .limits = limit_control(admission_.control.get()),
      .hub = *hub_,
      .sessions = *stores_.sessions,
      .remembered = remembered_.get(),
      .health = [this] { return report::health(known()); },
      .status = [this] { return report::status(*spooled_, guard_->pool(), known()); },
      .metrics =
          [this] {
            return metrics::page({*spooled_, known(), guard_->pool(), meter_, alerts_.alerts->book()});
          },
      .meter = &tally_,
      .open_blob = [this](BlobId id) -> Result<int> {
        HF_TRY(UniqueFd file, blobs_->open_read(id));
        return file.release();
      },
      .recovery = web::RecoveryControl::of(*engine_),
      .keep = keep_,
      .redriver = *redriver_,
      .rules = *rules_,
      .services = &guard_->services(),
      .probe = [this](std::string name) { return guard_->monitor().look_at(std::move(name)); },
      .in_last_resort = [this](const std::string& recipe) { return modes_->in_last_resort(recipe); },
      .alerts = alerts_.alerts.get(),
      .operators = {.parking = parking_.get(),
                    .restart_workers =
                        [this](const std::string& which) { return end_workers(workers_->pool().status(), which); },
                    .clear_cache = [this] { return cache_.cache().clear(); }},
      .accounts = *accounts_,
      .single_user = single_user_ ? std::optional{web::Principal{.owner = "local", .superuser = true}} : std::nullopt,
      .on_log_in = [this](std::string owner) { return resume_failed(std::move(owner)); },
      .models = served_models(settings_, recipes::roles_of(recipes_)),
      .digest = &sodium::digest};
  web::WebConfig limits{
      .public_url = settings_.server.public_url,
      .dialect = {.wait_max = settings_.openai.wait_max, .attach_within = settings_.openai.attach_within}};
  web_ = std::make_unique<web::WebServer>(io_.get_executor(), std::move(deps), std::move(limits));
  return {};
}

Task<Result<std::uint16_t>> Server::start(std::string address, std::uint16_t port) {
  const auto rules = co_await rules_->load();
  if (!rules && rules.error().error_class() != ErrorClass::corrupt) co_return std::unexpected{rules.error()};
  // Said aloud, but no reason to take no files: the rules of the configuration and the recipes hold.
  if (!rules) tell(&log_, LogLevel::error, "rules_unreadable", {{"message", rules.error().what()}});
  HF_CO_TRY_VOID(co_await redriver_->load());
  HF_CO_TRY_VOID(co_await parking_->load());
  HF_CO_TRY_VOID(co_await guard_->restore());
  HF_CO_TRY_VOID(co_await alerts_.alerts->load());
  // No other process can hold the folder's lock: every lease in the store is a dead one.
  HF_CO_TRY_VOID(co_await admission_.control->load());
  co_await admission_.control->look();  // before anything is begun: memory may be short already
  HF_CO_TRY_VOID(co_await take_up_work());
  HF_CO_TRY_VOID(co_await accounts_->start());
  HF_CO_TRY(const std::uint16_t bound, web_->listen(address, port));
  guards_->spawn(spooled_->run());
  guard_->begin(*guards_);
  cache_.begin(*guards_);
  guards_->spawn(admission_.control->run());
  guards_->spawn(admission_.scaler->run());
  guards_->spawn(modes_->run());
  guards_->spawn(watchdog_->run());
  guards_->spawn(let_go_of_the_start());
  guards_->spawn(redriver_->run());
  guards_->spawn(remembered_->run());
  guards_->spawn(alerts_.alerts->run());
  guards_->spawn(alerts_.alerts->deliver());
  guards_->spawn(fetcher_->run());
  co_return bound;
}

/// What an earlier process left in the spool comes first. A store that does not take it is no reason to take no files:
/// then the work begins when it does.
Task<Result<void>> Server::take_up_work() {
  HF_CO_TRY_VOID(co_await spooled_->load());
  Result<void> begun = co_await spooled_->flush();
  if (begun) begun = co_await engine_->start(true);
  const bool later = !begun && (begun.error().error_class() == ErrorClass::transient ||
                                begun.error().error_class() == ErrorClass::resource);
  if (!later) co_return begun;
  tell(&log_, LogLevel::error, "work_waits_for_the_store", {{"code", begun.error().code()}});
  guards_->spawn(begin_work());
  co_return Result<void>{};
}

Task<void> Server::begin_work() {
  constexpr milliseconds kTryEvery{500};
  for (bool begun = false; !begun;) {
    const auto slept = co_await clock_.sleep_until(clock_.mono_now() + kTryEvery);
    if (!slept || stopping_) co_return;
    if (!spooled_->waiting()) begun = (co_await engine_->start(true)).has_value();
  }
}

Task<Result<std::optional<std::string>>> Server::make_setup_link() {
  if (single_user_) co_return std::optional<std::string>{};
  co_return co_await accounts_->make_setup_link();
}

/// A log-in is one whether or not this works: the next one tries again.
Task<void> Server::resume_failed(std::string owner) {
  const auto resumed = co_await engine_->resume_failed(std::move(owner));
  if (resumed && *resumed > 0)
    log_.write(LogLevel::info, "resumed_at_log_in", {{"count", std::to_string(*resumed)}});
  if (!resumed) log_.write(LogLevel::warn, "resume_at_log_in_failed", {{"code", resumed.error().code()}});
}

Task<void> Server::stop() {
  stopping_ = true;
  stop_bell_->ring();
  spooled_->stop();
  workers_->stop_reading();
  guard_->stop_looking();
  admission_.control->stop();
  admission_.scaler->stop();
  cache_.stop();
  modes_->stop();
  watchdog_->stop();
  redriver_->finish();
  remembered_->stop();
  alerts_.alerts->stop();
  fetcher_->stop();
  co_await web_->stop(kAnswerGrace);
  co_await engine_->stop(kDrainGrace);
  co_await answers_->stop(milliseconds{0});
  guard_->stop();
  co_await guards_->stop(kAnswerGrace);
}

}  // namespace holdfast
