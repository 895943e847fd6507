#include "app/models/models.hpp"

#include <filesystem>
#include <set>

#include "app/cli/doctor/check.hpp"
#include "app/cli/render.hpp"

namespace holdfast::cli::doctor {

namespace {

Check check_model(const Settings& settings, const std::string& id) {
  Check check{.name = "model " + id};
  const auto model = models::find_model(settings, id);
  if (!model) {
    check.state = State::bad;
    check.text = model.error().what();
    check.what_to_do = "`holdfast models list` names those there are.";
    return check;
  }
  const auto state = models::check(*model);
  if (state && *state == models::State::present) {
    check.text = model->path + ", " + human_size(model->bytes) + ", SHA-256 right";
    return check;
  }
  check.state = State::bad;
  check.text = state ? model->path + " is " + std::string{to_word(*state)} : state.error().what();
  std::error_code none;
  const bool aside = state && *state == models::State::missing && std::filesystem::exists(aside_of(*model), none);
  if (aside) check.text += "; a damaged one was set aside as " + aside_of(*model);
  check.what_to_do = "Run `holdfast models pull " + id + "`. Uploads are saved and wait until then.";
  return check;
}

/// Each model once, speech first. An endpoint stands in for the language models.
std::vector<std::string> needed(const Settings& settings) {
  std::vector<std::string> ids{settings.speech.model};
  if (const auto vad = models::find_role(settings, "vad")) ids.push_back(vad->id);
  if (!settings.language.url.empty()) return ids;
  std::set<std::string> seen;
  for (const auto& role : {settings.roles.mistral, settings.roles.llama}) {
    const std::string& id = role.empty() ? settings.language.model : role;
    if (seen.insert(id).second) ids.push_back(id);
  }
  return ids;
}

}  // namespace

std::vector<Check> check_models(const Settings& settings) {
  std::vector<Check> checks;
  for (const auto& id : needed(settings)) checks.push_back(check_model(settings, id));
  return checks;
}

}  // namespace holdfast::cli::doctor
