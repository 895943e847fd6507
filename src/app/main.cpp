#include <sqlite3.h>

#include "app/backup/command.hpp"
#include "app/cli/run.hpp"
#include "app/drill/command.hpp"
#include "app/try_media.hpp"
#include "web/openapi.hpp"

int main(int argc, char** argv) {
  holdfast::cli::Hooks hooks{.serve = &holdfast::run_serve,
                             .verify = &holdfast::run_verify,
                             .user = &holdfast::run_user,
                             .try_media = &holdfast::try_media,
                             .backup_create = &holdfast::backup::create_command,
                             .backup_verify = &holdfast::backup::verify_command,
                             .restore = &holdfast::backup::restore_command,
                             .drill_list = &holdfast::drill::list_command,
                             .drill_run = &holdfast::drill::run_command,
                             .drill_acceptance = &holdfast::drill::acceptance_command,
                             .openapi_json = &holdfast::web::openapi_text,
                             .sqlite_version = [] { return std::string{sqlite3_libversion()}; }};
  return holdfast::cli::run_program(argc, argv, std::move(hooks));
}
