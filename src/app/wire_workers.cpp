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

/// All cores but one: the engines' threads spin while they wait for each other, and one that has to share its
/// core with anything else holds up all of them.
unsigned threads_of(const Settings& settings) {
  if (settings.capacity.threads > 0) return settings.capacity.threads;
  return std::max(2U, std::thread::hardware_concurrency()) - 1;
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

Result<ResidentConfig> speech_worker(const Settings& settings, const Installation& installation, Log* log) {
  HF_TRY(const ModelFile model, models::find_model(settings, settings.speech.model));
  const std::filesystem::path program = installation.programs / "holdfast-stt";
  std::vector<std::string> command{program,
                                   "--model",
                                   model.path,
                                   "--model-sha256",
                                   model.sha256,
                                   "--threads",
                                   std::to_string(threads_of(settings))};
  std::vector<std::filesystem::path> readable{model.path};
  std::vector<NeededFile> files{needed(model)};
  const auto vad = models::find_role(settings, "vad");
  if (vad && models::look(*vad) == models::State::present) {
    command.insert(command.end(), {"--vad", vad->path, "--vad-sha256", vad->sha256});
    readable.emplace_back(vad->path);
    files.push_back(needed(*vad));
  } else {
    tell(log, LogLevel::warn, "voice_model_missing",
         {{"message", "loudness decides what is speech; " + (vad ? needed(*vad).mend : vad.error().what())}});
  }
  return ResidentConfig{.command = confined_command(settings, installation, std::move(readable),
                                                    settings.speech.memory_max, std::move(command)),
                        .program = program,
                        .confine = installation.programs / "holdfast-confine",
                        .files = std::move(files),
                        .missing_code = "HF-ENG-02",
                        .idle_release = settings.speech.idle_release};
}

Result<ResidentConfig> language_worker(const Settings& settings, const Installation& installation,
                                       std::string_view model_id) {
  HF_TRY(const ModelFile model, models::find_model(settings, model_id));
  const std::filesystem::path program = installation.programs / "holdfast-llm";
  std::vector<std::string> command{program,
                                   "--model",
                                   model.path,
                                   "--model-sha256",
                                   model.sha256,
                                   "--threads",
                                   std::to_string(threads_of(settings)),
                                   "--context",
                                   std::to_string(settings.language.context)};
  return ResidentConfig{.command = confined_command(settings, installation, {model.path}, 0, std::move(command)),
                        .program = program,
                        .confine = installation.programs / "holdfast-confine",
                        .files = {needed(model)},
                        .missing_code = "HF-LLM-05",
                        .idle_release = settings.speech.idle_release};
}

/// The model that the configuration names for a role.
const std::string& model_of(const Settings& settings, std::string_view role) {
  const std::string* own = role == "mistral" ? &settings.roles.mistral : nullptr;
  if (role == "llama") own = &settings.roles.llama;
  return own == nullptr || own->empty() ? settings.language.model : *own;
}

/// One worker for each model that a role needs: roles that share a model share its memory.
Result<std::vector<ResidentConfig>> language_workers(const Settings& settings, const Installation& installation,
                                                     const std::vector<std::string>& roles) {
  std::map<std::string, std::set<std::string>> roles_by_model;
  for (const std::string& role : roles) roles_by_model[model_of(settings, role)].insert(role);
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
  OpenAiConfig config{.base_url = settings.language.url,
                      .model = settings.language.model,
                      .key_file = settings.language.api_key_file,
                      .context_tokens = settings.language.context,
                      .answer_max = settings.language.timeout};
  if (!settings.roles.mistral.empty()) config.role_models["mistral"] = settings.roles.mistral;
  if (!settings.roles.llama.empty()) config.role_models["llama"] = settings.roles.llama;
  return config;
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

Result<std::unique_ptr<FfmpegPool>> open_media(const Settings& settings, const Installation& installation,
                                               const Workers::Deps& deps) {
  return FfmpegPool::open(ffmpeg_config(settings, installation, deps.blobs),
                          {deps.executor, deps.clock, deps.entropy, deps.blobs, deps.files});
}

struct Workers::Impl {
  std::unique_ptr<FfmpegPool> media;
  std::unique_ptr<OpenAiWorkers> endpoint;  ///< none: the worker of our own
  std::unique_ptr<ProcessWorkerPool> processes;
};

Workers::Workers(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Workers::~Workers() = default;

Result<std::unique_ptr<Workers>> Workers::open(const Settings& settings, const Installation& installation,
                                               Deps deps) {
  auto impl = std::make_unique<Impl>();
  HF_TRY(impl->media, open_media(settings, installation, deps));
  ProcessPoolConfig config{.stand_ins = {{WorkerKind::media, impl->media.get()}}};
  HF_TRY(ResidentConfig speech, speech_worker(settings, installation, deps.log));
  config.residents.emplace(WorkerKind::speech, std::move(speech));
  if (settings.language.url.empty()) {
    HF_TRY(auto workers, language_workers(settings, installation, deps.roles));
    for (ResidentConfig& worker : workers) config.residents.emplace(WorkerKind::language, std::move(worker));
  } else {
    HF_TRY(impl->endpoint, OpenAiWorkers::make(endpoint_config(settings)));
    config.stand_ins[WorkerKind::language] = impl->endpoint.get();
  }
  impl->processes = std::make_unique<ProcessWorkerPool>(
      ProcessWorkerPool::Deps{deps.executor, deps.clock, deps.entropy, deps.blobs, deps.files, deps.log},
      std::move(config));
  return std::unique_ptr<Workers>{new Workers{std::move(impl)}};
}

WorkerPool& Workers::pool() { return *impl_->processes; }
void Workers::stop_reading() { impl_->processes->stop_reading(); }

}  // namespace holdfast
