#include <fstream>

#include "app/drill/plays/model_files.hpp"
#include "app/drill/plays/plays.hpp"
#include "app/drill/scene.hpp"
#include "app/drill/unshared.hpp"

/// VS: private, local transcription.
namespace holdfast::drill {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

constexpr milliseconds kLong{120'000};  ///< of speech: long enough to be killed in the middle of

/// The first entry of a check of /health.
Result<json::object> check(const Instance& instance, std::string_view name) {
  HF_TRY(const json::object health, instance.get("/health"));
  const json::array& entries = cli::array_at(cli::object_at(health, "checks"), name);
  if (entries.empty() || !entries[0].is_object()) return json::object{};
  return entries[0].get_object();
}

Result<void> until_check(const Instance& instance, std::string_view name, std::string_view status) {
  return Scene::until("health says " + std::string{status} + " of " + std::string{name}, [&]() -> Result<bool> {
    HF_TRY(const json::object entry, check(instance, name));
    return cli::text_at(entry, "status") == status;
  });
}

}  // namespace

Result<void> play_network_cut(Scene& scene) {
  HF_TRY_VOID(leave_the_network());
  scene.broke("the network: only the loopback device is left (a network namespace)");
  HF_TRY(Instance* const instance, scene.start());
  HF_TRY(const cli::Response page, instance->ask("GET", "/"));
  if (page.status != 200 || page.body.find("http://") != std::string::npos)
    return unkept("the page does not load, or asks for something outside");
  scene.saw("user: the page loads and names nothing outside");
  HF_TRY(const std::string id, instance->send({.content = scene.recording().sentence()}));
  HF_TRY(const json::object item, Scene::until_completed(*instance, id));
  if (transcript_of(item).empty()) return unkept("the transcript is empty");
  scene.recovered();
  scene.saw("user: the upload is taken and transcribed");
  return scene.nothing_lost();
}

Result<void> play_server_killed(Scene& scene) {
  HF_TRY(Instance* const instance, scene.start());
  HF_TRY(const std::string id, instance->send({.content = scene.recording().speech(kLong)}));
  HF_TRY(const double heard, Scene::until_half_heard(*instance, id));
  instance->kill9();
  scene.broke("kill -9 of the server in the middle of a transcription; a supervisor starts it again");
  HF_TRY_VOID(instance->start());
  HF_TRY(const double kept, Scene::checkpoint(*instance, id, "stt"));
  if (kept < heard) return unkept("what was transcribed before is not there any more");
  HF_TRY(const json::object begun, Scene::until_item(*instance, id, "worked on again", [&](const json::object& item) {
           return (status_of(item) == "processing" && progress_of(item) > 0) || status_of(item) == "completed";
         }));
  scene.recovered();
  const double first = progress_of(begun);  // told first when it is worked on again
  HF_TRY(const json::object item, Scene::until_completed(*instance, id));
  const double length = cli::number_at(cli::object_at(item, "input"), "duration_s", 0);
  if (status_of(begun) != "completed" && first < kept / length)
    return unkept("work began at " + std::to_string(first) + " of the recording, before its checkpoint");
  scene.saw("user: " + std::to_string(static_cast<int>(kept)) + " s were stored, and work goes on from there");
  if (attempts_of(item, "stt") != 1) return unkept("the death of the server was charged to the item");
  scene.saw("user: transcribed; no retry was charged");
  return scene.nothing_lost();
}

Result<void> play_ffmpeg_missing(Scene& scene) {
  HF_TRY(const fs::path ffmpeg, find_program(scene.props().environment, "ffmpeg"));
  HF_TRY(const fs::path ffprobe, find_program(scene.props().environment, "ffprobe"));
  const fs::path folder = scene.props().folder / "programs";
  fs::create_directories(folder);
  HF_TRY(Instance* const instance,
         scene.start({.settings = {{"HOLDFAST_MEDIA_FFMPEG", (folder / "ffmpeg").string()},
                                   {"HOLDFAST_MEDIA_FFPROBE", (folder / "ffprobe").string()}}}));
  scene.broke("FFmpeg is not installed");
  HF_TRY_VOID(until_check(*instance, "ffmpeg", "warn"));
  HF_TRY(const json::object told, check(*instance, "ffmpeg"));
  if (cli::text_at(told, "code") != "HF-FFM-01") return unkept("health does not name the cause");
  scene.saw("operator: health says HF-FFM-01, FFmpeg missing");
  HF_TRY(const std::string id, instance->send({.content = scene.recording().sentence()}));
  HF_TRY_VOID(Scene::until_item(*instance, id, "it waits instead of failing", [](const json::object& item) {
    return cli::text_at(item, "held_for") == "HF-FFM-01";
  }));
  scene.saw("user: the upload is taken and waits for FFmpeg; it did not fail");
  fs::create_symlink(ffmpeg, folder / "ffmpeg");
  fs::create_symlink(ffprobe, folder / "ffprobe");
  scene.mended("operator: installs FFmpeg");
  HF_TRY(const json::object item, Scene::until_completed(*instance, id));
  scene.recovered();
  if (attempts_of(item, "convert") != 1) return unkept("waiting was charged as an attempt");
  HF_TRY_VOID(until_check(*instance, "ffmpeg", "pass"));
  scene.saw("user: transcribed without anybody asking for it; operator: health is well again");
  return scene.nothing_lost();
}

Result<void> play_model_damaged(Scene& scene) {
  const std::string name = "ggml-base-q8_0.bin";
  HF_TRY(const fs::path models, copy_models(scene, name));
  damage(models / name);
  scene.broke("one bit of the speech model's file is turned");
  HF_TRY(Instance* const instance, scene.start({.settings = {{"HOLDFAST_MODELS_DIR", models.string()}}}));
  HF_TRY(const std::string id, instance->send({.content = scene.recording().sentence()}));
  HF_TRY_VOID(Scene::until_item(*instance, id, "it waits for the model", [](const json::object& item) {
    return cli::text_at(item, "held_for") == "HF-ENG-02" || status_of(item) == "completed";
  }));
  scene.saw("user: the upload is taken and waits for the model; it did not fail");
  const auto well = [&]() -> Result<bool> {
    HF_TRY(const json::object item, instance->item(id));
    return status_of(item) == "completed";
  };
  HF_TRY_VOID(until_fetched(scene, *instance, models, name, well));
  HF_TRY_VOID(Scene::until_completed(*instance, id));
  scene.recovered();
  scene.saw("user: transcribed");
  return scene.nothing_lost();
}

}  // namespace holdfast::drill
