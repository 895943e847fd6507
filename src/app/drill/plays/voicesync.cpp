#include <fstream>

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

/// A folder of models that is this drill's own: the files are linked but for the one that will be damaged.
Result<fs::path> copy_models(const Scene& scene, const std::string& own) {
  const fs::path folder = scene.props().folder / "models";
  std::error_code problem;
  fs::create_directories(folder, problem);
  for (const auto& entry : fs::directory_iterator{scene.props().models, problem}) {
    const fs::path target = folder / entry.path().filename();
    if (entry.path().filename() == own) {
      fs::copy_file(entry.path(), target, problem);
    } else {
      fs::create_symlink(entry.path(), target, problem);
    }
  }
  if (problem || !fs::exists(folder / own)) return not_here("the models cannot be copied: " + own);
  return folder;
}

/// Turns one bit in the middle.
void damage(const fs::path& file) {
  std::fstream stream{file, std::ios::in | std::ios::out | std::ios::binary};
  const auto middle = static_cast<std::streamoff>(fs::file_size(file) / 2);
  stream.seekg(middle);
  const char byte = static_cast<char>(stream.get());
  stream.seekp(middle);
  stream.put(static_cast<char>(byte ^ 1));
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
  std::string impossible;
  HF_TRY_VOID(Scene::until("the model is fetched, or it is said why not", [&]() -> Result<bool> {
    HF_TRY(const json::object health, instance->get("/health"));
    for (const json::value& note : cli::array_at(health, "notes")) {
      const std::string_view told{note.get_string()};
      if (told.find("cannot be made ready") != std::string_view::npos) impossible = told;
    }
    HF_TRY(const json::object item, instance->item(id));
    return !impossible.empty() || status_of(item) == "completed";
  }));
  if (!fs::exists(models / (name + ".damaged"))) return unkept("the damaged model was not set aside");
  scene.saw("operator: the bad file was found by its hash and set aside");
  if (impossible.empty()) {
    scene.saw("operator: the model was fetched again and checked, without a person");
  } else {
    scene.saw("operator: health says " + impossible);
    fs::create_symlink(scene.props().models / name, models / name);
    scene.mended("operator: puts a good file there");
  }
  HF_TRY_VOID(Scene::until_completed(*instance, id));
  scene.recovered();
  scene.saw("user: transcribed");
  return scene.nothing_lost();
}

}  // namespace holdfast::drill
