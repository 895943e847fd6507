#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>

#include "app/cli/api.hpp"
#include "app/cli/command.hpp"
#include "app/cli/handlers.hpp"
#include "app/cli/item_view.hpp"
#include "app/cli/json_read.hpp"
#include "app/cli/recovery_view.hpp"
#include "app/cli/session.hpp"
#include "app/cli/source.hpp"

/// The commands of operators for queues and dead letters.
namespace holdfast::cli {

namespace {

namespace json = boost::json;

constexpr std::uint64_t kPiece = 8U << 20U;  ///< of an exported file, in memory at a time
constexpr std::uint64_t kResultMax = 1U << 20U;
/// Flags that say which dead letters, and the field that each is.
constexpr std::pair<std::string_view, std::string_view> kFilters[] = {
    {"--owner", "owner"}, {"--recipe", "recipe"}, {"--stage", "stage"}, {"--code", "code"}};

/// Prints the answer as it is with --json, else as `view` shows it.
template <class View>
int print_answer(Session& session, const Arguments& arguments, const Outcome<Response>& response, View view) {
  if (!response) return fail_with(session, arguments, response.error());
  if (arguments.has("--json")) return print_body(session, response->body);
  const Outcome<std::string> text = view(response->body);
  if (!text) return fail_with(session, arguments, text.error());
  session.out << *text;
  return to_int(Exit::done);
}

json::object filter_of(const Arguments& arguments) {
  json::object filter;
  for (const auto& [flag, field] : kFilters) {
    if (arguments.has(flag)) filter[field] = arguments.text(flag);
  }
  return filter;
}

std::string query_of(const Arguments& arguments) {
  std::string query;
  for (const auto& [name, value] : filter_of(arguments))
    query += "&" + std::string{name} + "=" + percent_encode(std::string{value.get_string()});
  return query;
}

Outcome<std::string> short_page(const std::string& body) { return item_page(body); }
Outcome<std::string> whole_page(const std::string& body) { return item_page(body) + history_lines(body); }
Outcome<std::string> bulk_page(const std::string& body) { return bulk_words(body); }

int retry_many(Session& session, const Arguments& arguments, const Api& api) {
  json::object filter = filter_of(arguments);
  if (filter.empty() && !arguments.has("--all"))
    return fail_with(session, arguments, usage_problem("name one ID, a filter such as --code, or --all"));
  json::object body{{"filter", std::move(filter)}, {"dry_run", arguments.has("--dry-run")}};
  if (arguments.has("--from-stage")) body["from_stage"] = arguments.text("--from-stage");
  if (arguments.has("--per-minute")) body["per_minute"] = std::stoll(arguments.text("--per-minute"));
  const auto answer = api.post(std::string{route::kDeadLetters} + "/retry", json::serialize(body));
  return print_answer(session, arguments, answer, bulk_page);
}

/// Where the bytes of an answer begin and what the whole file has: "bytes 0-9/10". Nothing: the answer is all of it.
std::optional<std::uint64_t> whole_size(const Response& response) {
  const std::string range = response.header("content-range");
  const auto slash = range.find('/');
  if (response.status != 206 || slash == std::string::npos) return std::nullopt;
  return std::strtoull(range.c_str() + slash + 1, nullptr, 10);
}

/// Fetches the original piece by piece into `file`, so that its size does not matter.
Outcome<std::uint64_t> fetch(const Api& api, const std::string& target, std::ostream& file) {
  std::uint64_t written = 0;
  for (;;) {
    Request request{.method = "GET", .target = target};
    request.headers.emplace_back(
        "Range", "bytes=" + std::to_string(written) + "-" + std::to_string(written + kPiece - 1));
    auto piece = api.call(std::move(request));
    if (!piece) return std::unexpected{piece.error()};
    file << piece->body;
    written += piece->body.size();
    const auto whole = whole_size(*piece);
    if (!whole || written >= *whole || piece->body.empty() || !file) return written;
  }
}

Result<std::string> read_result(Session& session, const std::string& path) {
  HF_TRY(const Source source, path == "-" ? Source::take_stream(session.input,
                                                                std::filesystem::temp_directory_path().string())
                                          : Source::open_file(path));
  if (source.size() > kResultMax) return fail(ErrorClass::not_found, kLocalFile, path + " is longer than 1 MiB");
  std::string text;
  while (text.size() < source.size()) {
    HF_TRY(const std::string piece, source.read(text.size()));
    text += piece;
  }
  return text;
}

}  // namespace

int handle_queue_stats(Session& session, const Arguments& arguments) {
  const auto api = open_api(session, arguments);
  if (!api) return fail_with(session, arguments, api.error());
  return print_answer(session, arguments, api->get(std::string{route::kRecovery} + "/queue-stats"),
                      [&](const std::string& body) { return queue_table(body, session.out_terminal); });
}

int handle_dead_letters_list(Session& session, const Arguments& arguments) {
  const auto api = open_api(session, arguments);
  if (!api) return fail_with(session, arguments, api.error());
  const std::string base{route::kDeadLetters};
  if (arguments.has("--groups")) {
    return print_answer(session, arguments, api->get(base + "/groups?" + query_of(arguments).erase(0, 1)),
                        [&](const std::string& body) { return group_table(body, session.out_terminal); });
  }
  return print_answer(session, arguments, api->get(base + "?limit=" + arguments.text("--limit") + query_of(arguments)),
                      [&](const std::string& body) { return dead_letter_table(body, session.out_terminal); });
}

int handle_dead_letters_show(Session& session, const Arguments& arguments) {
  const auto api = open_api(session, arguments);
  if (!api) return fail_with(session, arguments, api.error());
  return print_answer(session, arguments, api->get(route::dead_letter(arguments.text("ID"))), whole_page);
}

int handle_dead_letters_retry(Session& session, const Arguments& arguments) {
  const auto api = open_api(session, arguments);
  if (!api) return fail_with(session, arguments, api.error());
  if (!arguments.has("ID")) return retry_many(session, arguments, *api);
  json::object body;
  if (arguments.has("--from-stage")) body["from_stage"] = arguments.text("--from-stage");
  const auto answer = api->post(route::dead_letter(arguments.text("ID")) + "/retry", json::serialize(body));
  return print_answer(session, arguments, answer, short_page);
}

int handle_dead_letters_discard(Session& session, const Arguments& arguments) {
  const auto api = open_api(session, arguments);
  if (!api) return fail_with(session, arguments, api.error());
  if (!arguments.has("--reason"))
    return fail_with(session, arguments, usage_problem("--reason is needed: the item's owner reads it"));
  const std::string body = json::serialize(json::object{{"reason", arguments.text("--reason")}});
  const auto answer = api->post(route::dead_letter(arguments.text("ID")) + "/discard", body);
  return print_answer(session, arguments, answer, short_page);
}

int handle_dead_letters_export(Session& session, const Arguments& arguments) {
  const auto api = open_api(session, arguments);
  if (!api) return fail_with(session, arguments, api.error());
  const std::string target = route::dead_letter(arguments.text("ID")) + "/file";
  const std::string path = arguments.text("--output");
  if (path == "-") {
    const auto written = fetch(*api, target, session.out);
    return written ? to_int(Exit::done) : fail_with(session, arguments, written.error());
  }
  const std::string beside = path + ".part";
  std::ofstream file{beside, std::ios::binary | std::ios::trunc};
  const auto written = fetch(*api, target, file);
  file.close();
  std::error_code problem;
  if (written && file) std::filesystem::rename(beside, path, problem);
  const bool kept = written && file && !problem;
  if (!kept) std::filesystem::remove(beside, problem);
  if (!written) return fail_with(session, arguments, written.error());
  const Error not_written{ErrorClass::not_found, kLocalFile, path + " cannot be written"};
  if (!kept) return fail_with(session, arguments, not_written);
  if (arguments.has("--json")) print_body(session, json::serialize(json::object{{"file", path}, {"bytes", *written}}));
  return to_int(Exit::done);
}

int handle_dead_letters_result(Session& session, const Arguments& arguments) {
  const auto text = read_result(session, arguments.text("FILE"));
  if (!text) return fail_with(session, arguments, text.error());
  const auto results = parse_object(*text);
  if (results.empty())
    return fail_with(session, arguments, usage_problem("the file is a JSON object of results by name"));
  const auto api = open_api(session, arguments);
  if (!api) return fail_with(session, arguments, api.error());
  const std::string body = json::serialize(json::object{{"results", results}});
  const auto answer = api->post(route::dead_letter(arguments.text("ID")) + "/result", body);
  return print_answer(session, arguments, answer, short_page);
}

}  // namespace holdfast::cli
