#include "web/request_head.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/base/digit.hpp"
#include "web/header_value.hpp"

namespace holdfast::web {
namespace {

constexpr std::array<std::string_view, 9> kOnce{"host",          "content-length",  "transfer-encoding",
                                                "content-type",  "expect",          "origin",
                                                "authorization", "idempotency-key", "range"};
constexpr std::size_t kLengthDigitsMax = 18;

std::unexpected<Error> malformed_head(std::string what) {
  return fail(ErrorClass::invalid, "HF-REQ-01", std::move(what));
}

/// The next line without its CRLF, which every line must have.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  if (end == std::string_view::npos || end == 0 || rest[end - 1] != '\r') return std::nullopt;
  const auto line = rest.substr(0, end - 1);
  rest.remove_prefix(end + 1);
  return line;
}

/// Tab, space, visible ASCII and bytes above it. Bare CR, NUL and the like are none of these.
bool is_field_text(std::string_view text) {
  return std::ranges::all_of(text, [](char letter) {
    const auto code = static_cast<unsigned char>(letter);
    return code == '\t' || (code >= 0x20 && code != 0x7F);
  });
}

bool is_target(std::string_view text) {
  const auto visible = [](char letter) { return letter > 0x20 && letter < 0x7F; };
  return !text.empty() && text.front() == '/' && std::ranges::all_of(text, visible);
}

Result<void> take_request_line(std::string_view line, RequestHead& head) {
  const auto first = line.find(' ');
  const auto second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos) return malformed_head("the request line is not well formed");
  const auto method = line.substr(0, first);
  const auto target = line.substr(first + 1, second - first - 1);
  const auto version = line.substr(second + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0")
    return malformed_head("only HTTP/1.1 and HTTP/1.0 are spoken here");
  if (target.size() > RequestHead::kTargetMax) {
    return fail(ErrorClass::invalid, "HF-REQ-08", "the address is too long");
  }
  if (!is_token(method) || !is_target(target)) return malformed_head("the request line is not well formed");
  head.method = method;
  head.target = target;
  head.minor = version.back() == '1' ? 1 : 0;
  return {};
}

Result<void> take_field(std::string_view line, RequestHead& head) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)) || !is_field_text(line)) {
    return malformed_head("a header line is not well formed");
  }
  if (head.fields.size() == RequestHead::kFieldsMax) {
    return fail(ErrorClass::invalid, "HF-REQ-08", "there are too many header fields");
  }
  std::string name = lower(line.substr(0, colon));
  if (std::ranges::find(kOnce, name) != kOnce.end() && head.has(name)) {
    return malformed_head("the header field " + name + " stands there twice");
  }
  head.fields.emplace_back(std::move(name), trimmed(line.substr(colon + 1)));
  return {};
}

Result<void> take_length(RequestHead& head) {
  const std::string length = head.field("content-length");
  if (length.empty() || length.size() > kLengthDigitsMax || !std::ranges::all_of(length, is_digit)) {
    return malformed_head("Content-Length is not one number");
  }
  std::uint64_t bytes = 0;
  std::from_chars(length.data(), length.data() + length.size(), bytes);
  head.content_length = bytes;
  return {};
}

Result<void> decide_framing(RequestHead& head) {
  const bool encoded = head.has("transfer-encoding");
  if (encoded && head.has("content-length"))
    return malformed_head("Content-Length and Transfer-Encoding contradict");
  if (encoded && (head.minor == 0 || !equals_ignoring_case(head.field("transfer-encoding"), "chunked"))) {
    return malformed_head("the only transfer encoding is chunked");
  }
  head.chunked = encoded;
  if (head.has("content-length")) return take_length(head);
  return {};
}

}  // namespace

std::string RequestHead::field(std::string_view name) const {
  std::string joined;
  for (const auto& [key, value] : fields) {
    if (key != name) continue;
    if (!joined.empty()) joined += ", ";
    joined += value;
  }
  return joined;
}

bool RequestHead::has(std::string_view name) const {
  return std::ranges::any_of(fields, [name](const auto& field) { return field.first == name; });
}

Result<RequestHead> parse_head(std::string_view text) {
  RequestHead head;
  const auto request_line = take_line(text);
  if (!request_line) return malformed_head("the request line is not well formed");
  HF_TRY_VOID(take_request_line(*request_line, head));
  for (;;) {
    const auto line = take_line(text);
    if (!line) return malformed_head("a header line does not end in CR LF");
    if (line->empty()) break;
    HF_TRY_VOID(take_field(*line, head));
  }
  if (!text.empty()) return malformed_head("the header does not end where it should");
  if (head.field("host").empty()) return malformed_head("the Host header is missing");
  HF_TRY_VOID(decide_framing(head));
  return head;
}

}  // namespace holdfast::web
