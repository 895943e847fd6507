#include <algorithm>
#include <ostream>

#include "app/cli/command.hpp"
#include "app/cli/doctor/check.hpp"
#include "app/cli/handlers.hpp"
#include "app/cli/json_read.hpp"
#include "app/cli/session.hpp"

namespace holdfast::cli {

namespace doctor {

std::string_view to_word(State state) {
  switch (state) {
    case State::ok:
      return "ok";
    case State::warn:
      return "warn";
    case State::bad:
      return "bad";
  }
  return "";
}

Check check_configuration(const config::Loaded& loaded) {
  Check check{.name = "configuration", .text = loaded.files.empty() ? "no file, defaults" : "read"};
  for (const auto& file : loaded.files) check.text += " " + file;
  if (loaded.warnings.empty()) return check;
  check.state = State::warn;
  check.text += "; " + loaded.warnings.front();
  check.what_to_do = "Correct or remove the variable.";
  return check;
}

}  // namespace doctor

namespace {

namespace json = boost::json;
using doctor::Check;
using doctor::State;

std::vector<Check> all_checks(const Session& session, const config::Loaded& loaded) {
  const Settings& settings = loaded.settings;
  std::vector<Check> checks{
      doctor::check_configuration(loaded),
      doctor::check_data_folder(settings),
      doctor::check_space(settings),
      doctor::check_clock(settings),
      doctor::check_port(settings),
      doctor::check_ffmpeg(settings, session.hooks.try_media),
      doctor::check_confinement(settings, session.program_folder),
      doctor::check_sqlite(session.hooks.sqlite_version ? session.hooks.sqlite_version() : "")};
  for (auto& check : doctor::check_models(settings)) checks.push_back(std::move(check));
  return checks;
}

std::string checks_json(const std::vector<Check>& checks, bool well) {
  json::array list;
  for (const auto& check : checks) {
    list.push_back(json::object{{"name", check.name},
                                {"state", to_word(check.state)},
                                {"text", check.text},
                                {"what_to_do", check.what_to_do}});
  }
  return json::serialize(json::object{{"ok", well}, {"checks", std::move(list)}});
}

std::string checks_text(const std::vector<Check>& checks) {
  std::string text;
  for (const auto& check : checks) {
    std::string word{to_word(check.state)};
    word.resize(6, ' ');
    text += word + check.name + ": " + check.text + "\n";
    if (check.state != State::ok && !check.what_to_do.empty()) text += "      " + check.what_to_do + "\n";
  }
  return text;
}

}  // namespace

int handle_doctor(Session& session, const Arguments& arguments) {
  const auto loaded = load_configuration(session, arguments);
  if (!loaded) return fail_with(session, arguments, loaded.error());
  const auto checks = all_checks(session, *loaded);
  const bool well =
      std::ranges::none_of(checks, [](const Check& check) { return check.state == State::bad; });
  session.out << (arguments.has("--json") ? checks_json(checks, well) + "\n" : checks_text(checks));
  return to_int(well ? Exit::done : Exit::damage);
}

}  // namespace holdfast::cli
