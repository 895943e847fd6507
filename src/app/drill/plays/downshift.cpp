#include "app/drill/plays/model_files.hpp"
#include "app/drill/plays/plays.hpp"

/// FG: models are away, and there is an answer all the same.
namespace holdfast::drill {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

constexpr std::string_view kLanguageModel = "SmolLM2-135M-Instruct.Q4_1.gguf";

Upload request(const std::string& text) { return {.content = text, .name = "request", .recipe = "fragrance"}; }

}  // namespace

Result<void> play_no_model_answers(Scene& scene) {
  const std::string name{kLanguageModel};
  HF_TRY(const fs::path models, copy_models(scene, name));
  damage(models / name);
  scene.broke("one bit of the language model's file is turned, so that no model of a recipe answers");
  HF_TRY(Instance* const instance, scene.start({.settings = {{"HOLDFAST_MODELS_DIR", models.string()},
                                                             {"HOLDFAST_ENGINE_MODE_DWELL", "1 s"}}}));
  HF_TRY(const std::string first, instance->send(request("A fresh scent of mint for the summer")));
  HF_TRY(const json::object answered, Scene::until_completed(*instance, first));
  const std::string mode = cli::text_at(answered, "mode");
  const auto& told = cli::object_at(answered, "downshift");
  if (cli::object_at(cli::object_at(answered, "result"), "brief").empty() || told.empty())
    return unkept("the answer has no brief, or does not say that it is a lesser one");
  scene.saw("user: has an answer in mode \"" + mode + "\", which says: " + cli::text_at(told, "reason"));
  const auto standing = [&]() -> Result<bool> {
    HF_TRY(const std::string stands, standing_of(*instance, "fragrance"));
    return stands == "creative";
  };
  HF_TRY_VOID(Scene::until("everybody is told that it is an emergency", [&]() -> Result<bool> {
    HF_TRY(const std::string stands, standing_of(*instance, "fragrance"));
    return stands == "emergency";
  }));
  scene.saw("operator: the recipe is said to stand in mode \"emergency\"");
  HF_TRY_VOID(until_fetched(scene, *instance, models, name, standing));
  HF_TRY_VOID(Scene::until("the recipe is in its fullest mode again", standing));
  scene.recovered();
  HF_TRY(const std::string second, instance->send(request("A woody scent of cedar for the winter")));
  HF_TRY(const json::object full, Scene::until_completed(*instance, second));
  const std::string next = cli::text_at(full, "mode");
  scene.saw("user: the next answer is in mode \"" + next + "\"; nobody had to do anything for that");
  return scene.nothing_lost();
}

}  // namespace holdfast::drill
