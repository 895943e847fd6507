#include "app/cli/operator_table.hpp"

#include "app/cli/handlers.hpp"
#include "app/cli/shared_flags.hpp"

namespace holdfast::cli {
namespace {

const Operand kBackups{.name = "TARGET", .sentence = "A folder of backups, or one backup in it."};

std::vector<Command> backup_commands() {
  return {{.words = "backup create",
           .sentence = "Back the data folder up while the server works: the store at one moment, and its files.",
           .more = "Not in it: configuration, recipes, models, keys and the shared cache.",
           .operands = {{.name = "TARGET", .sentence = "A folder; each backup is a folder of its own in it."}},
           .flags = {{.name = "--incremental",
                      .sentence = "Give files that an earlier backup has a second name instead of a copy."},
                     kData, kConfig, kJson},
           .examples = {{"holdfast backup create /mnt/backups --incremental", "every night"}},
           .exits = {Exit::no_data, Exit::damage, Exit::configuration},
           .handler = handle_backup_create},
          {.words = "backup verify",
           .sentence = "Read every file of every backup there, and name what is not as it was written.",
           .operands = {kBackups},
           .flags = {kJson},
           .examples = {{"holdfast backup verify /mnt/backups --json", ""}},
           .exits = {Exit::no_data, Exit::damage},
           .handler = handle_backup_verify},
          {.words = "restore",
           .sentence = "Make a new data folder of a backup, the newest where there are several, and check all of it.",
           .operands = {kBackups},
           .flags = {{.name = "--into",
                      .type = Type::path,
                      .value = "DIR",
                      .sentence = "Where; nothing may be there yet."},
                     kConfig, kJson},
           .examples = {{"holdfast restore /mnt/backups --into /srv/holdfast-restored", "then serve it with --data"}},
           .exits = {Exit::no_data, Exit::damage, Exit::configuration},
           .handler = handle_restore}};
}

const Operand kQueue{
    .name = "NAME", .sentence = "The pool that its items wait for.", .choices = "media|engine|embedding"};

std::vector<Command> queue_commands() {
  Operand any_queue = kQueue;
  any_queue.required = false;
  return {{.words = "queue show",
           .sentence = "The queues; of one, every item that waits in it.",
           .operands = {any_queue},
           .flags = with_server({}),
           .examples = {{"holdfast queue show engine", ""}},
           .exits = server_exits(),
           .handler = handle_queue_show},
          {.words = "queue park",
           .sentence = "Begin nothing more of a queue until it is resumed, over restarts as well.",
           .operands = {kQueue},
           .flags = with_server({}),
           .examples = {{"holdfast queue park engine", "work under way goes on, and uploads are taken"}},
           .exits = server_exits(),
           .handler = handle_queue_park},
          {.words = "queue resume",
           .sentence = "Begin work of a parked queue again.",
           .operands = {kQueue},
           .flags = with_server({}),
           .examples = {{"holdfast queue resume engine", ""}},
           .exits = server_exits(),
           .handler = handle_queue_resume},
          {.words = "queue clear",
           .sentence = "Cancel everything that waits in a queue, after writing down what that is.",
           .more = "Files are kept as long as those of cancelled items are. Asks on a terminal.",
           .operands = {kQueue},
           .flags = with_server({{.name = "--backup",
                                  .type = Type::path,
                                  .value = "FILE",
                                  .sentence = "A new file for the list; else holdfast-queue-NAME-TIME.json here."},
                                 {.name = "--no-backup", .sentence = "Write no list."},
                                 {.name = "--yes", .sentence = "Do not ask."}}),
           .examples = {{"holdfast queue clear engine --yes --backup cleared.json", "for scripts"}},
           .exits = server_exits(),
           .handler = handle_queue_clear},
          {.words = "queue restore",
           .sentence = "Let the items go on that a clearing cancelled.",
           .operands = {{.name = "FILE", .sentence = "The list that `queue clear` wrote."}},
           .flags = with_server({}),
           .examples = {{"holdfast queue restore cleared.json", ""}},
           .exits = server_exits(),
           .handler = handle_queue_restore}};
}

std::vector<Command> process_commands() {
  return {{.words = "workers list",
           .sentence = "The worker processes: kind, number, what they do.",
           .flags = with_server({}),
           .examples = {{"holdfast workers list --json", ""}},
           .exits = server_exits(),
           .handler = handle_workers_list},
          {.words = "workers restart",
           .sentence = "End worker processes at once; new ones are started for the next work.",
           .more = "Work under way is tried again; that costs it one attempt.",
           .operands = {{.name = "KIND", .sentence = "media, speech, language, embedding, or a process's number."}},
           .flags = with_server({}),
           .examples = {{"holdfast workers restart speech", "it hangs"}},
           .exits = server_exits(),
           .handler = handle_workers_restart},
          {.words = "cache clear",
           .sentence = "Answer nothing more that was cached until now.",
           .flags = with_server({}),
           .examples = {{"holdfast cache clear", "after a change of a model or of a prompt"}},
           .exits = server_exits(),
           .handler = handle_cache_clear},
          {.words = "models rebuild",
           .sentence = "Check every model file, set damaged ones aside, and fetch or make what is missing.",
           .flags = {kConfig, kJson},
           .examples = {{"holdfast models rebuild", ""}},
           .exits = {Exit::damage, Exit::configuration},
           .handler = handle_models_rebuild}};
}

}  // namespace

std::vector<Command> operator_commands() {
  std::vector<Command> all = queue_commands();
  for (auto& group : {process_commands(), backup_commands()}) all.insert(all.end(), group.begin(), group.end());
  return all;
}

}  // namespace holdfast::cli
