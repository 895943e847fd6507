#include "web/dialect/error.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "core/catalogue/catalogue.hpp"
#include "core/transcript/text.hpp"
#include "flow/views/json_text.hpp"

namespace holdfast::web::dialect {
namespace {

namespace json = boost::json;

constexpr std::size_t kReasonMax = 300;
/// Longer waits are not believed by some clients, and end the retries of others.
constexpr unsigned kRetryAfterMax = 60;

unsigned status_of(const catalogue::Entry& entry) { return entry.code.starts_with("HF-ADM") ? 429 : entry.status; }

std::string_view type_of(const catalogue::Entry& entry) {
  const unsigned status = status_of(entry);
  if (entry.code == "HF-OAI-02") return "model_not_found";
  if (status == 401) return "authentication_error";
  if (status == 403) return "permission_error";
  if (status == 429) return "rate_limit_error";
  return status < 500 ? "invalid_request_error" : "server_error";
}

/// What stands before the first colon of what is said of a parameter.
json::value param_of(const Error& error) {
  if (error.code() == "HF-OAI-02") return "model";
  if (error.code() != "HF-OAI-01") return nullptr;
  return json::string{transcript::to_valid_utf8(error.what().substr(0, std::min(error.what().find(':'), kReasonMax)))};
}

/// What exactly was wrong is said of the caller's own words alone: anything else may speak of our insides.
std::string message_of(const Error& error, const catalogue::Entry& entry) {
  std::string message{entry.message};
  const bool about_request = entry.code.starts_with("HF-OAI") || entry.code.starts_with("HF-REQ");
  if (about_request && !error.what().empty())
    message += " (" + transcript::to_valid_utf8(error.what().substr(0, kReasonMax)) + ")";
  return message + " " + std::string{entry.what_to_do};
}

json::object error_object(const Error& error, const catalogue::Entry& entry) {
  return {{"error",
           {{"message", message_of(error, entry)},
            {"type", type_of(entry)},
            {"param", param_of(error)},
            {"code", entry.code}}}};
}

}  // namespace

bool speaks(std::string_view target) { return target.starts_with("/v1/") || target == "/v1"; }

Response to_openai_error(const Error& error, Again again) {
  const catalogue::Entry& entry = catalogue::describe(error.code());
  const unsigned status = status_of(entry);
  Response response =
      make_response(status, "application/json", views::to_text(error_object(error, entry)) + "\n");
  const bool may = again == Again::as_the_code_says && entry.retryable;
  if (may && entry.retry_after_s > 0)
    response.with("Retry-After", std::to_string(std::min(entry.retry_after_s, kRetryAfterMax)));
  if (status >= 409) response.with("X-Should-Retry", may ? "true" : "false");
  if (status == 401) response.with("WWW-Authenticate", "Bearer realm=\"holdfast\"");
  return response;
}

std::string to_error_event(const Error& error) {
  return "event: error\ndata: " + views::to_text(error_object(error, catalogue::describe(error.code()))) + "\n\n";
}

std::unexpected<Error> refuse(std::string_view param, std::string_view why) {
  return fail(ErrorClass::invalid, "HF-OAI-01", std::string{param} + ": " + std::string{why});
}

}  // namespace holdfast::web::dialect
