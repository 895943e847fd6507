#include "app/cli/api.hpp"

#include <boost/json.hpp>

#include "app/cli/command.hpp"
#include "app/cli/session.hpp"
#include "app/config/toml_file.hpp"
#include "core/catalogue/catalogue.hpp"

namespace holdfast::cli {

namespace {

namespace json = boost::json;

constexpr std::size_t kTokenMax = 16U << 10U;
/// Added to the time that the server is asked to hold an answer.
constexpr milliseconds kHoldSlack{15'000};

Exit exit_of_status(unsigned status) {
  if (status == 401 || status == 403) return Exit::not_allowed;
  if (status == 429 || status == 503 || status == 507) return Exit::refused_for_now;
  return Exit::failed;
}

std::string text_of(const json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string{value->as_string()} : "";
}

/// Words of the server where it gave any, of the catalogue for its code otherwise.
Problem problem_of(const Response& response) {
  json::error_code broken;
  const json::value parsed = json::parse(response.body, broken);
  const json::object fields = !broken && parsed.is_object() ? parsed.get_object() : json::object{};
  const std::string code = text_of(fields, "code");
  const auto& entry = catalogue::describe(code);
  Problem problem{.exit = exit_of_status(response.status),
                  .code = code,
                  .message = text_of(fields, "detail"),
                  .what_to_do = text_of(fields, "what_to_do")};
  if (problem.code.empty()) problem.code = kBadAnswer;
  if (problem.message.empty()) problem.message = text_of(fields, "title");
  if (problem.message.empty())
    problem.message = "the server answered with status " + std::to_string(response.status);
  if (problem.what_to_do.empty() && !code.empty()) problem.what_to_do = entry.what_to_do;
  const auto* const retryable = fields.if_contains("retryable");
  problem.retryable = retryable != nullptr && retryable->is_bool() ? retryable->get_bool()
                                                                   : problem.exit == Exit::refused_for_now;
  if (const std::string after = response.header("retry-after"); !after.empty()) {
    problem.what_to_do += (problem.what_to_do.empty() ? "Try again in " : " Try again in ") + after + " s.";
  }
  return problem;
}

Result<std::string> configured_url(Session& session, const Arguments& arguments) {
  if (arguments.has("--server")) return arguments.text("--server");
  if (const std::string named = lookup(session.environment, "HOLDFAST_SERVER"); !named.empty()) return named;
  HF_TRY(const auto loaded, load_configuration(session, arguments));
  std::string listen = loaded.settings.server.listen;
  if (listen.ends_with(":0")) {
    return fail(ErrorClass::invalid, kUsage,
                "server.listen is " + listen + ", so only the server knows its port; give --server URL");
  }
  if (listen.starts_with("0.0.0.0:")) listen.replace(0, 7, "127.0.0.1");
  if (listen.starts_with("[::]:")) listen.replace(0, 4, "[::1]");
  return "http://" + listen;
}

Result<std::string> token_of(const Session& session) {
  const std::string path = lookup(session.environment, "HOLDFAST_TOKEN_FILE");
  if (path.empty()) return std::string{};
  HF_TRY(std::string token, config::read_text(path, kTokenMax));
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
  const bool clean = token.find_first_of("\r\n") == std::string::npos;
  if (!clean) return fail(ErrorClass::invalid, "HF-CFG-01", path + " must hold one line, the token");
  return token;
}

}  // namespace

std::string route::item(const std::string& id) { return std::string{kItems} + "/" + percent_encode(id); }

std::string route::dead_letter(const std::string& id) {
  return std::string{kDeadLetters} + "/" + percent_encode(id);
}

std::string route::transcript(const std::string& id, const std::string& format) {
  return item(id) + "/transcript." + format;
}

Outcome<Response> Api::call(Request request) const {
  if (!token_.empty()) request.headers.emplace_back("Authorization", "Bearer " + token_);
  auto response = exchange(address_, request, timeouts_);
  if (!response) return std::unexpected{to_problem(response.error())};
  if (response->status >= 400) return std::unexpected{problem_of(*response)};
  return std::move(*response);
}

Outcome<Response> Api::get(std::string target) const {
  return call({.method = "GET", .target = std::move(target)});
}

Outcome<Response> Api::post(std::string target, std::string body) const {
  Request request{.method = "POST", .target = std::move(target)};
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  request.body = std::move(body);
  return call(std::move(request));
}

Outcome<Response> Api::item(const std::string& id, milliseconds wait) const {
  Request request{.method = "GET", .target = route::item(id)};
  if (wait.count() >= 1000)
    request.headers.emplace_back("Prefer", "wait=" + std::to_string(wait.count() / 1000));
  Api patient = *this;
  patient.timeouts_.answer = wait + kHoldSlack;
  return patient.call(std::move(request));
}

Outcome<Api> open_api(Session& session, const Arguments& arguments) {
  const auto url = configured_url(session, arguments);
  if (!url) return std::unexpected{to_problem(url.error())};
  auto address = parse_address(*url);
  if (!address) return std::unexpected{to_problem(address.error())};
  auto token = token_of(session);
  if (!token) return std::unexpected{to_problem(token.error())};
  return Api{std::move(*address), std::move(*token), session.timeouts};
}

}  // namespace holdfast::cli
