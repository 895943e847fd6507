#include "app/wire_workers.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <thread>

#include "adapters/openai/openai_workers.hpp"
#include "adapters/process/confinement.hpp"
#include "adapters/process/worker_pool.hpp"
#include "app/models/models.hpp"

namespace holdfast {
namespace {

using models::ModelFile;

/// All cores but one, for all workers that may be at work: the engines' threads spin while they wait for each other,
/// and one that has to share its core with anything else holds up all of them.
unsigned threads_of(const Settings& settings) {
  if (settings.capacity.threads > 0) return settings.capacity.threads;
  return std::max(1U, (std::max(2U, std::thread::hardware_concurrency()) - 1) / engine_workers_max(settings));
}

NeededFile needed(const ModelFile& model) {
  return {.file = model.path,
          .bytes = model.bytes,
          .sha256 = model.sha256,
          .mend = "run `holdfast models pull " + model.id + "`"};
}

/// A worker program of ours, confined to reading itself and its models.
std::vector<std::string> confined_command(const Settings& settings, const Installation& installation,
                                          std::vector<std::filesystem::path> models,
                                          std::uint64_t memory_bytes, std::vector<std::string> command) {
  models.emplace_back(command.front());  // the program itself
  const Confinement rules{.confine = installation.programs / "holdfast-confine",
                          .read = std::move(models),
                          .memory_bytes = memory_bytes,
                          .allow_unconfined_files = settings.security.allow_unconfined_files};
  return confined(rules, std::move(command));
}

/// What an engine needs besides its model while it works. Measured with 30 s windows, five hypotheses, and a context of
/// 2048 tokens; only as much of it as is really held.
constexpr std::uint64_t kSpeechWorkBytes = 160U << 20U;
constexpr std::uint64_t kLanguageWorkBytes = 120U << 20U;
constexpr std::uint64_t kEmbeddingWorkBytes = 40U << 20U;
/// So much of a text the model that comes along has been trained to read.
constexpr unsigned kEmbeddingTokens = 256;
/// A context of less is of no use to the recipes that come along.
constexpr unsigned kContextLeast = 1024;

/// The settings of one worker that are those of all with a model.
ResidentConfig resident(const Settings& settings, const Installation& installation) {
  return {.ladder = {.up_after = settings.capacity.larger_after},
          .confine = installation.programs / "holdfast-confine",
          .asked = {.every = settings.engine.inference_every, .answer_max = settings.engine.inference_max},
          .idle_release = settings.speech.idle_release};
}

/// The first step is what was configured; the others stand in for it.
void take_steps(ResidentConfig& config, std::vector<WorkerStep> steps) {
  WorkerStep& first = steps.front();
  config.command = std::move(first.command);
  config.files = std::move(first.files);
  config.name = std::move(first.name);
  config.needs_bytes = first.needs_bytes;
  config.smaller.assign(std::make_move_iterator(std::next(steps.begin())), std::make_move_iterator(steps.end()));
}

/// A model and what stands in for it, the largest first.
Result<std::vector<ModelFile>> models_from(const Settings& settings, std::string_view id) {
  HF_TRY(ModelFile model, models::find_model(settings, id));
  HF_TRY(auto all, models::find_smaller(settings, model));
  all.insert(all.begin(), std::move(model));
  return all;
}

std::optional<ModelFile> voice_model(const Settings& settings, Log* log) {
  auto vad = models::find_role(settings, "vad");
  if (vad && models::look(*vad) == models::State::present) return *std::move(vad);
  tell(log, LogLevel::warn, "voice_model_missing",
       {{"message", "loudness decides what is speech; " + (vad ? needed(*vad).mend : vad.error().what())}});
  return std::nullopt;
}

WorkerStep speech_step(const Settings& settings, const Installation& installation, const ModelFile& model,
                       const std::optional<ModelFile>& vad, unsigned threads) {
  std::vector<std::string> command{installation.programs / "holdfast-stt",
                                   "--model",
                                   model.path,
                                   "--model-sha256",
                                   model.sha256,
                                   "--threads",
                                   std::to_string(threads)};
  std::vector<std::filesystem::path> readable{model.path};
  std::vector<NeededFile> files{needed(model)};
  if (vad) {
    command.insert(command.end(), {"--vad", vad->path, "--vad-sha256", vad->sha256});
    readable.emplace_back(vad->path);
    files.push_back(needed(*vad));
  }
  return {.name = model.id,
          .command = confined_command(settings, installation, std::move(readable), settings.speech.memory_max,
                                      std::move(command)),
          .files = std::move(files),
          .needs_bytes = model.bytes + kSpeechWorkBytes};
}

/// Smaller models, then the smallest with one thread.
Result<ResidentConfig> speech_worker(const Settings& settings, const Installation& installation, Log* log) {
  HF_TRY(const auto all, models_from(settings, settings.speech.model));
  const auto vad = voice_model(settings, log);
  const unsigned threads = threads_of(settings);
  std::vector<WorkerStep> steps;
  for (const ModelFile& model : all) {
    steps.push_back(speech_step(settings, installation, model, vad, threads));
    if (steps.size() == 1) continue;
    steps.back().warning = "transcribed with a smaller model (" + model.id + ") because memory was short";
    steps.back().smaller_model = true;
  }
  if (threads > 1) {
    WorkerStep slow = speech_step(settings, installation, all.back(), vad, 1);
    slow.warning = all.size() > 1 ? steps.back().warning : "transcribed more slowly because memory was short";
    slow.name += ", 1 thread";
    slow.smaller_model = all.size() > 1;
    steps.push_back(std::move(slow));
  }
  ResidentConfig config = resident(settings, installation);
  take_steps(config, std::move(steps));
  config.memory_max = settings.speech.memory_max;
  config.program = installation.programs / "holdfast-stt";
  config.missing_code = "HF-ENG-02";
  config.memory_code = "HF-ENG-10";
  config.inference = speech_inference();
  return config;
}

struct LanguageUse {
  unsigned context = 0;
  unsigned threads = 1;
};

WorkerStep language_step(const Settings& settings, const Installation& installation, const ModelFile& model,
                         LanguageUse use) {
  std::vector<std::string> command{installation.programs / "holdfast-llm",
                                   "--model",
                                   model.path,
                                   "--model-sha256",
                                   model.sha256,
                                   "--threads",
                                   std::to_string(use.threads),
                                   "--context",
                                   std::to_string(use.context)};
  return {.name = model.id,
          .command = confined_command(settings, installation, {model.path}, 0, std::move(command)),
          .files = {needed(model)},
          .needs_bytes = model.bytes + kLanguageWorkBytes};
}

/// One thread: a text takes some milliseconds, and what asks for it does so beside other work.
Result<ResidentConfig> embedding_worker(const Settings& settings, const Installation& installation, bool used) {
  HF_TRY(const ModelFile model, models::find_model(settings, settings.embedding.model));
  const std::filesystem::path program = installation.programs / "holdfast-llm";
  std::vector<std::string> command{program,     "--embedder", model.path,  "--model-sha256",
                                   model.sha256, "--threads",  "1",         "--context",
                                   std::to_string(kEmbeddingTokens)};
  ResidentConfig config = resident(settings, installation);
  config.command = confined_command(settings, installation, {model.path}, 0, std::move(command));
  config.files = {needed(model)};
  config.name = model.id;
  config.needs_bytes = model.bytes + kEmbeddingWorkBytes;
  config.program = program;
  config.missing_code = "HF-EMB-05";
  config.memory_code = "HF-EMB-07";
  config.inference = embedding_inference();
  config.asked.unused_too = used;
  return config;
}

/// Smaller models, then the smallest with half the context, then that with one thread.
Result<ResidentConfig> language_worker(const Settings& settings, const Installation& installation,
                                       std::string_view model_id) {
  HF_TRY(const auto all, models_from(settings, model_id));
  LanguageUse use{.context = settings.language.context, .threads = threads_of(settings)};
  std::vector<WorkerStep> steps;
  const auto add = [&](const ModelFile& model, const std::string& less) {
    steps.push_back(language_step(settings, installation, model, use));
    if (steps.size() == 1) return;
    steps.back().name += less;
    steps.back().warning = "written with less (" + steps.back().name + ") because memory was short";
    steps.back().smaller_model = model.id != all.front().id;
  };
  for (const ModelFile& model : all) add(model, "");
  if (use.context / 2 >= kContextLeast) {
    use.context /= 2;
    add(all.back(), ", context " + std::to_string(use.context));
  }
  if (use.threads > 1) {
    use.threads = 1;
    add(all.back(), ", context " + std::to_string(use.context) + ", 1 thread");
  }
  ResidentConfig config = resident(settings, installation);
  take_steps(config, std::move(steps));
  config.program = installation.programs / "holdfast-llm";
  config.missing_code = "HF-LLM-05";
  config.memory_code = "HF-LLM-07";
  config.inference = language_inference();
  return config;
}

/// One worker for each model that a role needs: roles that share a model share its memory.
Result<std::vector<ResidentConfig>> language_workers(const Settings& settings, const Installation& installation,
                                                     const std::vector<std::string>& roles) {
  std::map<std::string, std::set<std::string>> roles_by_model;
  for (const std::string& role : roles) roles_by_model[language_model_of(settings, role)].insert(role);
  if (roles.empty()) roles_by_model[settings.language.model] = {};
  std::vector<ResidentConfig> workers;
  for (const auto& [model, served] : roles_by_model) {
    HF_TRY(ResidentConfig worker, language_worker(settings, installation, model));
    worker.roles = served;
    workers.push_back(std::move(worker));
  }
  return workers;
}

OpenAiConfig endpoint_config(const Settings& settings) {
  return {.base_url = settings.language.url,
          .model = settings.language.model,
          .role_models = settings.roles,
          .key_file = settings.language.api_key_file,
          .context_tokens = settings.language.context,
          .answer_max = settings.language.timeout};
}

OpenAiConfig endpoint_config(const Settings::Endpoint& endpoint) {
  return {.base_url = endpoint.url,
          .model = endpoint.model,
          .key_file = endpoint.api_key_file,
          .context_tokens = endpoint.context,
          .answer_max = endpoint.timeout};
}

bool answers(const Settings::Endpoint& endpoint, std::string_view role) {
  return endpoint.roles.empty() || std::ranges::find(endpoint.roles, role) != endpoint.roles.end();
}

/// Those that no endpoint answers.
std::vector<std::string> own_roles(const Settings& settings, std::vector<std::string> roles) {
  std::erase_if(roles, [&](const std::string& role) {
    return std::ranges::any_of(settings.endpoints,
                               [&](const Settings::Endpoint& endpoint) { return answers(endpoint, role); });
  });
  return roles;
}

OpenAiConfig embedding_endpoint(const Settings& settings) {
  return {.base_url = settings.embedding.url,
          .model = settings.embedding.model,
          .serves = WorkerKind::embedding,
          .key_file = settings.embedding.api_key_file,
          .answer_max = settings.embedding.timeout};
}

FfmpegConfig ffmpeg_config(const Settings& settings, const Installation& installation,
                           const LocalBlobStore& blobs) {
  FfmpegConfig config{.ffmpeg = settings.media.ffmpeg,
                      .ffprobe = settings.media.ffprobe,
                      .confine = installation.programs / "holdfast-confine",
                      .root = blobs.config().root,
                      .allow_unconfined_files = settings.security.allow_unconfined_files};
  config.limits.duration_ms_max = settings.media.duration_max.count();
  config.memory_bytes = settings.media.memory_max;
  return config;
}

}  // namespace

unsigned engine_workers_max(const Settings& settings) {
  constexpr unsigned kCoresEach = 8;
  constexpr unsigned kMost = 4;
  const unsigned by_cores = std::min(kMost, std::thread::hardware_concurrency() / kCoresEach);
  const unsigned set = settings.capacity.engine_max > 0 ? settings.capacity.engine_max : by_cores;
  return std::max(set, settings.capacity.engine);
}

const std::string& language_model_of(const Settings& settings, std::string_view role) {
  const auto own = settings.roles.find(std::string{role});
  return own == settings.roles.end() ? settings.language.model : own->second;
}

std::string who_answers(const Settings& settings, std::string_view role) {
  std::string who;
  for (const Settings::Endpoint& endpoint : settings.endpoints) {
    if (answers(endpoint, role)) who += endpoint.url + ' ' + endpoint.model + ' ';
  }
  return who.empty() ? settings.language.url + ' ' + language_model_of(settings, role) : who;
}

Result<std::unique_ptr<FfmpegPool>> open_media(const Settings& settings, const Installation& installation,
                                               const Workers::Deps& deps) {
  return FfmpegPool::open(ffmpeg_config(settings, installation, deps.blobs),
                          {deps.executor, deps.clock, deps.entropy, deps.blobs, deps.files});
}

struct Workers::Impl {
  std::unique_ptr<FfmpegPool> media;
  std::unique_ptr<OpenAiWorkers> endpoint;  ///< none: the worker of our own
  std::unique_ptr<OpenAiWorkers> embedding_endpoint;  ///< as well
  std::vector<std::unique_ptr<OpenAiWorkers>> endpoints;
  std::vector<guard::Endpoint> balanced;  ///< as endpoints
  bool own_language = true;
  std::uint64_t bytes_each = 0;
  std::unique_ptr<ProcessWorkerPool> processes;
};

Workers::Workers(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Workers::~Workers() = default;

Result<std::unique_ptr<Workers>> Workers::open(const Settings& settings, const Installation& installation,
                                               Deps deps) {
  auto impl = std::make_unique<Impl>();
  HF_TRY(impl->media, open_media(settings, installation, deps));
  ProcessPoolConfig config{.width = settings.capacity.engine,
                           .width_max = engine_workers_max(settings),
                           .stand_ins = {{WorkerKind::media, impl->media.get()}}};
  HF_TRY(ResidentConfig speech, speech_worker(settings, installation, deps.log));
  config.residents.emplace(WorkerKind::speech, std::move(speech));
  if (settings.language.url.empty()) {
    HF_TRY(auto workers, language_workers(settings, installation, own_roles(settings, deps.roles)));
    for (ResidentConfig& worker : workers) config.residents.emplace(WorkerKind::language, std::move(worker));
  } else {
    HF_TRY(impl->endpoint, OpenAiWorkers::make(endpoint_config(settings)));
    config.stand_ins[WorkerKind::language] = impl->endpoint.get();
  }
  if (settings.embedding.url.empty()) {
    HF_TRY(ResidentConfig embedding, embedding_worker(settings, installation, deps.embeds));
    config.residents.emplace(WorkerKind::embedding, std::move(embedding));
  } else {
    HF_TRY(impl->embedding_endpoint, OpenAiWorkers::make(embedding_endpoint(settings)));
    config.stand_ins[WorkerKind::embedding] = impl->embedding_endpoint.get();
  }
  for (const auto& [kind, resident] : config.residents)
    impl->bytes_each = std::max(impl->bytes_each, resident.needs_bytes);
  impl->own_language = deps.roles.empty() || !own_roles(settings, deps.roles).empty();
  for (const Settings::Endpoint& set : settings.endpoints) {
    HF_TRY(auto endpoint, OpenAiWorkers::make(endpoint_config(set)));
    impl->balanced.push_back({.name = set.name,
                              .pool = endpoint.get(),
                              .roles = {set.roles.begin(), set.roles.end()},
                              .weight = set.weight});
    impl->endpoints.push_back(std::move(endpoint));
  }
  impl->processes = std::make_unique<ProcessWorkerPool>(
      ProcessWorkerPool::Deps{deps.executor, deps.clock, deps.entropy, deps.blobs, deps.files, deps.log,
                              std::move(deps.free_memory), std::move(deps.on_step)},
      std::move(config));
  return std::unique_ptr<Workers>{new Workers{std::move(impl)}};
}

void Workers::set_width(unsigned workers) { impl_->processes->set_width(workers); }
std::uint64_t Workers::bytes_each() const { return impl_->bytes_each; }
WorkerPool& Workers::pool() { return *impl_->processes; }
const std::vector<guard::Endpoint>& Workers::endpoints() const { return impl_->balanced; }
bool Workers::own_language() const { return impl_->own_language; }
void Workers::stop_reading() { impl_->processes->stop_reading(); }

}  // namespace holdfast
