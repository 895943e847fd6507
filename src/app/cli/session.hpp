#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "app/cli/client.hpp"
#include "app/cli/problem.hpp"
#include "app/config/load.hpp"
#include "app/serve.hpp"
#include "app/user_order.hpp"

namespace holdfast {
struct Violation;  // app/verify.hpp
}

namespace holdfast::cli {

struct Session;
class Arguments;

/// What the commands need of the rest of the program. Empty ones make their command say that it is not built
/// in.
struct Hooks {
  std::function<int(const Settings&, const ServeOptions&)> serve{};
  std::function<Result<std::vector<Violation>>(const Settings&)> verify{};
  std::function<Result<std::vector<User>>(const Settings&, const UserOrder&)> user{};
  std::function<Result<void>(const Settings&)> try_media{};
  std::function<int(Session&, const Arguments&)> backup_create{};
  std::function<int(Session&, const Arguments&)> backup_verify{};
  std::function<int(Session&, const Arguments&)> restore{};
  std::function<int(Session&, const Arguments&)> drill_list{};
  std::function<int(Session&, const Arguments&)> drill_run{};
  std::function<int(Session&, const Arguments&)> drill_acceptance{};
  std::function<std::string()> openapi_json{};
  std::function<std::string()> sqlite_version{};
};

/// How the program meets its surroundings. Results go to `out`, everything else to `err`.
struct Session {
  std::ostream& out;
  std::ostream& err;
  Environment environment{};
  Hooks hooks{};
  bool out_terminal = false;
  bool err_terminal = false;
  unsigned columns = 80;
  std::string program_folder{};     ///< where this program and its helpers lie
  int input = 0;                    ///< descriptor of standard input
  Timeouts timeouts{};              ///< of exchanges with the server
  milliseconds backoff_first{250};  ///< between tries to send; doubles each time
};

/// Ends a command with a problem: JSON on `out` when --json was given, lines on `err` otherwise. Returns the
/// exit code.
int fail_with(Session& session, const Arguments& arguments, const Problem& problem);
int fail_with(Session& session, const Arguments& arguments, const Error& error);

/// An answer of the server as it came, ended by a new line. Returns the exit code.
int print_body(Session& session, const std::string& body);

/// The configuration that --config, --data, --listen, environment and files give. Warnings go to `err`.
Result<config::Loaded> load_configuration(Session& session, const Arguments& arguments);

}  // namespace holdfast::cli
