#include <charconv>
#include <filesystem>
#include <fstream>
#include <ostream>

#include "app/cli/api.hpp"
#include "app/cli/command.hpp"
#include "app/cli/follow.hpp"
#include "app/cli/handlers.hpp"
#include "app/cli/interrupt.hpp"
#include "app/cli/item_view.hpp"
#include "app/cli/json_read.hpp"
#include "app/cli/render.hpp"
#include "app/cli/session.hpp"
#include "app/cli/status_view.hpp"

/// The commands that ask a server one thing and print the answer.
namespace holdfast::cli {

namespace {

namespace json = boost::json;

int print_item(Session& session, const Arguments& arguments, const Outcome<Response>& response) {
  if (!response) return fail_with(session, arguments, response.error());
  if (arguments.has("--json")) return print_body(session, response->body);
  session.out << item_page(response->body);
  return to_int(Exit::done);
}

/// Writes beside the place and renames, so that nobody finds half a file there.
Result<void> write_file(const std::string& path, const std::string& text) {
  const std::string beside = path + ".part";
  std::ofstream file{beside, std::ios::binary | std::ios::trunc};
  file << text;
  file.close();
  std::error_code problem;
  if (file) std::filesystem::rename(beside, path, problem);
  if (file && !problem) return {};
  std::filesystem::remove(beside, problem);
  return fail(ErrorClass::not_found, kLocalFile, path + " cannot be written");
}

/// A command that posts to an item and prints the item.
int change_item(Session& session, const Arguments& arguments, const std::string& action,
                const std::string& body) {
  const auto api = open_api(session, arguments);
  if (!api) return fail_with(session, arguments, api.error());
  const auto answer = api->post(route::item(arguments.text("ID")) + "/" + action, body);
  if (!answer) return fail_with(session, arguments, answer.error());
  return print_item(session, arguments, api->item(arguments.text("ID"), milliseconds{0}));
}

}  // namespace

int handle_status(Session& session, const Arguments& arguments) {
  const auto api = open_api(session, arguments);
  if (!api) return fail_with(session, arguments, api.error());
  const auto response = api->get(std::string{route::kStatus});
  if (!response) return fail_with(session, arguments, response.error());
  if (arguments.has("--json")) return print_body(session, response->body);
  session.out << status_page(response->body);
  return to_int(Exit::done);
}

int handle_show(Session& session, const Arguments& arguments) {
  const auto api = open_api(session, arguments);
  if (!api) return fail_with(session, arguments, api.error());
  return print_item(session, arguments, api->item(arguments.text("ID"), milliseconds{0}));
}

int handle_watch(Session& session, const Arguments& arguments) {
  const auto api = open_api(session, arguments);
  if (!api) return fail_with(session, arguments, api.error());
  interrupt::install();
  Progress progress{session.err, look_of(session), steady_now};
  return follow_and_print(session, arguments, *api, arguments.text("ID"), progress);
}

int handle_get(Session& session, const Arguments& arguments) {
  const auto api = open_api(session, arguments);
  if (!api) return fail_with(session, arguments, api.error());
  const std::string format = arguments.text("--format");
  const auto response = api->get(route::transcript(arguments.text("ID"), format));
  if (!response) return fail_with(session, arguments, response.error());
  const std::string path = arguments.text("--output");
  if (path == "-") {
    session.out << response->body;
    return to_int(Exit::done);
  }
  const auto written = write_file(path, response->body);
  if (!written) return fail_with(session, arguments, written.error());
  if (arguments.has("--json")) {
    session.out << json::serialize(json::object{{"file", path}, {"bytes", response->body.size()}}) << "\n";
  }
  return to_int(Exit::done);
}

int handle_list(Session& session, const Arguments& arguments) {
  const auto api = open_api(session, arguments);
  if (!api) return fail_with(session, arguments, api.error());
  std::string target = std::string{route::kItems} + "?limit=" + arguments.text("--limit");
  if (arguments.has("--status")) target += "&status=" + percent_encode(arguments.text("--status"));
  if (arguments.has("--recipe")) target += "&recipe=" + percent_encode(arguments.text("--recipe"));
  const auto response = api->get(target);
  if (!response) return fail_with(session, arguments, response.error());
  if (arguments.has("--json")) return print_body(session, response->body);
  const auto table = item_table(response->body, session.out_terminal);
  if (!table) return fail_with(session, arguments, table.error());
  if (table->empty() && session.err_terminal) session.err << "There are no such items.\n";
  session.out << *table;
  return to_int(Exit::done);
}

int handle_search(Session& session, const Arguments& arguments) {
  const auto api = open_api(session, arguments);
  if (!api) return fail_with(session, arguments, api.error());
  std::string words;
  for (const std::string& word : arguments.list("WORD")) words += (words.empty() ? "" : " ") + word;
  const auto response = api->get(std::string{route::kSearch} + "?limit=" + arguments.text("--limit") +
                                 "&q=" + percent_encode(words));
  if (!response) return fail_with(session, arguments, response.error());
  if (arguments.has("--json")) return print_body(session, response->body);
  const auto table = found_table(response->body, session.out_terminal);
  if (!table) return fail_with(session, arguments, table.error());
  const auto why = object_at(parse_object(response->body), "degraded");
  if (!why.empty()) session.err << "Words alone were compared. " << printable(text_at(why, "message")) << "\n";
  if (table->empty() && session.err_terminal) session.err << "Nothing was found.\n";
  session.out << *table;
  return to_int(Exit::done);
}

int handle_retry(Session& session, const Arguments& arguments) {
  const std::string stage = arguments.text("--from-stage");
  return change_item(session, arguments, "retry",
                     stage.empty() ? "" : json::serialize(json::object{{"from_stage", stage}}));
}

int handle_fill(Session& session, const Arguments& arguments) {
  const std::string start = arguments.text("--start");
  if (start.empty()) return change_item(session, arguments, "gaps/fill", "");
  double seconds = 0;
  const auto read = std::from_chars(start.data(), start.data() + start.size(), seconds);
  const bool is_number = read.ec == std::errc{} && read.ptr == start.data() + start.size();
  const json::value given = is_number ? json::value(seconds) : json::value(start);  // the server says what is wrong
  return change_item(session, arguments, "gaps/fill", json::serialize(json::object{{"start_s", given}}));
}

int handle_redo(Session& session, const Arguments& arguments) {
  const std::string mode = arguments.text("--mode");
  return change_item(session, arguments, "redo", mode.empty() ? "" : json::serialize(json::object{{"mode", mode}}));
}

int handle_cancel(Session& session, const Arguments& arguments) {
  return change_item(session, arguments, "cancel", "");
}

}  // namespace holdfast::cli
