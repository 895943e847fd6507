#pragma once

namespace holdfast::cli {
struct Session;
class Arguments;
}  // namespace holdfast::cli

/// The commands `holdfast drill ...`. Each returns the exit code.
namespace holdfast::drill {

int list_command(cli::Session& session, const cli::Arguments& arguments);
int run_command(cli::Session& session, const cli::Arguments& arguments);
int acceptance_command(cli::Session& session, const cli::Arguments& arguments);

}  // namespace holdfast::drill
