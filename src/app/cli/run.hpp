#pragma once

#include <string>
#include <vector>

#include "app/cli/session.hpp"
#include "app/serve.hpp"
#include "app/verify.hpp"

namespace holdfast::cli {

/// Runs one command: the words after the program's name. Returns the exit code (exit_code.hpp).
int run(Session& session, const std::vector<std::string>& words);

/// The whole of main: takes the process's streams, environment and terminal.
int run_program(int count, char** words, Hooks hooks);

}  // namespace holdfast::cli
