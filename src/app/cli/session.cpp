#include "app/cli/session.hpp"

#include <ostream>

#include "app/cli/command.hpp"

namespace holdfast::cli {

int fail_with(Session& session, const Arguments& arguments, const Problem& problem) {
  if (arguments.has("--json")) {
    session.out << problem_json(problem) << std::endl;
  } else {
    session.err << problem_text(problem) << std::flush;
  }
  return to_int(problem.exit);
}

int fail_with(Session& session, const Arguments& arguments, const Error& error) {
  return fail_with(session, arguments, to_problem(error));
}

int print_body(Session& session, const std::string& body) {
  session.out << body;
  if (!body.ends_with('\n')) session.out << "\n";
  return to_int(Exit::done);
}

Result<config::Loaded> load_configuration(Session& session, const Arguments& arguments) {
  config::Sources sources{.environment = session.environment, .file = arguments.text("--config")};
  if (arguments.has("--data")) sources.flags["storage.data"] = {"--data", arguments.text("--data")};
  if (arguments.has("--listen")) sources.flags["server.listen"] = {"--listen", arguments.text("--listen")};
  auto loaded = config::load(sources);
  if (loaded) {
    for (const auto& warning : loaded->warnings) session.err << "holdfast: warning: " << warning << "\n";
  }
  return loaded;
}

}  // namespace holdfast::cli
