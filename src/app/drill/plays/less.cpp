#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "app/drill/plays/plays.hpp"
#include "app/drill/processes.hpp"
#include "app/drill/scene.hpp"

/// FG: what is short costs quality before availability.
namespace holdfast::drill {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

constexpr std::string_view kSpeechWorker = "holdfast-stt";
constexpr std::string_view kSmallerModel = "ggml-base-q5_1.bin";
constexpr std::string_view kToldItsOwner = "transcribed with a smaller model";
/// So much less than it had at work: the smaller model leaves 22 MB more free than the one that is configured.
constexpr std::uint64_t kLess = 8ULL << 20U;
/// What the server itself may still need.
constexpr std::uint64_t kServerGrows = 32ULL << 20U;

std::string megabytes(std::uint64_t bytes) { return std::to_string(bytes >> 20U) + " MiB"; }

/// Until the item is over; the most private memory that its speech worker had meanwhile, bytes.
Result<std::uint64_t> memory_at_work(const Instance& instance, const std::string& id) {
  std::uint64_t most = 0;
  HF_TRY_VOID(Scene::until_item(instance, id, "over", [&](const json::object& item) {
    const pid_t worker = find_descendant(instance.pid(), kSpeechWorker);
    if (worker != 0) most = std::max(most, memory_of(worker, "VmData"));
    return status_of(item) == "completed" || status_of(item) == "failed";
  }));
  HF_TRY_VOID(Scene::until_completed(instance, id));
  return most;
}

/// What everything that the server starts from now on may have of private memory; nothing: as much as there is.
/// Errors: not_found HF-DRL-02 (not allowed here).
Result<void> limit_workers(const Instance& instance, std::optional<std::uint64_t> bytes) {
  rlimit limit{};
  const bool known = ::prlimit(instance.pid(), RLIMIT_DATA, nullptr, &limit) == 0;
  limit.rlim_cur = bytes.value_or(limit.rlim_max);
  if (known && ::prlimit(instance.pid(), RLIMIT_DATA, &limit, nullptr) == 0) return {};
  return not_here(std::string{"the memory of the server's children cannot be limited: "} + std::strerror(errno));
}

/// The next piece of work begins with a new worker.
Result<void> until_no_worker(const Instance& instance) {
  return Scene::until("the speech worker has given its memory back", [&]() -> Result<bool> {
    return find_descendant(instance.pid(), kSpeechWorker) == 0;
  });
}

/// What the speech worker is, as the status tells it.
Result<json::object> speech_worker(const Instance& instance) {
  HF_TRY(const json::object status, instance.get("/api/v1/status"));
  for (const json::value& worker : cli::array_at(status, "workers")) {
    if (cli::text_at(worker.get_object(), "kind") == "speech") return worker.get_object();
  }
  return unkept("the status has no speech worker");
}

bool says_smaller(const json::object& item) {
  for (const json::value& stage : cli::array_at(item, "stages")) {
    for (const json::value& warning : cli::array_at(stage.get_object(), "warnings")) {
      if (std::string_view{warning.get_string()}.starts_with(kToldItsOwner)) return true;
    }
  }
  return false;
}

Result<void> until_as_configured(const Instance& instance) {
  return Scene::until("the speech worker runs as configured", [&]() -> Result<bool> {
    HF_TRY(const json::object worker, speech_worker(instance));
    return cli::number_at(worker, "steps_down", 1) == 0;
  });
}

}  // namespace

Result<void> play_out_of_memory(Scene& scene) {
  if (!fs::exists(scene.props().models / kSmallerModel)) return not_here("there is no smaller speech model");
  HF_TRY(Instance* const instance, scene.start({.settings = {{"HOLDFAST_CAPACITY_THREADS", "1"},
                                                             {"HOLDFAST_CAPACITY_LARGER_AFTER", "3 s"},
                                                             {"HOLDFAST_SPEECH_MEMORY_MAX", "0 B"},
                                                             {"HOLDFAST_SPEECH_IDLE_RELEASE", "1 s"}}}));
  const Upload upload{.content = scene.recording().sentence()};
  HF_TRY(const std::string before, instance->send(upload));
  HF_TRY(const std::uint64_t needed, memory_at_work(*instance, before));
  HF_TRY_VOID(until_no_worker(*instance));
  if (needed < memory_of(instance->pid(), "VmData") + kLess + kServerGrows)
    return not_here("the server holds as much memory as its speech worker: no limit hits that one alone");
  HF_TRY_VOID(limit_workers(*instance, needed - kLess));
  scene.broke("the speech worker may have " + megabytes(needed - kLess) + " of memory, and needed " +
              megabytes(needed) + " (RLIMIT_DATA of a running server's children)");
  HF_TRY(const std::string id, instance->send(upload));
  HF_TRY(const json::object item, Scene::until_completed(*instance, id));
  scene.recovered();
  HF_TRY(const json::object worker, speech_worker(*instance));
  if (cli::number_at(worker, "steps_down", 0) < 1) return unkept("memory was not short: the drill is no drill");
  scene.saw("operator: the worker ran out of memory and came back as " + cli::text_at(worker, "runs"));
  if (!says_smaller(item)) return unkept("the item does not say that a smaller model transcribed it");
  if (transcript_of(item).empty()) return unkept("the transcript is empty");
  scene.saw("user: transcribed, and told that a smaller model did it because memory was short");
  HF_TRY_VOID(limit_workers(*instance, std::nullopt));
  scene.saw("operator: gives the memory back");
  HF_TRY_VOID(until_as_configured(*instance));
  HF_TRY(const std::string after, instance->send(upload));
  HF_TRY(const json::object well, Scene::until_completed(*instance, after));
  if (says_smaller(well)) return unkept("there is memory again, and the smaller model is still used");
  scene.saw("operator: the worker is as configured again, without a restart; user: the next one says nothing of it");
  return scene.nothing_lost();
}

}  // namespace holdfast::drill
