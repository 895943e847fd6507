#include "app/drill/instance.hpp"

#include <csignal>
#include <fstream>
#include <iterator>

#include "app/drill/drill.hpp"

namespace holdfast::drill {
namespace {

namespace json = boost::json;

constexpr milliseconds kStartMax{60'000};
constexpr milliseconds kDrainMax{60'000};
constexpr milliseconds kCommandMax{120'000};
constexpr std::string_view kListening = "listening on ";
constexpr std::size_t kTail = 12;  ///< lines of a log

/// Of the player's environment an instance gets these: anything else could change what is drilled.
constexpr std::string_view kKept[] = {"PATH", "HOME", "LANG", "HOLDFAST_CACHE", "XDG_CACHE_HOME",
                                      "HOLDFAST_MODELS_DIR", "HOLDFAST_RECIPES_DIR", "HOLDFAST_CAPACITY_THREADS"};

/// Waits are short in a drill: what they wait for is broken and mended by it.
constexpr std::pair<std::string_view, std::string_view> kQuick[] = {
    {"HOLDFAST_RECOVERY_CONVERT_BACKOFF_BASE", "100 ms"},    {"HOLDFAST_RECOVERY_CONVERT_BACKOFF_CEILING", "500 ms"},
    {"HOLDFAST_RECOVERY_TRANSCRIBE_BACKOFF_BASE", "100 ms"}, {"HOLDFAST_RECOVERY_TRANSCRIBE_BACKOFF_CEILING", "500 ms"},
    {"HOLDFAST_RECOVERY_GENERATE_BACKOFF_BASE", "100 ms"},   {"HOLDFAST_RECOVERY_GENERATE_BACKOFF_CEILING", "500 ms"},
    {"HOLDFAST_ENGINE_PROBE_EVERY", "500 ms"}};

std::unexpected<Error> broken(const std::string& what) { return fail(ErrorClass::permanent, kBroken, what); }

Result<json::object> well(const std::string& target, const Result<cli::Response>& answer) {
  if (!answer) return std::unexpected{answer.error()};
  if (answer->status < 200 || answer->status > 299)
    return broken(target + " answered " + std::to_string(answer->status) + ": " + answer->body.substr(0, 400));
  return cli::parse_object(answer->body);
}

}  // namespace

Instance::Instance(Place place, Setup setup) : place_{std::move(place)}, setup_{std::move(setup)} {
  for (const char* name : {"tmp", "config"}) std::filesystem::create_directories(place_.folder / name);
}

std::map<std::string, std::string> Instance::variables() const {
  std::map<std::string, std::string> out;
  for (const std::string_view name : kKept) {
    if (const std::string value = lookup(place_.environment, name); !value.empty()) out.emplace(name, value);
  }
  out["TMPDIR"] = (place_.folder / "tmp").string();
  out["XDG_CONFIG_HOME"] = (place_.folder / "config").string();
  for (const auto& [name, value] : kQuick) out[std::string{name}] = value;
  for (const auto& [name, value] : setup_.settings) out[name] = value;
  if (!setup_.config.empty()) out["HOLDFAST_CONFIG"] = (place_.folder / "holdfast.toml").string();
  return out;
}

Result<void> Instance::start() {
  if (!setup_.config.empty()) std::ofstream{place_.folder / "holdfast.toml"} << setup_.config;
  std::vector<std::string> words{place_.program, "serve", "--data", data().string(), "--listen", "127.0.0.1:0"};
  if (setup_.single_user) words.emplace_back("--single-user");
  const Child::Order order{.words = std::move(words),
                           .variables = variables(),
                           .folder = place_.folder,
                           .log = place_.folder / "server.log"};
  HF_TRY(process_, Child::start(order));
  const auto line = process_.line(kStartMax);
  if (!line || !line->starts_with(kListening))
    return broken("the server did not begin to listen; its log ends in: " + log_tail());
  url_ = line->substr(kListening.size());
  return {};
}

void Instance::kill9() { process_.kill(); }

Result<void> Instance::drain() {
  HF_TRY(const int code, process_.end(kDrainMax));
  if (code != 0) return broken("the server drained and ended in " + std::to_string(code));
  return {};
}

Result<std::string> Instance::set_up_token() {
  HF_TRY(const std::string line, process_.line(kStartMax));
  const auto mark = line.rfind('=');
  if (mark == std::string::npos) return broken("no link for the first user was printed");
  return line.substr(mark + 1);
}

std::string Instance::log_tail() const {
  std::ifstream file{place_.folder / "server.log"};
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  std::string tail;
  for (std::size_t i = lines.size() - std::min(lines.size(), kTail); i < lines.size(); ++i) tail += lines[i] + "\n";
  return tail;
}

Result<cli::Response> Instance::exchange(cli::Request request, const std::string& token) const {
  HF_TRY(const cli::Address address, cli::parse_address(url_));
  const std::string& whose = token.empty() ? token_ : token;
  if (!whose.empty()) request.headers.emplace_back("Authorization", "Bearer " + whose);
  return cli::exchange(address, request, cli::Timeouts{});
}

Result<cli::Response> Instance::ask(const std::string& method, const std::string& target, const std::string& json_body,
                                    const std::string& token) const {
  cli::Request request{.method = method, .target = target, .body = json_body};
  if (!json_body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  return exchange(std::move(request), token);
}

Result<json::object> Instance::get(const std::string& target, const std::string& token) const {
  return well(target, ask("GET", target, "", token));
}

Result<json::object> Instance::post(const std::string& target, const std::string& json_body,
                                    const std::string& token) const {
  return well(target, ask("POST", target, json_body, token));
}

Result<json::object> Instance::post_form(const std::string& target, const std::string& form) const {
  cli::Request request{.method = "POST", .target = target, .body = form};
  request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  return well(target, exchange(std::move(request), ""));
}

Result<cli::Response> Instance::offer(const Upload& upload) {
  cli::Request request{.method = "POST", .body = upload.content};
  request.target =
      "/api/v1/items?recipe=" + cli::percent_encode(upload.recipe) + "&name=" + cli::percent_encode(upload.name);
  if (!upload.mode.empty()) request.target += "&mode=" + cli::percent_encode(upload.mode);
  request.headers.emplace_back("Content-Type", "application/octet-stream");
  if (!upload.key.empty()) request.headers.emplace_back("Idempotency-Key", upload.key);
  HF_TRY(cli::Response answer, exchange(std::move(request), upload.token));
  const std::string id = cli::text_at(cli::parse_object(answer.body), "id");
  const std::scoped_lock lock{guard_};
  if (answer.status < 300 && !id.empty()) acknowledged_[id] = upload.content;
  return answer;
}

Result<std::string> Instance::send(const Upload& upload) {
  HF_TRY(const json::object answer, well("the upload", offer(upload)));
  return cli::text_at(answer, "id");
}

Result<json::object> Instance::item(const std::string& id, const std::string& token) const {
  return get("/api/v1/items/" + id, token);
}

Result<cli::ChildEnd> Instance::command(std::vector<std::string> words) const {
  const auto passed = variables();
  cli::Child child{.words = std::move(words), .environment = {passed.begin(), passed.end()}, .time_max = kCommandMax};
  child.words.insert(child.words.begin(), place_.program);
  child.environment["HOLDFAST_SERVER"] = url_;
  child.environment["HOLDFAST_DATA"] = data().string();
  return cli::run_child(child);
}

Result<bool> Instance::is_there(const std::string& id, const std::string& content) const {
  HF_TRY(const cli::Response answer, ask("GET", "/api/v1/items/" + id));
  if (answer.status == 404) return false;
  HF_TRY(const json::object item, well("the item", Result<cli::Response>{answer}));
  if (!cli::text_at(item, "discarded").empty()) return true;
  if (const auto& input = cli::object_at(item, "input"); input.contains("text") && input.at("text").is_string())
    return cli::text_at(input, "text") == content;
  HF_TRY(const cli::Response file, ask("GET", "/api/v1/items/" + id + "/media"));
  const bool expired = file.status == 410 && cli::text_at(cli::parse_object(file.body), "code") == "HF-ITM-09";
  return (expired && setup_.files_expire) || (file.status == 200 && file.body == content);
}

Result<unsigned> Instance::lost() const {
  unsigned lost = 0;
  for (const auto& [id, content] : acknowledged_) {
    HF_TRY(const bool there, is_there(id, content));
    lost += there ? 0 : 1;
  }
  return lost;
}

}  // namespace holdfast::drill
