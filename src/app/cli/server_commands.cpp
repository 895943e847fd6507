#include <sys/wait.h>

#include <boost/json.hpp>
#include <filesystem>
#include <ostream>

#include "adapters/process/launch.hpp"
#include "app/cli/command.hpp"
#include "app/cli/handlers.hpp"
#include "app/cli/session.hpp"
#include "app/config/environment.hpp"
#include "app/config/listen.hpp"
#include "app/verify.hpp"

/// The commands whose work is done by other parts of the program.
namespace holdfast::cli {

namespace {

namespace json = boost::json;

/// Starts the desktop's opener, in a session of its own: `setsid --fork` leaves at once, so no child of ours
/// remains.
void open_browser(const std::string& url) {
  process::Launch opener{.words = {"setsid", "--fork", "xdg-open", url}, .variables = {}, .look_in_path = true};
  for (const auto& [name, value] : system_environment()) {
    if (!name.starts_with("HOLDFAST_")) opener.variables.push_back(name + "=" + value);  // secrets of ours are there
  }
  pid_t child = 0;
  if (process::launch(std::move(opener), &child) == 0) waitpid(child, nullptr, 0);
}

Problem not_built_in(const std::string& command) {
  return to_problem(
      Error{ErrorClass::not_found, "HF-CFG-02", "this program was built without `" + command + "`"});
}

json::object violation_object(const Violation& violation) {
  return {{"invariant", violation.invariant}, {"subject", violation.subject}, {"what", violation.what}};
}

int report(Session& session, const Arguments& arguments, const std::vector<Violation>& violations) {
  if (arguments.has("--json")) {
    json::array list;
    for (const auto& violation : violations) list.push_back(violation_object(violation));
    session.out << json::serialize(json::object{{"ok", violations.empty()}, {"violations", std::move(list)}})
                << "\n";
  } else {
    for (const auto& violation : violations) {
      session.out << violation.invariant << "\t" << violation.subject << "\t" << violation.what << "\n";
    }
    if (violations.empty()) session.out << "Every promise holds.\n";
  }
  return to_int(violations.empty() ? Exit::done : Exit::damage);
}

}  // namespace

int handle_serve(Session& session, const Arguments& arguments) {
  const auto loaded = load_configuration(session, arguments);
  if (!loaded) return fail_with(session, arguments, loaded.error());
  ServeOptions options{.single_user = arguments.has("--single-user"), .json = arguments.has("--json")};
  const std::string& listen = loaded->settings.server.listen;
  const auto address = config::parse_listen(listen);
  if (options.single_user && !(address && config::is_loopback(*address))) {
    const std::string why = "--single-user has no login, so it serves only a loopback address, not " + listen;
    return fail_with(session, arguments, usage_problem(why));
  }
  if (arguments.has("--open")) options.on_ready = open_browser;
  if (!session.hooks.serve) return fail_with(session, arguments, not_built_in("serve"));
  return session.hooks.serve(loaded->settings, options);
}

namespace {

/// A command whose whole work is done by another part of the program.
int hand_over(Session& session, const Arguments& arguments, const std::string& command,
              const std::function<int(Session&, const Arguments&)>& hook) {
  return hook ? hook(session, arguments) : fail_with(session, arguments, not_built_in(command));
}

}  // namespace

int handle_backup_create(Session& session, const Arguments& arguments) {
  return hand_over(session, arguments, "backup create", session.hooks.backup_create);
}

int handle_backup_verify(Session& session, const Arguments& arguments) {
  return hand_over(session, arguments, "backup verify", session.hooks.backup_verify);
}

int handle_restore(Session& session, const Arguments& arguments) {
  return hand_over(session, arguments, "restore", session.hooks.restore);
}

int handle_drill_list(Session& session, const Arguments& arguments) {
  return hand_over(session, arguments, "drill list", session.hooks.drill_list);
}

int handle_drill_run(Session& session, const Arguments& arguments) {
  return hand_over(session, arguments, "drill run", session.hooks.drill_run);
}

int handle_drill_acceptance(Session& session, const Arguments& arguments) {
  return hand_over(session, arguments, "drill acceptance", session.hooks.drill_acceptance);
}

int handle_verify(Session& session, const Arguments& arguments) {
  const auto loaded = load_configuration(session, arguments);
  if (!loaded) return fail_with(session, arguments, loaded.error());
  std::error_code problem;
  const std::string& data = loaded->settings.storage.data;
  if (!std::filesystem::is_directory(data, problem)) {
    auto missing =
        to_problem(Error{ErrorClass::not_found, "HF-CFG-02", "there is no data folder at " + data});
    missing.exit = Exit::no_data;
    return fail_with(session, arguments, missing);
  }
  if (!session.hooks.verify) return fail_with(session, arguments, not_built_in("verify"));
  const auto violations = session.hooks.verify(loaded->settings);
  if (!violations) {
    auto problem_of_it = to_problem(violations.error());
    if (violations.error().error_class() == ErrorClass::not_found) problem_of_it.exit = Exit::no_data;
    return fail_with(session, arguments, problem_of_it);
  }
  return report(session, arguments, *violations);
}

}  // namespace holdfast::cli
