#include "core/grounding/clean.hpp"

#include <algorithm>

#include "core/grounding/utf8.hpp"

namespace holdfast::grounding {
namespace {

bool blank(char32_t c) {
  return c <= 0x20 || within(c, 0x7f, 0xa0) || c == 0x1680 || within(c, 0x2000, 0x200a) ||
         within(c, 0x2028, 0x2029) || c == 0x202f || c == 0x205f || c == 0x3000;
}

/// Zero width, soft hyphen, marks of writing direction, byte order mark, annotations, tags, variation
/// selectors beyond the emoji ones, and what is no character at all. U+200D stays: it joins emoji and letters
/// of Indic scripts.
bool invisible(char32_t c) {
  return c == 0xad || c == 0x61c || c == 0x180e || within(c, 0x200b, 0x200c) || within(c, 0x200e, 0x200f) ||
         within(c, 0x202a, 0x202e) || within(c, 0x2060, 0x206f) || c == 0xfeff || within(c, 0xfff0, 0xfffb) ||
         within(c, 0xfdd0, 0xfdef) || (c & 0xfffeU) == 0xfffeU || within(c, 0xe0000, 0xe0fff);
}

}  // namespace

std::string clean_text(std::string_view text, std::size_t characters_max) {
  std::string out;
  std::size_t count = 0;
  bool gap = false;
  while (!text.empty()) {
    const char32_t c = take_character(text);
    if (invisible(c)) continue;
    if (blank(c)) {
      gap = true;
      continue;
    }
    const std::size_t needed = gap && !out.empty() ? 2 : 1;
    if (count + needed > characters_max) break;
    if (needed == 2) out += ' ';
    put_character(out, c);
    count += needed;
    gap = false;
  }
  return out;
}

std::string whole_sentences(std::string text) {
  constexpr std::string_view kEnds = ".!?";
  for (std::size_t at = text.find_last_of(kEnds); at != std::string::npos && at > 0;
       at = text.find_last_of(kEnds, at - 1)) {
    const bool ends = at + 1 == text.size() || text[at + 1] == ' ';  // not in the middle of "3.5"
    if (ends) return text.substr(0, at + 1);
  }
  return text;
}

std::string before_markup(std::string text) {
  const std::size_t sign = text.find_first_of("<>{}[]");
  if (sign == std::string::npos) return text;
  const std::size_t last = text.find_last_not_of(" ,:;\"'", sign - std::min<std::size_t>(sign, 1));
  text.resize(sign == 0 || last == std::string::npos ? 0 : last + 1);
  return text;
}

}  // namespace holdfast::grounding
