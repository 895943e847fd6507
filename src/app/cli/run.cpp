#include "app/cli/run.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <iostream>

#include "app/cli/command.hpp"
#include "app/cli/help.hpp"
#include "app/cli/parse.hpp"

namespace holdfast::cli {

namespace {

unsigned terminal_columns() {
  winsize size{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

std::string own_folder() {
  std::error_code problem;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", problem);
  return problem ? "" : path.parent_path().string();
}

/// A usage error is JSON as well when the words ask for JSON, though they could not be understood.
Arguments asked_json(const std::vector<std::string>& words) {
  Arguments arguments;
  if (std::ranges::find(words, "--json") != words.end()) arguments.set("--json", "true");
  return arguments;
}

}  // namespace

int run(Session& session, const std::vector<std::string>& words) {
  const auto invocation = parse(words);
  if (!invocation) return fail_with(session, asked_json(words), invocation.error());
  if (invocation->help) {
    session.out << (invocation->command == nullptr ? program_help() : command_help(*invocation->command))
                << std::flush;
    return to_int(Exit::done);
  }
  const int code = invocation->command->handler(session, invocation->arguments);
  session.out.flush();
  if (!session.out && code == 0) {
    session.err << "holdfast: the output could not be written\n";
    return to_int(Exit::failed);
  }
  return code;
}

int run_program(int count, char** words, Hooks hooks) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that went away is an error of the write, not a death
  Session session{
      .out = std::cout, .err = std::cerr, .environment = system_environment(), .hooks = std::move(hooks)};
  session.out_terminal = isatty(STDOUT_FILENO) == 1;
  session.err_terminal = isatty(STDERR_FILENO) == 1;
  session.columns = terminal_columns();
  session.program_folder = own_folder();
  return run(session, {words + std::min(count, 1), words + count});
}

}  // namespace holdfast::cli
