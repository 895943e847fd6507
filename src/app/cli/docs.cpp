#include "app/cli/docs.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <ostream>

#include "app/cli/command.hpp"
#include "app/cli/handlers.hpp"
#include "app/cli/help.hpp"
#include "app/cli/json_read.hpp"
#include "app/cli/session.hpp"
#include "app/config/keys.hpp"
#include "app/config/endpoint_keys.hpp"
#include "app/config/service_keys.hpp"
#include "app/config/toml_file.hpp"
#include "core/catalogue/catalogue.hpp"

namespace holdfast::cli {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::size_t kPageMax = 1U << 20U;
const std::string kMade =
    "\nMade by `holdfast docs --write docs/reference`; change the table in the code, not this page.\n";

/// Text inside a table: a bar would end the cell.
std::string table_cell(std::string_view text) {
  std::string out;
  for (const char letter : text) out += letter == '|' ? "\\|" : std::string(1, letter);
  return out;
}

std::string code(std::string_view text) { return text.empty() ? "" : "`" + table_cell(text) + "`"; }

std::string command_section(const Command& command) {
  std::string text = "\n## " + std::string{command.words} + "\n" + std::string{command.sentence} +
                     "\n\n    " + usage_line(command) + "\n";
  if (!command.more.empty()) text += "\n" + std::string{command.more} + "\n";
  text += "\n| argument | meaning |\n| --- | --- |\n";
  for (const auto& operand : command.operands)
    text += "| " + code(operand.name) + " | " + table_cell(operand.sentence) + " |\n";
  for (const auto& flag : command.flags)
    text += "| " + code(flag_form(flag)) + " | " + table_cell(flag_sentence(flag)) + " |\n";
  text += "| `-h, --help` | This page. |\n\nExit codes: 0, 1, 2";
  for (const Exit exit : command.exits) text += ", " + std::to_string(to_int(exit));
  text += ".\n\n";
  for (const auto& example : command.examples) {
    text += "    " + std::string{example.line};
    text += example.sentence.empty() ? "\n" : "   # " + std::string{example.sentence} + "\n";
  }
  return text;
}

std::string commands_page() {
  std::string text =
      "# Commands\n" + kMade +
      "\nResults go to standard output, everything else to standard error. With `--json` one JSON "
      "object is printed, for errors\n`{\"error\":{\"code\",\"message\",\"retryable\",\"what_to_do\"}}`.\n";
  for (const auto& command : commands()) {
    if (!command.hidden) text += command_section(command);
  }
  text += "\n## Exit codes\n| code | meaning |\n| --- | --- |\n";
  for (const auto& meaning : exit_meanings()) {
    text += "| " + std::to_string(to_int(meaning.code)) + " | " + table_cell(meaning.sentence) + " |\n";
  }
  return text;
}

std::string limits_of(const config::Key& key) {
  std::string text;
  if (!key.choices.empty()) {
    std::string words{key.choices};
    for (auto at = words.find('|'); at != std::string::npos; at = words.find('|', at))
      words.replace(at, 1, ", ");
    return "One of " + words + ".";
  }
  if (!key.least.empty()) text = "At least " + std::string{key.least};
  if (!key.most.empty()) text += (text.empty() ? "At most " : ", at most ") + std::string{key.most};
  return text.empty() ? text : text + ".";
}

std::string key_row(const config::Key& key) {
  const std::string_view section = config::section_of(key.name);
  std::string meaning{key.sentence};
  if (!key.unit.empty()) meaning += " Unit: " + std::string{key.unit} + ".";
  if (const auto limits = limits_of(key); !limits.empty()) {
    meaning += " " + limits;
  }
  const bool live = key.takes == config::Takes::live;
  return "| " + code(key.name.substr(section.size() + 1)) + " | " + table_cell(config::describe(key.kind)) + " | " +
         (key.fallback.empty() ? "empty" : code(key.fallback)) + " | " + table_cell(meaning) + " | " +
         (live ? "live" : "restart") + " | " + code(config::environment_name(key.name)) + " |\n";
}

std::string service_row(const config::ServiceKey& known) {
  using Whose = config::ServiceKey::Whose;
  std::string meaning{known.key.sentence};
  if (const auto limits = limits_of(known.key); !limits.empty()) meaning += " " + limits;
  const char* const whose = known.whose == Whose::ours ? "ours" : known.whose == Whose::others ? "others" : "all";
  return "| " + code(known.key.name) + " | " + table_cell(config::describe(known.key.kind)) + " | " +
         (known.key.fallback.empty() ? "empty" : code(known.key.fallback)) + " | " + table_cell(meaning) +
         " | " + whose +
         " |\n";
}

std::string endpoint_row(const config::EndpointKey& known) {
  std::string meaning{known.key.sentence};
  if (const auto limits = limits_of(known.key); !limits.empty()) meaning += " " + limits;
  return "| " + code(known.key.name) + " | " + table_cell(config::describe(known.key.kind)) + " | " +
         (known.key.fallback.empty() ? "empty" : code(known.key.fallback)) + " | " + table_cell(meaning) + " |\n";
}

std::string roles_section() {
  std::string text =
      "\n## [roles]\nThe language model of each role that recipes name, any name: `mistral = \"MODEL\"`, or "
      "`HOLDFAST_ROLES_MISTRAL`. A role that is not here\nhas `language.model`. A worker of our own is run for each "
      "model; with `language.url` it is what that endpoint is asked for.\n"
      "\n## [endpoints.NAME]\nA table for each endpoint that answers language work in the OpenAI dialect, in files "
      "only. The calls of a role are shared out among\nits endpoints; where one fails the next is asked. Each has a "
      "circuit breaker: `[services.\"endpoint/NAME\"]`.\n\n| key | value | default | meaning |\n| --- | --- | --- | "
      "--- |\n";
  for (const auto& known : config::endpoint_keys()) text += endpoint_row(known);
  return text;
}

std::string services_section() {
  std::string text =
      "\n## [services.NAME]\nA table for each service, in files only. `ffmpeg`, `speech`, `language`, `embedding`, "
      "`\"language/ROLE\"` and `\"endpoint/NAME\"` are ours: work goes there through\na circuit "
      "breaker, whose limits are set here. Any other name is a service that is looked at.\n\n| key | "
      "value | default | meaning | whose |\n| --- | --- | --- | --- | --- |\n";
  for (const auto& known : config::service_keys()) text += service_row(known);
  text += "\n| preset | kind | where |\n| --- | --- | --- |\n";
  for (const auto& preset : config::presets())
    text += "| " + code(preset.name) + " | " + std::string{preset.kind} + " | " + code(preset.where) + " |\n";
  return text;
}

std::string configuration_page() {
  std::string text = "# Configuration\n" + kMade +
                     "\nOne TOML file: the one of `--config`, else `$HOLDFAST_CONFIG`, else "
                     "`$XDG_CONFIG_HOME/holdfast/config.toml`, else\n"
                     "`/etc/holdfast/config.toml`; then `conf.d/*.toml` beside it, in the order of their "
                     "names. Stronger sources win: flags, environment,\n"
                     "`conf.d`, file, defaults. Every variable exists with `_FILE` behind its name as well: "
                     "then the value is what that file holds.\n"
                     "Sizes are written like `\"5 GB\"` (powers of 1000) or `\"512 MiB\"`, durations like "
                     "`\"15 min\"`; numbers stand without quotes.\n"
                     "`holdfast config check` finds mistakes, `holdfast config show --origin` says where "
                     "each value comes from.\n";
  std::string_view section;
  for (const auto& key : config::keys()) {
    if (config::section_of(key.name) != section) {
      section = config::section_of(key.name);
      text += "\n## [" + std::string{section} +
              "]\n| key | value | default | meaning | change | variable |\n| --- | --- | --- | --- | --- | "
              "--- |\n";
    }
    text += key_row(key);
  }
  return text + roles_section() + services_section() +
         "\n## Other variables\n| variable | meaning |\n| --- | --- |\n"
         "| `HOLDFAST_DATA` | The data folder, as `HOLDFAST_STORAGE_DATA`. |\n"
         "| `HOLDFAST_CONFIG` | The configuration file. |\n"
         "| `HOLDFAST_SERVER` | Address of the server that the commands talk to. |\n"
         "| `HOLDFAST_TOKEN_FILE` | File with the token that the commands send. |\n"
         "| `HOLDFAST_CACHE` | Folder of what set-up fetched and built. |\n"
         "| `HOLDFAST_JOBS` | Compilers at once during set-up. |\n"
         "| `HOLDFAST_SHARED` | Folder of test recordings, for the tests. |\n"
         "| `NO_COLOR` | No colours on a terminal. |\n";
}

std::string errors_page() {
  std::string text = "# Error codes\n" + kMade +
                     "\nThe same code and words stand in HTTP answers (`code`), in items (`error.code`), on "
                     "the page, in the log and in "
                     "`holdfast help CODE`.\n\n| code | HTTP | what happened | what to do | repeat |\n| --- "
                     "| --- | --- | --- | --- |\n";
  for (const auto& entry : catalogue::all()) {
    std::string repeat = entry.retryable ? "yes" : "no";
    if (entry.retry_after_s > 0) repeat += ", after " + std::to_string(entry.retry_after_s) + " s";
    text += "| " + code(entry.code) + " | " + std::to_string(entry.status) + " | **" + table_cell(entry.title) +
            ".** " + table_cell(entry.message) + " | " + table_cell(entry.what_to_do) + " | " + repeat + " |\n";
  }
  return text;
}

std::string operation_section(std::string_view path, std::string_view method, const json::object& operation) {
  std::string verb{method};
  std::ranges::transform(verb, verb.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  std::string text = "\n## " + verb + " " + std::string{path} + "\n" + text_at(operation, "summary") + "\n";
  if (const auto more = text_at(operation, "description"); !more.empty()) text += "\n" + more + "\n";
  std::string rows;
  for (const auto& entry : array_at(operation, "parameters")) {
    if (!entry.is_object()) continue;
    const auto& parameter = entry.get_object();
    rows += "| " + code(text_at(parameter, "name")) + " | " + text_at(parameter, "in") + " | " +
            table_cell(text_at(parameter, "description")) + " |\n";
  }
  if (!rows.empty()) text += "\n| parameter | in | meaning |\n| --- | --- | --- |\n" + rows;
  rows.clear();
  for (const auto& [status, answer] : object_at(operation, "responses")) {
    const std::string words = answer.is_object() ? text_at(answer.get_object(), "description") : "";
    rows += "| " + std::string{status} + " | " + table_cell(words) + " |\n";
  }
  return rows.empty() ? text : text + "\n| answer | meaning |\n| --- | --- |\n" + rows;
}

std::string routes_page(const std::string& openapi) {
  std::string text =
      "# Routes\n" + kMade + "\nMade from the OpenAPI document that the server gives at `/openapi.json`.\n";
  for (const auto& [path, methods] : object_at(parse_object(openapi), "paths")) {
    if (!methods.is_object()) continue;
    for (const auto& [method, operation] : methods.get_object()) {
      if (operation.is_object()) text += operation_section(path, method, operation.get_object());
    }
  }
  return text;
}

using Pages = std::map<std::string, std::string>;

int write_pages(Session& session, const fs::path& folder, const Pages& pages) {
  std::error_code problem;
  fs::create_directories(folder, problem);
  for (const auto& [name, text] : pages) {
    std::ofstream file{folder / name, std::ios::binary | std::ios::trunc};
    if (!(file << text << std::flush)) {
      session.err << "holdfast: " << (folder / name).string() << " cannot be written\n";
      return to_int(Exit::failed);
    }
    session.out << (folder / name).string() << "\n";
  }
  return to_int(Exit::done);
}

int check_pages(Session& session, const fs::path& folder, const Pages& pages) {
  int code = to_int(Exit::done);
  for (const auto& [name, text] : pages) {
    const auto there = config::read_text((folder / name).string(), kPageMax);
    if (there && *there == text) continue;
    session.err << "holdfast: " << (folder / name).string()
                << " is not what the program says; run holdfast docs --write " << folder.string() << "\n";
    code = to_int(Exit::failed);
  }
  return code;
}

}  // namespace

Pages reference_pages(const std::string& openapi) {
  Pages pages{{"commands.md", commands_page()},
              {"configuration.md", configuration_page()},
              {"errors.md", errors_page()}};
  if (!openapi.empty()) pages["routes.md"] = routes_page(openapi);
  return pages;
}

int handle_docs(Session& session, const Arguments& arguments) {
  const Pages pages = reference_pages(session.hooks.openapi_json ? session.hooks.openapi_json() : "");
  if (arguments.has("--write")) return write_pages(session, arguments.text("--write"), pages);
  if (arguments.has("--check")) return check_pages(session, arguments.text("--check"), pages);
  return fail_with(session, arguments, usage_problem("`holdfast docs` needs --write DIR or --check DIR"));
}

}  // namespace holdfast::cli
