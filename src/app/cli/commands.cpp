#include <algorithm>

#include "app/cli/command.hpp"
#include "app/cli/handlers.hpp"
#include "app/cli/operator_table.hpp"
#include "app/cli/shared_flags.hpp"

namespace holdfast::cli {

namespace {

Flag limit_flag(std::string_view fallback) {
  return {.name = "--limit", .type = Type::count, .value = "N", .sentence = "At most so many, 1 to 200.",
          .fallback = fallback};
}

Command serve_command() {
  return {
      .words = "serve",
      .sentence = "Run the server.",
      .more =
          "Prints `listening on URL` when it can take an upload, with --json {\"event\":\"listening\",\"url\":URL} "
          "instead, and while there are no users a link that makes the first one, once. SIGTERM and Ctrl-C drain: "
          "nothing is lost.",
      .flags = {kData,
                kListen,
                {.name = "--single-user",
                 .sentence = "No login, one built-in superuser; only on a loopback address."},
                {.name = "--open", .sentence = "Open the page in a browser when the server is ready."},
                kConfig,
                kJson},
      .examples = {{"holdfast serve --single-user", "serve this machine's user at http://127.0.0.1:8642"},
                   {"holdfast serve --single-user --data /srv/holdfast --listen 127.0.0.1:0",
                    "any free port"}},
      .exits = {Exit::in_use, Exit::damage, Exit::configuration, Exit::migration},
      .handler = handle_serve};
}

Command submit_command() {
  return {.words = "submit",
          .sentence = "Send a recording.",
          .more =
              "The file is streamed, whatever its size. When the connection breaks it is sent again under "
              "the same key, so "
              "that it is taken once. Ctrl-C during --wait only stops watching.",
          .operands = {{.name = "FILE", .sentence = "Audio or video; - reads standard input."}},
          .flags = with_server(
              {{.name = "--recipe",
                .type = Type::text,
                .value = "NAME",
                .sentence = "What to do with it.",
                .fallback = "voicesync"},
               {.name = "--mode", .type = Type::text, .value = "MODE", .sentence = "Mode of the recipe."},
               {.name = "--job-id",
                .type = Type::text,
                .value = "KEY",
                .sentence = "Your own key: the same key is taken only once, however often it is sent."},
               {.name = "--name",
                .type = Type::text,
                .value = "NAME",
                .sentence = "Name to show instead of the file's own."},
               {.name = "--recorded-at",
                .type = Type::text,
                .value = "TIME",
                .sentence = "When it was recorded, such as 2026-11-22T04:19:07Z, for recipes that remember."},
               {.name = "--wait", .sentence = "Follow it until it is over."},
               kTimeout}),
          .examples = {{"holdfast submit intro.mp4 --recipe introductions --wait", "send it and follow it"},
                       {"arecord -d 10 | holdfast submit - --wait", "from a pipe"},
                       {"holdfast submit a.wav --job-id a-2024 --json", "for scripts: safe to repeat"}},
          .exits = server_exits({Exit::items_failed, Exit::waited, Exit::interrupted}),
          .handler = handle_submit};
}

Command watch_command() {
  return {.words = "watch",
          .sentence = "Follow an item until it is over.",
          .operands = {kItem},
          .flags = with_server({kTimeout}),
          .examples = {{"holdfast watch itm_01J9Z3C8Q0V5T1M2N4P6R8S0A2",
                        "one line, redrawn; plain lines in a log"}},
          .exits = server_exits({Exit::items_failed, Exit::waited, Exit::interrupted}),
          .handler = handle_watch};
}

Command get_command() {
  return {
      .words = "get",
      .sentence = "Fetch the transcript or the whole result of an item.",
      .operands = {kItem},
      .flags = with_server({{.name = "--format",
                             .type = Type::choice,
                             .value = "FORMAT",
                             .sentence = "Subtitles (srt, vtt), text, or everything as JSON.",
                             .choices = "srt|vtt|txt|json",
                             .fallback = "txt"},
                            {.name = "--output",
                             .type = Type::path,
                             .value = "FILE",
                             .sentence = "Where to write it; - is standard output.",
                             .letter = "-o",
                             .fallback = "-"}}),
      .examples = {{"holdfast get itm_01J9Z3C8Q0V5T1M2N4P6R8S0A2 --format srt -o intro.srt", "subtitles"}},
      .exits = server_exits(),
      .handler = handle_get};
}

Command list_command() {
  return {.words = "list",
          .sentence = "List your items, newest first.",
          .flags = with_server(
              {{.name = "--status",
                .type = Type::choice,
                .value = "STATUS",
                .sentence = "Only these.",
                .choices = "pending|processing|completed|failed|cancelled"},
               {.name = "--recipe", .type = Type::text, .value = "NAME", .sentence = "Only of this recipe."},
               limit_flag("50")}),
          .examples = {{"holdfast list --status failed", "what needs a person"}},
          .exits = server_exits(),
          .handler = handle_list};
}

Command search_command() {
  return {.words = "search",
          .sentence = "Search your own recordings by words and by what they mean.",
          .more = "Best first, each with its second in the recording. Says where words alone could be compared.",
          .operands = {{.name = "WORD", .sentence = "What is looked for.", .many = true}},
          .flags = with_server({limit_flag("20")}),
          .examples = {{"holdfast search when is the exam", "what was said of it"}},
          .exits = server_exits(),
          .handler = handle_search};
}

std::vector<Command> item_commands() {
  return {submit_command(),
          {.words = "status",
           .sentence = "Queues, services, workers, memory and messages of the server.",
           .flags = with_server({}),
           .examples = {{"holdfast status --json", "for scripts"}},
           .exits = server_exits(),
           .handler = handle_status},
          {.words = "show",
           .sentence = "Everything about one item.",
           .operands = {kItem},
           .flags = with_server({}),
           .examples = {{"holdfast show itm_01J9Z3C8Q0V5T1M2N4P6R8S0A2", "stages, times, result"}},
           .exits = server_exits(),
           .handler = handle_show},
          watch_command(),
          get_command(),
          list_command(),
          search_command(),
          {.words = "retry",
           .sentence = "Try a failed item again, from where it stopped.",
           .operands = {kItem},
           .flags = with_server({{.name = "--from-stage",
                                  .type = Type::text,
                                  .value = "STAGE",
                                  .sentence = "Begin again at this stage of its recipe."}}),
           .examples = {{"holdfast retry itm_01J9Z3C8Q0V5T1M2N4P6R8S0A2 --from-stage stt",
                         "transcribe once more"}},
           .exits = server_exits(),
           .handler = handle_retry},
          {.words = "fill",
           .sentence = "Hear the gaps of a transcript again, and nothing else.",
           .operands = {kItem},
           .flags = with_server({{.name = "--start",
                                  .type = Type::text,
                                  .value = "SECONDS",
                                  .sentence = "Only the gap that begins there."}}),
           .examples = {{"holdfast fill itm_01J9Z3C8Q0V5T1M2N4P6R8S0A2", "all its gaps"}},
           .exits = server_exits(),
           .handler = handle_fill},
          {.words = "redo",
           .sentence = "Do again what was done in a lesser way, or have the rest of a fuller mode done.",
           .more = "What is finished stays; what is done again is not there meanwhile.",
           .operands = {kItem},
           .flags = with_server({{.name = "--mode",
                                  .type = Type::text,
                                  .value = "MODE",
                                  .sentence = "A fuller mode of its recipe than the one that was asked for."}}),
           .examples = {{"holdfast redo itm_01J9Z3C8Q0V5T1M2N4P6R8S0A2", "in the mode that was asked for"},
                        {"holdfast redo itm_01J9Z3C8Q0V5T1M2N4P6R8S0A2 --mode full", "and everything else"}},
           .exits = server_exits(),
           .handler = handle_redo},
          {.words = "cancel",
           .sentence = "Stop work on an item. The file and finished stages are kept.",
           .operands = {kItem},
           .flags = with_server({}),
           .examples = {{"holdfast cancel itm_01J9Z3C8Q0V5T1M2N4P6R8S0A2", ""}},
           .exits = server_exits(),
           .handler = handle_cancel}};
}

/// Flags that say which dead letters.
std::vector<Flag> with_filter(std::vector<Flag> flags) {
  flags.insert(
      flags.begin(),
      {{.name = "--owner", .type = Type::text, .value = "NAME", .sentence = "Only of this user."},
       {.name = "--recipe", .type = Type::text, .value = "NAME", .sentence = "Only of this recipe."},
       {.name = "--stage", .type = Type::text, .value = "STAGE", .sentence = "Only those that failed in this stage."},
       {.name = "--code", .type = Type::text, .value = "CODE", .sentence = "Only those that failed with this code."}});
  return with_server(std::move(flags));
}

Command retry_dead_letters_command() {
  return {.words = "dead-letters retry",
          .sentence = "Retry one dead letter, or all that match, at once or a portion a minute.",
          .operands = {{.name = "ID", .sentence = "The item; without it the filters say which.", .required = false}},
          .flags = with_filter({{.name = "--all", .sentence = "All of them, where no filter is given."},
                                {.name = "--from-stage",
                                 .type = Type::text,
                                 .value = "STAGE",
                                 .sentence = "Begin again at this stage; later ones follow."},
                                {.name = "--per-minute",
                                 .type = Type::count,
                                 .value = "N",
                                 .sentence = "So many a minute at most, also over a restart of the server."},
                                {.name = "--dry-run", .sentence = "Say what it would be about, change nothing."}}),
          .examples = {{"holdfast dead-letters retry --code HF-ENG-04 --dry-run", "look first"},
                       {"holdfast dead-letters retry --code HF-ENG-04 --per-minute 10", "then gently"}},
          .exits = server_exits(),
          .handler = handle_dead_letters_retry};
}

std::vector<Command> recovery_commands() {
  return {{.words = "dead-letters list",
           .sentence = "List items of all users that failed for good, newest first, with until when each is kept.",
           .flags = with_filter({{.name = "--groups", .sentence = "Count them by cause instead."}, limit_flag("50")}),
           .examples = {{"holdfast dead-letters list --groups", "what needs a person, by cause"}},
           .exits = server_exits(),
           .handler = handle_dead_letters_list},
          {.words = "dead-letters show",
           .sentence = "Everything about one dead letter, with its whole history.",
           .operands = {kItem},
           .flags = with_server({}),
           .examples = {{"holdfast dead-letters show itm_01J9Z3C8Q0V5T1M2N4P6R8S0A2", ""}},
           .exits = server_exits(),
           .handler = handle_dead_letters_show},
          retry_dead_letters_command(),
          {.words = "dead-letters discard",
           .sentence = "Give a dead letter up: its history stays, its file does not.",
           .operands = {kItem},
           .flags = with_server(
               {{.name = "--reason", .type = Type::text, .value = "TEXT", .sentence = "Why; its owner reads it."}}),
           .examples = {{"holdfast dead-letters discard itm_01J9Z3C8Q0V5T1M2N4P6R8S0A2 --reason duplicate", ""}},
           .exits = server_exits(),
           .handler = handle_dead_letters_discard},
          {.words = "dead-letters export",
           .sentence = "Fetch the original of a dead letter, to work on it by hand.",
           .operands = {kItem},
           .flags = with_server({{.name = "--output",
                                  .type = Type::path,
                                  .value = "FILE",
                                  .sentence = "Where to write it; - is standard output.",
                                  .letter = "-o",
                                  .fallback = "-"}}),
           .examples = {{"holdfast dead-letters export itm_01J9Z3C8Q0V5T1M2N4P6R8S0A2 -o talk.mp4", ""}},
           .exits = server_exits(),
           .handler = handle_dead_letters_export},
          {.words = "dead-letters result",
           .sentence = "Enter by hand what the stages could not make; the item is completed and says so.",
           .operands = {kItem,
                        {.name = "FILE", .sentence = "JSON object of results by name; - reads standard input."}},
           .flags = with_server({}),
           .examples = {{"echo '{\"transcript\":{\"text\":\"Hello.\"}}' | holdfast dead-letters result "
                         "itm_01J9Z3C8Q0V5T1M2N4P6R8S0A2 -",
                         ""}},
           .exits = server_exits(),
           .handler = handle_dead_letters_result},
          {.words = "queue stats",
           .sentence = "How many items wait, are worked on and failed, by kind of stage.",
           .flags = with_server({}),
           .examples = {{"holdfast queue stats", ""}},
           .exits = server_exits(),
           .handler = handle_queue_stats}};
}

std::vector<Command> model_commands() {
  return {{.words = "models list",
           .sentence = "Which models there are, and whether they are here.",
           .flags = {kConfig, kJson},
           .examples = {{"holdfast models list", ""}},
           .exits = {Exit::configuration},
           .handler = handle_models_list},
          {.words = "models pull",
           .sentence = "Fetch or make what is missing, then check it.",
           .operands = {{.name = "ID", .sentence = "Only this model.", .required = false}},
           .flags = {kConfig, kJson},
           .examples = {{"holdfast models pull whisper-base-q8_0", ""}},
           .exits = {Exit::damage, Exit::configuration},
           .handler = handle_models_pull},
          {.words = "models verify",
           .sentence = "Check every model file that is here against its SHA-256.",
           .more = "A damaged file is set aside as FILE.damaged, so that nothing loads it.",
           .flags = {kConfig, kJson},
           .examples = {{"holdfast models verify --json", ""}},
           .exits = {Exit::damage, Exit::configuration},
           .handler = handle_models_verify}};
}

std::vector<Command> check_commands() {
  return {{.words = "doctor",
           .sentence = "Check that this machine can do the work, and say what to do where it cannot.",
           .flags = {kData, kListen, kConfig, kJson},
           .examples = {{"holdfast doctor", ""}},
           .exits = {Exit::damage, Exit::configuration},
           .handler = handle_doctor},
          {.words = "verify",
           .sentence = "Check every promise on a data folder; changes nothing.",
           .flags = {kData, kConfig, kJson},
           .examples = {{"holdfast verify --data /srv/holdfast --json", ""}},
           .exits = {Exit::no_data, Exit::damage, Exit::configuration},
           .handler = handle_verify},
          {.words = "config show",
           .sentence = "Print the effective configuration.",
           .flags = {{.name = "--origin", .sentence = "Say where each value came from."},
                     kData,
                     kListen,
                     kConfig,
                     kJson},
           .examples = {{"holdfast config show --origin", ""}},
           .exits = {Exit::configuration},
           .handler = handle_config_show},
          {.words = "config check",
           .sentence = "Check the configuration; every mistake with its place.",
           .flags = {kConfig, kJson},
           .examples = {{"holdfast config check --config new.toml", ""}},
           .exits = {Exit::configuration},
           .handler = handle_config_check},
          {.words = "config schema",
           .sentence = "Print the JSON Schema of the configuration file, for editors.",
           .flags = {kJson},
           .examples = {{"holdfast config schema > holdfast.schema.json", ""}},
           .handler = handle_config_schema}};
}

const Operand kUserName{.name = "NAME", .sentence = "The user's name; an e-mail address will do."};
const Flag kPasswordStdin{.name = "--password-stdin",
                          .sentence = "The password is the first line of standard input; needed, so that it "
                                      "stands in no history and no list of processes."};

std::vector<Exit> user_exits() { return {Exit::no_data, Exit::configuration}; }

std::vector<Command> user_commands() {
  return {{.words = "user add",
           .sentence = "Make a user of a data folder, with or without a server running on it.",
           .operands = {kUserName},
           .flags = {kPasswordStdin,
                     {.name = "--superuser", .sentence = "May manage the server and see every item."},
                     kData,
                     kConfig,
                     kJson},
           .examples = {{"holdfast user add ana --password-stdin --superuser", "type a line, or send one in"}},
           .exits = user_exits(),
           .handler = handle_user_add},
          {.words = "user list",
           .sentence = "List the users of a data folder.",
           .flags = {kData, kConfig, kJson},
           .examples = {{"holdfast user list --data /srv/holdfast", ""}},
           .exits = user_exits(),
           .handler = handle_user_list},
          {.words = "user passwd",
           .sentence = "Give a user a new password; every session of theirs ends.",
           .operands = {kUserName},
           .flags = {kPasswordStdin, kData, kConfig, kJson},
           .examples = {{"holdfast user passwd ana --password-stdin", ""}},
           .exits = user_exits(),
           .handler = handle_user_passwd},
          {.words = "user deactivate",
           .sentence = "Let a user in no more, at once. What they sent stays.",
           .operands = {kUserName},
           .flags = {kData, kConfig, kJson},
           .examples = {{"holdfast user deactivate ana", ""}},
           .exits = user_exits(),
           .handler = handle_user_deactivate}};
}

std::vector<Command> drill_commands() {
  const Flag sample{.name = "--sample",
                    .type = Type::path,
                    .value = "FILE",
                    .sentence = "A spoken WAV file (mono, 16 bits, 16 kHz); else the sample that set-up made."};
  const Flag keep{.name = "--keep", .sentence = "Leave the scratch folders for a closer look."};
  const std::string_view alone = "Nothing but scratch folders and processes of its own is touched.";
  return {{.words = "drill list",
           .sentence = "List the failures that can be drilled, and the requirements that each proves.",
           .flags = {kJson},
           .examples = {{"holdfast drill list", ""}},
           .handler = handle_drill_list},
          {.words = "drill run",
           .sentence = "Break a scratch instance in earnest, and see that nothing is lost.",
           .more = alone,
           .operands =
               {{.name = "ID", .sentence = "A drill, as `drill list` names it.", .required = false, .many = true}},
           .flags = {{.name = "--all", .sentence = "Every one."},
                     {.name = "--table",
                      .type = Type::path,
                      .value = "FILE",
                      .sentence = "Write the page docs/drills.md."},
                     sample, keep, kConfig, kJson},
           .examples = {{"holdfast drill run LAB_9", "the speech worker hangs"},
                        {"holdfast drill run --all --json", "for scripts; exit code 1 if a promise was broken"}},
           .exits = {Exit::configuration, Exit::interrupted},
           .handler = handle_drill_run},
          {.words = "drill acceptance",
           .sentence = "Many uploads at once under faults, for a time; prints the figures against the limits.",
           .more = alone,
           .flags = {{.name = "--uploads", .type = Type::count, .value = "N", .sentence = "At once.", .fallback = "10"},
                     {.name = "--for",
                      .type = Type::duration,
                      .value = "TIME",
                      .sentence = "Rounds are begun for so long.",
                      .fallback = "2 min"},
                     sample, keep, kConfig, kJson},
           .examples = {{"holdfast drill acceptance --for 2h", "the whole proof"}},
           .exits = {Exit::configuration, Exit::interrupted},
           .handler = handle_drill_acceptance}};
}

std::vector<Command> other_commands() {
  return {
      {.words = "version",
       .sentence = "Print the version.",
       .flags = {kJson},
       .examples = {{"holdfast version", ""}},
       .handler = handle_version},
      {.words = "help",
       .sentence = "Explain a command or an error code.",
       .operands = {{.name = "WORD",
                     .sentence = "A command, or a code such as HF-STO-02.",
                     .required = false},
                    {.name = "WORD2", .sentence = "The command's second word.", .required = false}},
       .flags = {kJson},
       .examples = {{"holdfast help HF-STO-02", ""}},
       .handler = handle_help},
      {.words = "completion",
       .sentence = "Print a completion script for a shell.",
       .operands = {{.name = "SHELL", .sentence = "The shell.", .choices = "bash"}},
       .flags = {kJson},
       .examples = {{"holdfast completion bash > ~/.local/share/bash-completion/completions/holdfast", ""}},
       .handler = handle_completion},
      {.words = "docs",
       .sentence = "Write or check the reference pages that are made from this program.",
       .flags =
           {{.name = "--write", .type = Type::path, .value = "DIR", .sentence = "Write them there."},
            {.name = "--check", .type = Type::path, .value = "DIR", .sentence = "Exit 1 if they differ."}},
       .examples = {{"holdfast docs --write docs/reference", ""}},
       .handler = handle_docs,
       .hidden = true}};
}

std::vector<Command> all_commands() {
  std::vector<Command> all{serve_command()};
  for (auto& group : {item_commands(), recovery_commands(), model_commands(), user_commands(), check_commands(),
                      operator_commands(), drill_commands(), other_commands()}) {
    all.insert(all.end(), group.begin(), group.end());
  }
  return all;
}

}  // namespace

std::span<const Command> commands() {
  static const std::vector<Command> all = all_commands();
  return all;
}

const Command* find_command(std::string_view words) {
  const auto found = std::ranges::find(commands(), words, &Command::words);
  return found == commands().end() ? nullptr : &*found;
}

std::vector<std::string> split_choices(std::string_view choices) {
  std::vector<std::string> words;
  while (!choices.empty()) {
    const auto bar = choices.find('|');
    words.emplace_back(choices.substr(0, bar));
    choices.remove_prefix(bar == std::string_view::npos ? choices.size() : bar + 1);
  }
  return words;
}

}  // namespace holdfast::cli
