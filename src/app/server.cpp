#include "app/server.hpp"

#include "adapters/highway/vector_index.hpp"
#include "adapters/sodium/digest.hpp"
#include "app/recipes/recipe_book.hpp"
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
  HF_TRY(secrets_, SodiumSecrets::open());
  Workers::Deps deps{io_.get_executor(),        files_, clock_, entropy_, *blobs_,
                     recipes::roles_of(recipes_), &log_,  [this] { return free_memory(); },
                     similar::compares(recipes_)};
  HF_TRY(workers_, Workers::open(settings_, installation_, std::move(deps)));
  return wire();
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

Task<void> Server::look_at_redis() { (void)co_await guard_->monitor().look_at("redis"); }

report::Known Server::known() {
  return {guard_->services(), guard_->monitor(), *admission_.control, *admission_.scaler, *modes_, recipes_, clock_,
          cache_.cache().status(), cache_.ttl->now(), notices()};
}

Result<void> Server::wire() {
  hub_ = std::make_unique<views::EventHub>(clock_);
  accounts_ = std::make_unique<guard::Accounts>(
      guard::Accounts::Deps{*stores_.accounts, *secrets_, clock_, entropy_, &log_});
  JobStore& jobs = *stores_.jobs;
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
  guards_ = std::make_unique<TaskGroup>(io_.get_executor(), clock_);
  HF_TRY(admission_, wire_admission(settings_, {jobs, *stores_.states, clock_, *engine_, *workers_, files_, &log_}));
  HF_TRY(alerts_, wire_alerts(settings_, {jobs, states, clock_, entropy_, guard_->services(), guard_->monitor(),
                                          *admission_.control, *admission_.scaler, cache_.cache(), *modes_, tally_,
                                          *hub_, &log_}));
  const auto last_look = [this] { return engine_->last_look(); };
  watchdog_ = std::make_unique<guard::Watchdog>(guard::Watchdog::Deps{jobs, clock_, manager_, last_look, &log_});
  web::Deps deps{
      .intake =
          {*blobs_, *stores_.jobs, clock_, entropy_, recipes_, {.upload_bytes_max = settings_.uploads.max_size},
           admission_.control.get()},
      .engine = web::EngineControl::of(*engine_),
      .limits = limit_control(admission_.control.get()),
      .hub = *hub_,
      .sessions = *stores_.sessions,
      .remembered = remembered_.get(),
      .health = [this] { return report::health(known()); },
      .status = [this] { return report::status(*stores_.jobs, guard_->pool(), known()); },
      .metrics =
          [this] {
            return metrics::page({*stores_.jobs, known(), guard_->pool(), meter_, alerts_.alerts->book()});
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
  HF_CO_TRY_VOID(co_await guard_->restore());
  HF_CO_TRY_VOID(co_await alerts_.alerts->load());
  // No other process can hold the folder's lock: every lease in the store is a dead one.
  HF_CO_TRY_VOID(co_await admission_.control->load());
  co_await admission_.control->look();  // before anything is begun: memory may be short already
  HF_CO_TRY_VOID(co_await engine_->start(true));
  HF_CO_TRY_VOID(co_await accounts_->start());
  HF_CO_TRY(const std::uint16_t bound, web_->listen(address, port));
  guard_->begin(*guards_);
  cache_.begin(*guards_);
  guards_->spawn(admission_.control->run());
  guards_->spawn(admission_.scaler->run());
  guards_->spawn(modes_->run());
  guards_->spawn(watchdog_->run());
  guards_->spawn(redriver_->run());
  guards_->spawn(remembered_->run());
  guards_->spawn(alerts_.alerts->run());
  guards_->spawn(alerts_.alerts->deliver());
  guards_->spawn(fetcher_->run());
  co_return bound;
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
