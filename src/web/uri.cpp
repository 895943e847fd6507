#include "web/uri.hpp"

#include <algorithm>

namespace holdfast::web {
namespace {

constexpr std::size_t kQueryParametersMax = 64;
constexpr std::string_view kHex = "0123456789ABCDEF";

int hex_value(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
  if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
  return -1;
}

std::unexpected<Error> malformed_uri(std::string what) {
  return fail(ErrorClass::invalid, "HF-REQ-01", std::move(what));
}

std::string_view take_until(std::string_view& rest, char mark) {
  const auto end = std::min(rest.find(mark), rest.size());
  const auto piece = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return piece;
}

Result<void> take_query_parameter(std::string_view text, QueryParameters& query) {
  const auto name_text = take_until(text, '=');
  HF_TRY(std::string name, percent_decode(name_text, true));
  HF_TRY(std::string value, percent_decode(text, true));
  const bool twice = std::ranges::any_of(query, [&name](const auto& pair) { return pair.first == name; });
  if (twice || query.size() == kQueryParametersMax)
    return malformed_uri("the query names a parameter twice or has too many");
  query.emplace_back(std::move(name), std::move(value));
  return {};
}

}  // namespace

Result<std::string> percent_decode(std::string_view text, bool form) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += form && text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
    if (high < 0 || low < 0 || high + low == 0)
      return malformed_uri("a % in the address is not followed by two digits");
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    const bool plain = (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
                       (letter >= 'A' && letter <= 'Z') || letter == '-' || letter == '.' || letter == '_' ||
                       letter == '~';
    if (plain) {
      out += letter;
      continue;
    }
    const auto code = static_cast<unsigned char>(letter);
    out += '%';
    out += kHex[code >> 4U];
    out += kHex[code & 15U];
  }
  return out;
}

std::string Target::query_value(std::string_view name) const {
  const auto found = std::ranges::find_if(query, [name](const auto& pair) { return pair.first == name; });
  return found == query.end() ? std::string{} : found->second;
}

Result<Target> parse_target(std::string_view target) {
  std::string_view path = take_until(target, '?');
  if (path.starts_with('/')) path.remove_prefix(1);
  Target out;
  while (!path.empty()) {
    const bool slash_at_end = path.ends_with('/') && path.find('/') == path.size() - 1;
    HF_TRY(std::string segment, percent_decode(take_until(path, '/'), false));
    out.segments.push_back(std::move(segment));
    if (slash_at_end) out.segments.emplace_back();
  }
  while (!target.empty()) {
    const auto parameter = take_until(target, '&');
    if (!parameter.empty()) HF_TRY_VOID(take_query_parameter(parameter, out.query));
  }
  return out;
}

}  // namespace holdfast::web
