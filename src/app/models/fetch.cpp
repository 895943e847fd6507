#include "app/models/fetch.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "app/models/models.hpp"

namespace holdfast::models {
namespace {

std::unexpected<Error> impossible(std::string why) {
  return fail(ErrorClass::not_found, "HF-CFG-02", std::move(why));
}

/// Of programs and folders, words and time; of pip, and of who checks certificates.
constexpr std::array<std::string_view, 15> kNames{
    "PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC"};
constexpr std::array<std::string_view, 2> kBeginnings{"LC_", "PIP_"};
/// Programs read either spelling.
constexpr std::array<std::string_view, 2> kEndings{"_proxy", "_PROXY"};

bool is_passed_on(std::string_view name) {
  return std::ranges::find(kNames, name) != kNames.end() ||
         std::ranges::any_of(kBeginnings, [name](std::string_view part) { return name.starts_with(part); }) ||
         std::ranges::any_of(kEndings, [name](std::string_view part) { return name.ends_with(part); });
}

}  // namespace

Environment fetch_environment(const Environment& ours, const std::string& cache) {
  Environment passed;
  std::ranges::copy_if(ours, std::inserter(passed, passed.end()),
                       [](const auto& variable) { return is_passed_on(variable.first); });
  passed["HOLDFAST_CACHE"] = cache;
  return passed;
}

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
  const auto for_all = [](const Settings::Endpoint& endpoint) { return endpoint.roles.empty(); };
  if (settings.language.url.empty() && std::ranges::none_of(settings.endpoints, for_all)) {
    std::set<std::string> language{settings.language.model};
    for (const auto& [role, model] : settings.roles) {
      const auto answers = [&](const Settings::Endpoint& endpoint) {
        return std::ranges::find(endpoint.roles, role) != endpoint.roles.end();
      };
      if (std::ranges::none_of(settings.endpoints, answers)) language.insert(model);
    }
    ids.insert(ids.end(), language.begin(), language.end());
  }
  if (settings.embedding.url.empty()) ids.push_back(settings.embedding.model);
  return ids;
}

}  // namespace holdfast::models
