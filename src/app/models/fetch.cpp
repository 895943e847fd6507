#include "app/models/fetch.hpp"

#include <unistd.h>

#include <filesystem>
#include <set>

#include "app/models/models.hpp"

namespace holdfast::models {
namespace {

std::unexpected<Error> impossible(std::string why) {
  return fail(ErrorClass::not_found, "HF-CFG-02", std::move(why));
}

}  // namespace

Result<FetchPlan> plan_fetch(const Settings& settings, const std::string& program_folder) {
  const std::string script = program_folder + "/../../scripts/setup/models.sh";
  if (access(script.c_str(), R_OK) != 0) {
    return impossible("models are made by scripts/setup/models.sh of the source tree, which is not here (" + script +
                      "); run it there, or copy the files into " + settings.models.dir);
  }
  auto folder = std::filesystem::path{settings.models.dir}.lexically_normal();
  if (folder.filename().empty()) folder = folder.parent_path();  // written with a slash at the end
  if (folder.filename() != "models") {
    return impossible("models.dir is " + folder.string() +
                      ", but only a folder named `models` can be filled; copy the files there");
  }
  return FetchPlan{.words = {"bash", script}, .cache = folder.parent_path().string()};
}

std::vector<std::string> needed_ids(const Settings& settings) {
  std::vector<std::string> ids{settings.speech.model};
  if (const auto vad = find_role(settings, "vad")) ids.push_back(vad->id);
  if (!settings.language.url.empty()) return ids;
  std::set<std::string> seen;
  for (const auto& role : {settings.roles.mistral, settings.roles.llama}) {
    const std::string& id = role.empty() ? settings.language.model : role;
    if (seen.insert(id).second) ids.push_back(id);
  }
  return ids;
}

}  // namespace holdfast::models
