#include <filesystem>

#include "app/drill/plays/plays.hpp"
#include "app/drill/scene.hpp"
#include "app/drill/stand_in.hpp"

/// What is kept and what goes, what is remembered, and who is told: VS_9, FR_9, FR_10 and FG_13.
namespace holdfast::drill {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

/// Files in the data folder that were handed in or made of them.
unsigned files_in(const fs::path& data) {
  unsigned count = 0;
  std::error_code gone;
  for (const auto& entry : fs::recursive_directory_iterator{data / "files", gone}) count += entry.is_regular_file();
  return count;
}

Result<void> until_file_gone(const Instance& instance, const std::string& id) {
  HF_TRY_VOID(Scene::until_item(instance, id, "its file is deleted", [](const json::object& item) {
    return !cli::text_at(cli::object_at(item, "retention"), "file_gone_at").empty();
  }));
  return {};
}

}  // namespace

Result<void> play_files_expire(Scene& scene) {
  HF_TRY(Instance* const instance,
         scene.start({.settings = {{"HOLDFAST_RETENTION_FILES", "2 s"}, {"HOLDFAST_RETENTION_EVERY", "200 ms"}},
                      .files_expire = true}));
  const Upload brief{.content = Recording::silence(milliseconds{700}), .recipe = "introductions"};
  const Upload lengthy{.content = scene.recording().speech(milliseconds{120'000}), .recipe = "introductions"};
  HF_TRY(const std::string old, instance->send(brief));
  HF_TRY_VOID(Scene::until_completed(*instance, old));
  HF_TRY(const std::string busy, instance->send(lengthy));
  scene.broke("files are kept for two seconds, while a longer recording is worked on");
  HF_TRY_VOID(until_file_gone(*instance, old));
  HF_TRY(const cli::Response file, instance->ask("GET", "/api/v1/items/" + busy + "/media"));
  if (file.status != 200) return unkept("the file of work under way was deleted");
  HF_TRY(const json::object working, instance->item(busy));
  if (status_of(working) == "completed")
    return unkept("it was done too soon to be seen at work: the drill is no drill");
  scene.saw("user: the old file is gone, and its item says so; what is worked on still has its file");
  instance->kill9();
  scene.broke("kill -9 of the server in between");
  HF_TRY_VOID(instance->start());
  HF_TRY(const json::object item, Scene::until_completed(*instance, busy));
  if (transcript_of(item).empty()) return unkept("the transcript is missing");
  HF_TRY_VOID(until_file_gone(*instance, busy));
  HF_TRY_VOID(Scene::until("no file is left", [&]() -> Result<bool> { return files_in(instance->data()) == 0; }));
  scene.recovered();
  HF_TRY(const cli::Response gone, instance->ask("GET", "/api/v1/items/" + busy + "/media"));
  if (gone.status != 410) return unkept("a deleted file is answered with " + std::to_string(gone.status));
  scene.saw("user: 410 HF-ITM-09 for the file, and the transcript is still there");
  scene.saw("operator: no file is left on the disk");
  return scene.nothing_lost();
}

Result<void> play_killed_while_remembering(Scene& scene) {
  HF_TRY(Instance* const instance, scene.start());
  const Upload memo{.content = scene.recording().speech(milliseconds{20'000}), .recipe = "memories", .key = "memo"};
  HF_TRY(const std::string id, instance->send(memo));
  for (const std::string_view stage : {"memories", "action_items"}) {
    HF_TRY(const json::object seen,
           Scene::until_item(*instance, id, "at work in " + std::string{stage}, [&](const json::object& item) {
             return (cli::text_at(item, "stage") == stage && status_of(item) == "processing") ||
                    status_of(item) == "completed" || status_of(item) == "failed";
           }));
    if (cli::text_at(seen, "stage") != stage)
      return unkept("the stage " + std::string{stage} + " was not seen at work");
    instance->kill9();
    scene.broke("kill -9 of the server in " + std::string{stage});
    HF_TRY_VOID(instance->start());
  }
  HF_TRY(const json::object item, Scene::until_completed(*instance, id));
  scene.recovered();
  const json::object& result = cli::object_at(item, "result");
  HF_TRY(const json::object session, instance->get("/api/v1/memories/" + id));
  for (const char* kind : {"memories", "action_items"}) {
    if (!result.contains(kind) || cli::array_at(session, kind).size() != cli::array_at(result, kind).size())
      return unkept(std::string{"the item and its session do not tell the same "} + kind);
  }
  scene.saw("user: completed; item and session tell the same " +
            std::to_string(cli::array_at(result, "memories").size()) + " memories and " +
            std::to_string(cli::array_at(result, "action_items").size()) + " action items");
  HF_TRY(const json::object pipeline, instance->get(std::string{kRecoveryRoutes} + "/pipeline-status/memo"));
  if (cli::text_at(pipeline, "item") != id) return unkept("pipeline-status finds something else by its key");
  scene.saw("operator: pipeline-status finds it by the key it was sent under");
  return scene.nothing_lost();
}

Result<void> play_alert_raised(Scene& scene) {
  const StandIn receiver;
  const std::string address = "http://127.0.0.1:" + std::to_string(receiver.port()) + "/hook";
  HF_TRY(Instance* const instance, scene.start({.settings = {{"HOLDFAST_ALERTS_WEBHOOK", address},
                                                             {"HOLDFAST_ALERTS_DRILL_SPEED", "120"}}}));
  HF_TRY_VOID(instance->post(std::string{kRecoveryRoutes} + "/circuit-breakers/speech/open"));
  scene.broke("speech is kept out of work (its breaker is opened; the times of alerts are 120 times as short)");
  HF_TRY(const std::string id, instance->send({.content = scene.recording().sentence()}));
  HF_TRY_VOID(until_alert(*instance, "HoldfastBreakerOpen", true));
  HF_TRY_VOID(Scene::until("the webhook is told", [&]() -> Result<bool> { return receiver.answered() > 0; }));
  scene.saw("operator: the alert HoldfastBreakerOpen fires, and the webhook is told without a Prometheus");
  const unsigned told = receiver.answered();
  HF_TRY_VOID(instance->post(std::string{kRecoveryRoutes} + "/circuit-breakers/speech/close"));
  scene.mended("operator: lets it in again");
  HF_TRY_VOID(Scene::until_completed(*instance, id));
  HF_TRY_VOID(until_alert(*instance, "HoldfastBreakerOpen", false));
  HF_TRY_VOID(Scene::until("the webhook is told that it is over",
                           [&]() -> Result<bool> { return receiver.answered() > told; }));
  scene.recovered();
  scene.saw("operator: the alert is over, and the webhook is told that as well; user: transcribed");
  return scene.nothing_lost();
}

}  // namespace holdfast::drill
