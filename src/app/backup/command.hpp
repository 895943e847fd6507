#pragma once

namespace holdfast::cli {
struct Session;
class Arguments;
}  // namespace holdfast::cli

/// The commands `holdfast backup ...` and `holdfast restore`. Each returns the exit code.
namespace holdfast::backup {

int create_command(cli::Session& session, const cli::Arguments& arguments);
int verify_command(cli::Session& session, const cli::Arguments& arguments);
/// Also holds every promise against the new folder, as `holdfast verify` does.
int restore_command(cli::Session& session, const cli::Arguments& arguments);

}  // namespace holdfast::backup
