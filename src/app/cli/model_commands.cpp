#include <algorithm>
#include <ostream>

#include "app/cli/command.hpp"
#include "app/cli/handlers.hpp"
#include "app/cli/interrupt.hpp"
#include "app/cli/json_read.hpp"
#include "app/cli/render.hpp"
#include "app/cli/session.hpp"
#include "app/cli/subprocess.hpp"
#include "app/models/fetch.hpp"
#include "app/models/models.hpp"

namespace holdfast::cli {

namespace {

namespace json = boost::json;
using models::ModelFile;

/// Making all models from their packages takes minutes; a stuck download must end some time.
constexpr milliseconds kPullTime{3'600'000};

struct Found {
  ModelFile model;
  models::State state = models::State::missing;
  std::string set_aside;  ///< where a damaged file went
};

std::string as_json(const std::vector<Found>& found, bool well) {
  json::array list;
  for (const auto& [model, state, aside] : found) {
    json::object entry{{"id", model.id},           {"role", model.role},     {"title", model.title},
                       {"licence", model.licence}, {"path", model.path},     {"bytes", model.bytes},
                       {"sha256", model.sha256},   {"state", to_word(state)}};
    if (!aside.empty()) entry["set_aside"] = aside;
    list.push_back(std::move(entry));
  }
  return json::serialize(json::object{{"ok", well}, {"models", std::move(list)}});
}

std::string as_text(const std::vector<Found>& found, bool terminal) {
  std::string text;
  for (const auto& [model, state, aside] : found) {
    std::string id = model.id;
    if (terminal) id.resize(std::max<std::size_t>(id.size(), 30), ' ');
    const char* const between = terminal ? "  " : "\t";
    text += id + between + std::string{to_word(state)} + between + human_size(model.bytes) + between +
            model.title + "\n";
    if (!aside.empty()) text += "  set aside as " + aside + "; `holdfast models pull` makes it again\n";
  }
  return text;
}

int print_models(Session& session, const Arguments& arguments, const std::vector<Found>& found, bool well) {
  session.out << (arguments.has("--json") ? as_json(found, well) + "\n"
                                          : as_text(found, session.out_terminal));
  return to_int(well ? Exit::done : Exit::damage);
}

Result<Found> hash_one(const ModelFile& model) {
  HF_TRY(const models::State state, models::check(model));
  Found found{.model = model, .state = state, .set_aside = {}};
  if (state == models::State::damaged) {
    HF_TRY(found.set_aside, models::set_aside(model));
  }
  return found;
}

Result<std::vector<Found>> hash_all(const std::vector<ModelFile>& list) {
  std::vector<Found> found;
  for (const auto& model : list) {
    HF_TRY(Found one, hash_one(model));
    found.push_back(std::move(one));
  }
  return found;
}

Result<void> run_setup(const Settings& settings, const std::string& program_folder) {
  HF_TRY(models::FetchPlan plan, models::plan_fetch(settings, program_folder));
  const Child child{.words = std::move(plan.words),
                    .environment = models::fetch_environment(system_environment(), plan.cache),
                    .time_max = kPullTime,
                    .visible = true};
  HF_TRY(const ChildEnd end, run_child(child));
  if (end.timed_out)
    return fail(ErrorClass::transient, "HF-CLI-03",
                "fetching the models took longer than an hour and was stopped");
  if (end.code != 0)
    return fail(ErrorClass::transient, "HF-CLI-03", "fetching the models failed; what is above says why");
  return {};
}

/// The one that was named, or all.
Result<std::vector<ModelFile>> chosen(const Settings& settings, const std::string& id) {
  if (id.empty()) return models::known_models(settings);
  HF_TRY(ModelFile model, models::find_model(settings, id));
  return std::vector{std::move(model)};
}

Result<std::vector<Found>> pull(const Settings& settings, const std::string& program_folder,
                                const std::string& id) {
  HF_TRY(const auto list, chosen(settings, id));
  HF_TRY_VOID(run_setup(settings, program_folder));
  return hash_all(list);
}

}  // namespace

int handle_models_list(Session& session, const Arguments& arguments) {
  const auto loaded = load_configuration(session, arguments);
  if (!loaded) return fail_with(session, arguments, loaded.error());
  const auto list = models::known_models(loaded->settings);
  if (!list) return fail_with(session, arguments, list.error());
  std::vector<Found> found;
  for (const auto& model : *list)
    found.push_back({.model = model, .state = models::look(model), .set_aside = {}});
  return print_models(session, arguments, found, true);
}

int handle_models_verify(Session& session, const Arguments& arguments) {
  const auto loaded = load_configuration(session, arguments);
  if (!loaded) return fail_with(session, arguments, loaded.error());
  const auto list = models::known_models(loaded->settings);
  if (!list) return fail_with(session, arguments, list.error());
  const auto found = hash_all(*list);
  if (!found) return fail_with(session, arguments, found.error());
  const bool well =
      std::ranges::none_of(*found, [](const Found& one) { return one.state == models::State::damaged; });
  return print_models(session, arguments, *found, well);
}

/// Whatever is damaged is set aside first: what is fetched then takes its place.
int handle_models_rebuild(Session& session, const Arguments& arguments) {
  const auto loaded = load_configuration(session, arguments);
  if (!loaded) return fail_with(session, arguments, loaded.error());
  const auto list = models::known_models(loaded->settings);
  if (!list) return fail_with(session, arguments, list.error());
  const auto before = hash_all(*list);
  if (!before) return fail_with(session, arguments, before.error());
  for (const Found& one : *before) {
    if (!one.set_aside.empty()) session.err << one.model.id << " is damaged; set aside as " << one.set_aside << "\n";
  }
  return handle_models_pull(session, arguments);
}

int handle_models_pull(Session& session, const Arguments& arguments) {
  const auto loaded = load_configuration(session, arguments);
  if (!loaded) return fail_with(session, arguments, loaded.error());
  interrupt::install();  // Ctrl-C ends the set-up as well
  const auto found = pull(loaded->settings, session.program_folder, arguments.text("ID"));
  if (!found) return fail_with(session, arguments, found.error());
  const bool well = std::ranges::all_of(*found, [](const Found& one) { return one.state == models::State::present; });
  return print_models(session, arguments, *found, well);
}

}  // namespace holdfast::cli
