#pragma once

#include <vector>

#include "app/cli/command.hpp"

namespace holdfast::cli {

/// The procedures of an operator (FG_15), as rows of the table of commands.
std::vector<Command> operator_commands();

}  // namespace holdfast::cli
