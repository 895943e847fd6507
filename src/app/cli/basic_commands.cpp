#include <boost/json.hpp>
#include <ostream>

#include "app/cli/command.hpp"
#include "app/cli/handlers.hpp"
#include "app/cli/help.hpp"
#include "app/cli/session.hpp"
#include "app/config/show.hpp"
#include "core/catalogue/catalogue.hpp"

namespace holdfast::cli {

namespace {

namespace json = boost::json;

int explain_code(Session& session, const Arguments& arguments, const catalogue::Entry& entry) {
  if (arguments.has("--json")) {
    const json::object object{{"code", entry.code},       {"title", entry.title},
                              {"message", entry.message}, {"what_to_do", entry.what_to_do},
                              {"status", entry.status},   {"retryable", entry.retryable}};
    session.out << json::serialize(object) << "\n";
    return to_int(Exit::done);
  }
  session.out << entry.code << "  " << entry.title << "\n\n  " << entry.message << "\n\nWhat to do\n  "
              << entry.what_to_do << "\n";
  return to_int(Exit::done);
}

}  // namespace

int handle_version(Session& session, const Arguments& arguments) {
  const std::string sqlite = session.hooks.sqlite_version ? session.hooks.sqlite_version() : "";
  if (arguments.has("--json")) {
    session.out << json::serialize(json::object{{"version", HF_VERSION}, {"sqlite", sqlite}}) << "\n";
  } else {
    session.out << "holdfast " << HF_VERSION << "\n";
  }
  return to_int(Exit::done);
}

int handle_help(Session& session, const Arguments& arguments) {
  const std::string first = arguments.text("WORD");
  if (first.empty()) {
    session.out << program_help();
    return to_int(Exit::done);
  }
  const std::string words = arguments.has("WORD2") ? first + " " + arguments.text("WORD2") : first;
  if (const Command* const command = find_command(words); command != nullptr) {
    session.out << command_help(*command);
    return to_int(Exit::done);
  }
  if (const auto* const entry = catalogue::find(first); entry != nullptr)
    return explain_code(session, arguments, *entry);
  return fail_with(session, arguments,
                   usage_problem("there is neither a command nor an error code \"" + words + "\""));
}

int handle_completion(Session& session, const Arguments& arguments) {
  const std::string script = bash_completion();
  if (arguments.has("--json")) {
    session.out << json::serialize(json::object{{"shell", arguments.text("SHELL")}, {"script", script}}) << "\n";
  } else {
    session.out << script;
  }
  return to_int(Exit::done);
}

int handle_config_show(Session& session, const Arguments& arguments) {
  const auto loaded = load_configuration(session, arguments);
  if (!loaded) return fail_with(session, arguments, loaded.error());
  if (arguments.has("--json")) {
    session.out << config::show_json(*loaded) << "\n";
  } else {
    session.out << config::show_text(*loaded, arguments.has("--origin"));
  }
  return to_int(Exit::done);
}

int handle_config_check(Session& session, const Arguments& arguments) {
  const auto loaded = load_configuration(session, arguments);
  if (!loaded) return fail_with(session, arguments, loaded.error());
  if (arguments.has("--json")) {
    const json::object object{{"ok", true},
                              {"files", json::value_from(loaded->files)},
                              {"warnings", json::value_from(loaded->warnings)}};
    session.out << json::serialize(object) << "\n";
    return to_int(Exit::done);
  }
  for (const auto& file : loaded->files) session.out << "read " << file << "\n";
  session.out << "The configuration is right.\n";
  return to_int(Exit::done);
}

int handle_config_schema(Session& session, const Arguments&) {
  session.out << config::schema_json() << "\n";
  return to_int(Exit::done);
}

}  // namespace holdfast::cli
