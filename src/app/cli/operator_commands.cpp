#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <ctime>
#include <fstream>
#include <ostream>
#include <sstream>

#include "app/cli/api.hpp"
#include "app/cli/command.hpp"
#include "app/cli/handlers.hpp"
#include "app/cli/json_read.hpp"
#include "app/cli/render.hpp"
#include "app/cli/session.hpp"

/// The procedures of an operator for queues, worker processes and the cache.
namespace holdfast::cli {

namespace {

namespace json = boost::json;

constexpr std::size_t kAtOnce = 500;  ///< items that one request is about

std::string queue_route(const std::string& queue, std::string_view action = "") {
  std::string target = std::string{route::kRecovery} + "/queues/" + percent_encode(queue);
  if (!action.empty()) target += "/" + std::string{action};
  return target;
}

int print_json(Session& session, const json::value& value) {
  session.out << json::serialize(value) << "\n";
  return to_int(Exit::done);
}

std::string field_cell(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return "-";
  return printable(value->is_string() ? std::string{value->get_string()} : json::serialize(*value));
}

/// One line for each object: the named fields with tabs between them.
void print_rows(Session& session, const json::array& rows, std::initializer_list<std::string_view> fields) {
  for (const json::value& row : rows) {
    if (!row.is_object()) continue;
    std::string line;
    for (const std::string_view field : fields)
      line += (line.empty() ? "" : "\t") + field_cell(row.get_object(), field);
    session.out << line << "\n";
  }
}

void print_queue(Session& session, const json::object& queue) {
  const json::value* parked = queue.if_contains("parked");
  const bool rests = parked != nullptr && parked->is_bool() && parked->get_bool();
  session.out << field_cell(queue, "queue") << '\t' << field_cell(queue, "pending") << " waiting\t"
              << field_cell(queue, "processing")
              << " in work\t" << (rests ? "parked" : "open") << "\n";
}

/// Posts, and prints the answer for people with `show`.
template <class Show>
int post_and_show(Session& session, const Arguments& arguments, const std::string& target, Show show) {
  const auto api = open_api(session, arguments);
  if (!api) return fail_with(session, arguments, api.error());
  const auto answer = api->post(target, "{}");
  if (!answer) return fail_with(session, arguments, answer.error());
  const json::object body = parse_object(answer->body);
  if (arguments.has("--json")) return print_json(session, body);
  show(body);
  return to_int(Exit::done);
}

/// Asks on a terminal; without one --yes has to be given.
bool confirmed(Session& session, const Arguments& arguments, const std::string& question) {
  if (arguments.has("--yes")) return true;
  if (::isatty(session.input) == 0) return false;
  session.err << question << " [y/N] " << std::flush;
  char answer = 0;
  while (::read(session.input, &answer, 1) < 0 && errno == EINTR) {
  }
  return answer == 'y' || answer == 'Y';
}

Error not_written(const std::string& file) { return {ErrorClass::not_found, "HF-CLI-03", file + " cannot be written"}; }

/// A new file, durable when this returns: what follows cannot be taken back without it.
Result<void> write_backup(const std::string& file, const std::string& text) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return std::unexpected{not_written(file)};
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t wrote = ::write(fd, rest.data(), rest.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) break;
    rest.remove_prefix(static_cast<std::size_t>(wrote));
  }
  const bool kept = rest.empty() && ::fsync(fd) == 0;
  ::close(fd);
  return kept ? Result<void>{} : std::unexpected{not_written(file)};
}

Result<std::vector<std::string>> read_backup(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  std::ostringstream text;
  text << in.rdbuf();
  const json::object read = parse_object(text.str());
  std::vector<std::string> ids;
  for (const json::value& item : array_at(read, "items")) {
    const json::value* id = item.is_object() ? item.get_object().if_contains("id") : nullptr;
    if (id != nullptr && id->is_string()) ids.emplace_back(id->get_string());
  }
  if (!in || !read.contains("items"))
    return fail(ErrorClass::not_found, "HF-CLI-03", file + " is no backup of a queue");
  return ids;
}

/// In portions. Returns what was done and what was passed over.
Outcome<json::object> post_items(const Api& api, const std::string& target, const std::vector<std::string>& ids,
                                 std::string_view word) {
  json::array done;
  json::array left;
  for (std::size_t from = 0; from < ids.size(); from += kAtOnce) {
    json::array some;
    for (std::size_t i = from; i < std::min(ids.size(), from + kAtOnce); ++i) some.emplace_back(ids[i]);
    const auto answer = api.post(target, json::serialize(json::object{{"items", std::move(some)}}));
    if (!answer) return std::unexpected{answer.error()};
    const json::object body = parse_object(answer->body);
    for (const json::value& id : array_at(body, word)) done.push_back(id);
    for (const json::value& id : array_at(body, "passed_over")) left.push_back(id);
  }
  json::object out;
  out[word] = std::move(done);
  out["passed_over"] = std::move(left);
  return out;
}

int print_done(Session& session, const Arguments& arguments, const Outcome<json::object>& done, std::string_view word,
               const std::string& file) {
  if (!done) return fail_with(session, arguments, done.error());
  json::object out = *done;
  if (!file.empty()) out["backup"] = file;
  if (arguments.has("--json")) return print_json(session, out);
  session.out << array_at(out, word).size() << ' ' << word;
  const auto& left = array_at(out, "passed_over");
  if (!left.empty()) session.out << ", " << left.size() << " passed over";
  session.out << (file.empty() ? "" : "; `holdfast queue restore " + file + "` brings them back") << "\n";
  return to_int(Exit::done);
}

std::vector<std::string> ids_of(const json::array& items) {
  std::vector<std::string> ids;
  for (const json::value& item : items)
    if (item.is_object() && item.get_object().contains("id"))
      ids.emplace_back(item.get_object().at("id").get_string());
  return ids;
}

/// Where the backup of a cleared queue goes if nobody says.
std::string backup_name(const Arguments& arguments) {
  if (arguments.has("--no-backup")) return {};
  if (arguments.has("--backup")) return arguments.text("--backup");
  return "holdfast-queue-" + arguments.text("NAME") + "-" + std::to_string(::time(nullptr)) + ".json";
}

}  // namespace

int handle_workers_list(Session& session, const Arguments& arguments) {
  const auto api = open_api(session, arguments);
  if (!api) return fail_with(session, arguments, api.error());
  const auto answer = api->get(std::string{route::kStatus});
  if (!answer) return fail_with(session, arguments, answer.error());
  const json::array workers = array_at(parse_object(answer->body), "workers");
  if (arguments.has("--json")) return print_json(session, json::object{{"data", workers}});
  print_rows(session, workers, {"kind", "pid", "state", "runs", "item"});
  return to_int(Exit::done);
}

int handle_workers_restart(Session& session, const Arguments& arguments) {
  const std::string target =
      std::string{route::kRecovery} + "/workers/" + percent_encode(arguments.text("KIND")) + "/restart";
  return post_and_show(session, arguments, target, [&](const json::object& body) {
    session.out << field_cell(body, "ended") << " ended; started again for the next work\n";
  });
}

int handle_queue_show(Session& session, const Arguments& arguments) {
  const auto api = open_api(session, arguments);
  if (!api) return fail_with(session, arguments, api.error());
  const std::string name = arguments.text("NAME");
  const auto answer = api->get(name.empty() ? std::string{route::kRecovery} + "/queues" : queue_route(name));
  if (!answer) return fail_with(session, arguments, answer.error());
  const json::object body = parse_object(answer->body);
  if (arguments.has("--json")) return print_json(session, body);
  if (!name.empty()) print_queue(session, body);
  for (const json::value& queue : array_at(body, "data")) print_queue(session, queue.as_object());
  print_rows(session, array_at(body, "items"), {"id", "owner", "recipe", "stage", "created_at", "held_for", "name"});
  return to_int(Exit::done);
}

int handle_queue_park(Session& session, const Arguments& arguments) {
  return post_and_show(session, arguments, queue_route(arguments.text("NAME"), "park"),
                       [&](const json::object& body) { print_queue(session, body); });
}

int handle_queue_resume(Session& session, const Arguments& arguments) {
  return post_and_show(session, arguments, queue_route(arguments.text("NAME"), "resume"),
                       [&](const json::object& body) { print_queue(session, body); });
}

int handle_queue_clear(Session& session, const Arguments& arguments) {
  const auto api = open_api(session, arguments);
  if (!api) return fail_with(session, arguments, api.error());
  const std::string name = arguments.text("NAME");
  const auto answer = api->get(queue_route(name));
  if (!answer) return fail_with(session, arguments, answer.error());
  json::object queue = parse_object(answer->body);
  const std::vector<std::string> ids = ids_of(array_at(queue, "items"));
  const std::string question = "Cancel " + std::to_string(ids.size()) + " items that wait in " + name + "?";
  if (!ids.empty() && !confirmed(session, arguments, question))
    return fail_with(session, arguments, usage_problem("nothing was cancelled: confirm it, or give --yes"));
  const std::string file = ids.empty() ? std::string{} : backup_name(arguments);
  if (!file.empty()) {
    const auto kept = write_backup(file, json::serialize(queue) + "\n");
    if (!kept) return fail_with(session, arguments, kept.error());
  }
  return print_done(session, arguments, post_items(*api, queue_route(name, "clear"), ids, "cancelled"), "cancelled",
                    file);
}

int handle_queue_restore(Session& session, const Arguments& arguments) {
  const auto ids = read_backup(arguments.text("FILE"));
  if (!ids) return fail_with(session, arguments, ids.error());
  const auto api = open_api(session, arguments);
  if (!api) return fail_with(session, arguments, api.error());
  return print_done(session, arguments, post_items(*api, std::string{route::kRecovery} + "/restore", *ids, "restored"),
                    "restored", "");
}

int handle_cache_clear(Session& session, const Arguments& arguments) {
  return post_and_show(session, arguments, std::string{route::kRecovery} + "/cache/clear",
                       [&](const json::object&) { session.out << "Nothing that was cached is answered any more.\n"; });
}

}  // namespace holdfast::cli
