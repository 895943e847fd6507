#include "app/drill/plays/model_files.hpp"

#include <fstream>

namespace holdfast::drill {

namespace json = boost::json;
namespace fs = std::filesystem;

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

void damage(const fs::path& file) {
  std::fstream stream{file, std::ios::in | std::ios::out | std::ios::binary};
  const auto middle = static_cast<std::streamoff>(fs::file_size(file) / 2);
  stream.seekg(middle);
  const char byte = static_cast<char>(stream.get());
  stream.seekp(middle);
  stream.put(static_cast<char>(byte ^ 1));
}

Result<void> until_fetched(Scene& scene, const Instance& instance, const fs::path& models, const std::string& name,
                           const Scene::Look& well) {
  std::string impossible;
  HF_TRY_VOID(Scene::until("the model is fetched, or it is said why not", [&]() -> Result<bool> {
    HF_TRY(const json::object health, instance.get("/health"));
    for (const json::value& note : cli::array_at(health, "notes")) {
      const std::string_view told{note.get_string()};
      if (told.find("cannot be made ready") != std::string_view::npos) impossible = told;
    }
    HF_TRY(const bool fetched, well());
    return !impossible.empty() || fetched;
  }));
  if (!fs::exists(models / (name + ".damaged"))) return unkept("the damaged model was not set aside");
  scene.saw("operator: the bad file was found by its hash and set aside");
  if (impossible.empty()) {
    scene.saw("operator: the model was fetched again and checked, without a person");
    return {};
  }
  scene.saw("operator: health says " + impossible);
  fs::create_symlink(scene.props().models / name, models / name);
  scene.mended("operator: puts a good file there");
  return {};
}

}  // namespace holdfast::drill
