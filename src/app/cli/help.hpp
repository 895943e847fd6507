#pragma once

#include <string>

#include "app/cli/command.hpp"

/// Texts made from the table of commands.
namespace holdfast::cli {

/// `holdfast help`: all commands, two examples.
[[nodiscard]] std::string program_help();
/// `holdfast COMMAND --help`: examples first.
[[nodiscard]] std::string command_help(const Command& command);
/// "holdfast submit FILE [--recipe NAME] ...": how a command is written.
[[nodiscard]] std::string usage_line(const Command& command);
/// "-o, --output FILE"
[[nodiscard]] std::string flag_form(const Flag& flag);
/// The flag's sentence with its choices and default.
[[nodiscard]] std::string flag_sentence(const Flag& flag);
/// Script for `complete` of bash.
[[nodiscard]] std::string bash_completion();

}  // namespace holdfast::cli
