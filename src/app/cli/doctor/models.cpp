#include "app/models/fetch.hpp"
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
  if (settings.models.fetch) check.what_to_do += " A running server makes it ready by itself where it can.";
  return check;
}

/// Work goes on without it, as long as memory does not run short.
Check check_smaller(const Settings& settings, const std::string& id) {
  Check check = check_model(settings, id);
  if (check.state == State::ok) return check;
  check.state = State::warn;
  check.what_to_do = "Run `holdfast models pull " + id + "`. It stands in for the speech model when memory is short.";
  return check;
}

/// Uploads do not wait for it: what would compare meanings does without.
Check check_embedding(const Settings& settings) {
  Check check = check_model(settings, settings.embedding.model);
  if (check.state == State::ok) return check;
  check.state = State::warn;
  check.what_to_do = "Run `holdfast models pull " + settings.embedding.model +
                     "`. Until then nothing is found by what it means, and no similar earlier answer stands in.";
  return check;
}

}  // namespace

std::vector<Check> check_models(const Settings& settings) {
  std::vector<Check> checks;
  const bool embeds_here = settings.embedding.url.empty();
  for (const auto& id : models::needed_ids(settings)) {
    const bool embedding = embeds_here && id == settings.embedding.model;
    checks.push_back(embedding ? check_embedding(settings) : check_model(settings, id));
  }
  const auto speech = models::find_model(settings, settings.speech.model);
  const auto smaller = speech ? models::find_smaller(settings, *speech) : std::unexpected{speech.error()};
  if (!smaller) return checks;  // said above
  for (const auto& model : *smaller) checks.push_back(check_smaller(settings, model.id));
  return checks;
}

}  // namespace holdfast::cli::doctor
