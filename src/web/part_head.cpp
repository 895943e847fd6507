#include "web/part_head.hpp"

#include <algorithm>

#include "web/header_value.hpp"
#include "web/uri.hpp"

namespace holdfast::web {
namespace {

constexpr std::size_t kLinesMax = 32;

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char letter) {
    const auto code = static_cast<unsigned char>(letter);
    return (code < 0x20 && code != '\t') || code == 0x7F;
  });
}

/// Browsers write `"`, CR and LF in names as %22, %0D and %0A, and nothing else. Source: WHATWG HTML, form
/// submission.
std::string unescape_browser(std::string text) {
  struct Escape {
    std::string_view from;
    char to;
  };
  for (const auto& [from, to] : {Escape{"%22", '"'}, Escape{"%0D", '\r'}, Escape{"%0A", '\n'}}) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + 1)) {
      text.replace(at, from.size(), 1, to);
    }
  }
  return text;
}

/// UTF-8''na%C3%AFve.mp4
Result<std::string> decode_extended(std::string_view text) {
  const auto charset_end = text.find('\'');
  const auto language_end =
      charset_end == std::string_view::npos ? charset_end : text.find('\'', charset_end + 1);
  if (language_end == std::string_view::npos || !equals_ignoring_case(text.substr(0, charset_end), "UTF-8")) {
    return malformed_part("filename* is not in UTF-8");
  }
  auto decoded = percent_decode(text.substr(language_end + 1), false);
  if (!decoded) return malformed_part("filename* is not well formed");
  return decoded;
}

Result<void> take_disposition(std::string_view value, PartHead& head) {
  const auto parsed = parse_parameterized(value);
  if (!parsed || parsed->value != "form-data")
    return malformed_part("a part's Content-Disposition is not form-data");
  const std::string* name = parsed->find("name");
  if (name == nullptr) return malformed_part("a part has no name");
  head.name = unescape_browser(*name);
  if (const std::string* file_name = parsed->find("filename")) head.file_name = unescape_browser(*file_name);
  if (const std::string* extended = parsed->find("filename*")) {
    HF_TRY(head.file_name, decode_extended(*extended));
  }
  return {};
}

Result<void> take_encoding(std::string_view value, ParsedPartHead& out) {
  const std::string encoding = lower(value);
  out.base64 = encoding == "base64";
  const bool plain = encoding == "7bit" || encoding == "8bit" || encoding == "binary";
  if (!out.base64 && !plain) return malformed_part("a part's transfer encoding is not known here");
  return {};
}

Result<void> take_head_line(std::string_view line, ParsedPartHead& out, std::vector<std::string>& seen) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)) || has_control(line)) {
    return malformed_part("a header line of a part is not well formed");
  }
  const std::string name = lower(line.substr(0, colon));
  const auto value = trimmed(line.substr(colon + 1));
  if (std::ranges::find(seen, name) != seen.end() || seen.size() == kLinesMax) {
    return malformed_part("a part has a header line twice, or too many");
  }
  seen.push_back(name);
  if (name == "content-disposition") return take_disposition(value, out.head);
  if (name == "content-transfer-encoding") return take_encoding(value, out);
  if (name == "content-type") out.head.content_type = value;
  return {};
}

}  // namespace

Result<ParsedPartHead> parse_part_head(std::string_view text) {
  ParsedPartHead out;
  std::vector<std::string> seen;
  while (!text.empty()) {
    const auto end = text.find("\r\n");
    if (end == std::string_view::npos) return malformed_part("a header line of a part does not end in CR LF");
    HF_TRY_VOID(take_head_line(text.substr(0, end), out, seen));
    text.remove_prefix(end + 2);
  }
  if (std::ranges::find(seen, "content-disposition") == seen.end())
    return malformed_part("a part has no Content-Disposition");
  return out;
}

}  // namespace holdfast::web
