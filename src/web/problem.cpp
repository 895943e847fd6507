#include "web/problem.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "core/catalogue/catalogue.hpp"
#include "core/transcript/text.hpp"
#include "flow/views/json_text.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;

constexpr std::size_t kDetailMax = 200;

/// Codes whose own words do not say what exactly was wrong with the request.
bool leaves_out_what_was_wrong(std::string_view code) {
  constexpr std::array<std::string_view, 5> kOthers{"HF-UPL-10", "HF-TXT-01", "HF-ADM-04", "HF-QUE-03", "HF-ITM-08"};
  return code.starts_with("HF-REQ") || code.starts_with("HF-ACC") ||
         std::ranges::find(kOthers, code) != kOthers.end();
}

/// Only sentences of our own about what the sender sent. They are cut: some name what they are about.
std::string detail_of(const Error& error, const catalogue::Entry& entry) {
  std::string detail{entry.message};
  const bool about_request = error.error_class() == ErrorClass::invalid && !error.what().empty();
  if (!about_request || !leaves_out_what_was_wrong(error.code())) return detail;
  return detail + " (" + transcript::to_valid_utf8(error.what().substr(0, kDetailMax)) + ")";
}

}  // namespace

Response to_problem(const Error& error, std::string_view request_id, std::optional<unsigned> retry_after_s) {
  const catalogue::Entry& entry = catalogue::describe(error.code());
  json::object body{{"type", "/problems/" + std::string{entry.code}},
                    {"title", entry.title},
                    {"status", entry.status},
                    {"detail", detail_of(error, entry)},
                    {"code", entry.code},
                    {"retryable", entry.retryable},
                    {"what_to_do", entry.what_to_do},
                    {"instance", request_id}};
  for (const auto& [name, value] : error.facts()) body[name] = value;
  Response response = make_response(entry.status, std::string{kProblemType}, {});
  if (const unsigned wait = retry_after_s.value_or(entry.retry_after_s); wait > 0) {
    body["retry_after"] = wait;
    response.with("Retry-After", std::to_string(wait));
  }
  if (entry.status == 401) response.with("WWW-Authenticate", "Bearer realm=\"holdfast\"");
  response.body = views::to_text(body) + "\n";
  return response;
}

}  // namespace holdfast::web
