#include "core/media/text_kind.hpp"

#include <algorithm>
#include <array>

namespace holdfast::media {
namespace {

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool begins(std::string_view text, std::string_view with) {
  return text.size() >= with.size() && std::ranges::equal(text.substr(0, with.size()), with, {}, lower);
}

bool is_space(char letter) { return letter == ' ' || (letter >= '\t' && letter <= '\r'); }

std::string_view without_lead(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  return text;
}

/// Bytes of the character that begins with `first`; 0: none can. Source: RFC 3629.
std::size_t character_bytes(unsigned char first) {
  if (first < 0x80) return first >= ' ' && first != 0x7f ? 1 : 0;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

/// UTF-8 without control characters; the last character may be cut off.
bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size =
        is_space(text.front()) ? 1 : character_bytes(static_cast<unsigned char>(text.front()));
    const std::string_view rest = text.substr(1, size - 1);
    const auto continues = [](char letter) { return (static_cast<unsigned char>(letter) & 0xc0U) == 0x80U; };
    if (size == 0 || !std::ranges::all_of(rest, continues)) return false;
    text.remove_prefix(std::min(size, text.size()));
  }
  return true;
}

/// Words, in lower case, with which files begin that name other files or are played along with them.
constexpr std::array<std::string_view, 16> kPointing{
    "#extm3u", "ffconcat",  "[playlist]", "[reference]",   "v=0",     "<?xml", "<mpd",         "<smil",
    "<asx",    "<playlist", "webvtt",     "[script info]", "file \"", "rem ",  "performer \"", "rtsp"};

}  // namespace

Sniffed sniff_text(std::string_view head) {
  if (head.starts_with("\xff\xfe") || head.starts_with("\xfe\xff")) {
    return {.family = Family::text, .media_type = "text/plain"};
  }
  const std::string_view text = without_lead(head);
  for (const std::string_view word : kPointing) {
    if (begins(text, word)) return {.family = Family::playlist, .media_type = "text/plain"};
  }
  if (begins(text, "<!doctype html") || begins(text, "<html"))
    return {.family = Family::text, .media_type = "text/html"};
  if (text.empty() || !is_utf8(text)) return {};
  return {.family = Family::text, .media_type = "text/plain"};
}

}  // namespace holdfast::media
