#include "web/response.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "web/header_value.hpp"

namespace holdfast::web {
namespace {

using Field = std::pair<std::string_view, std::string_view>;

/// On every answer. Source: OWASP Secure Headers Project; Content Security Policy Level 3.
constexpr std::array<Field, 7> kSecurity{
    {{"Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
      "media-src 'self'; "
      "frame-ancestors 'none'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'"},
     {"X-Content-Type-Options", "nosniff"},
     {"Referrer-Policy", "same-origin"},
     {"Cross-Origin-Opener-Policy", "same-origin"},
     {"Cross-Origin-Resource-Policy", "same-origin"},
     {"X-Frame-Options", "DENY"},
     {"Cache-Control", "no-store"}}};

bool is_safe(std::string_view value) {
  return std::ranges::none_of(
      value, [](char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F; });
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  if (!is_safe(value)) return;
  out.append(name).append(": ").append(value).append("\r\n");
}

/// 204 and 304 have no body and no length.
bool may_have_body(unsigned status) { return status >= 200 && status != 204 && status != 304; }

void append_framing(std::string& out, const Response& response, const Framing& framing) {
  append_field(out, "Connection", framing.keep_alive ? "keep-alive" : "close");
  if (!may_have_body(response.status)) return;
  if (framing.chunked) return append_field(out, "Transfer-Encoding", "chunked");
  if (!response.stream) return append_field(out, "Content-Length", std::to_string(response.body.size()));
  if (response.stream_bytes) append_field(out, "Content-Length", std::to_string(*response.stream_bytes));
}

}  // namespace

Response& Response::with(std::string name, std::string value) & {
  fields.emplace_back(std::move(name), std::move(value));
  return *this;
}

Response&& Response::with(std::string name, std::string value) && {
  return std::move(with(std::move(name), std::move(value)));
}

bool Response::has(std::string_view name) const {
  return std::ranges::any_of(fields,
                             [name](const auto& field) { return equals_ignoring_case(field.first, name); });
}

Response make_response(unsigned status, std::string media_type, std::string body) {
  Response response{.status = status};
  response.with("Content-Type", std::move(media_type));
  response.body = std::move(body);
  return response;
}

std::string to_head(const Response& response, const Framing& framing) {
  std::string out = "HTTP/1.1 " + std::to_string(response.status) + " ";
  out.append(reason_of(response.status)).append("\r\n");
  append_field(out, "Date", to_http_date(framing.now));
  for (const auto& [name, value] : response.fields) append_field(out, name, value);
  for (const auto& [name, value] : kSecurity) {
    if (!response.has(name)) append_field(out, name, value);
  }
  append_framing(out, response, framing);
  return out + "\r\n";
}

std::string to_http_date(WallTime time) {
  static constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
  std::array<char, 64> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                    kDays[std::chrono::weekday{day}.c_encoding()], static_cast<unsigned>(date.day()),
                    kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                    static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                    static_cast<int>(clock.seconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

std::string_view reason_of(unsigned status) {
  struct Reason {
    unsigned status;
    std::string_view words;
  };
  static constexpr std::array kReasons{Reason{200, "OK"},
                                       Reason{201, "Created"},
                                       Reason{202, "Accepted"},
                                       Reason{204, "No Content"},
                                       Reason{206, "Partial Content"},
                                       Reason{304, "Not Modified"},
                                       Reason{400, "Bad Request"},
                                       Reason{401, "Unauthorized"},
                                       Reason{403, "Forbidden"},
                                       Reason{404, "Not Found"},
                                       Reason{405, "Method Not Allowed"},
                                       Reason{406, "Not Acceptable"},
                                       Reason{408, "Request Timeout"},
                                       Reason{409, "Conflict"},
                                       Reason{413, "Content Too Large"},
                                       Reason{415, "Unsupported Media Type"},
                                       Reason{416, "Range Not Satisfiable"},
                                       Reason{421, "Misdirected Request"},
                                       Reason{422, "Unprocessable Content"},
                                       Reason{429, "Too Many Requests"},
                                       Reason{431, "Request Header Fields Too Large"},
                                       Reason{500, "Internal Server Error"},
                                       Reason{502, "Bad Gateway"},
                                       Reason{503, "Service Unavailable"},
                                       Reason{507, "Insufficient Storage"}};
  const auto* const found = std::ranges::find(kReasons, status, &Reason::status);
  return found == kReasons.end() ? "Unknown" : found->words;
}

}  // namespace holdfast::web
