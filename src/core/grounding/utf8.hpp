#pragma once

#include <string>
#include <string_view>

namespace holdfast::grounding {

inline constexpr char32_t kReplacement = 0xfffd;

constexpr bool within(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }

/// Takes one character off the front. A byte that starts no valid UTF-8 sequence comes out as kReplacement by
/// itself, so the text shrinks with every call. Needs a text that is not empty. Source: RFC 3629.
inline char32_t take_character(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  text.remove_prefix(1);
  if (lead < 0x80U) return lead;
  const std::size_t more = lead >= 0xf0U ? 3 : lead >= 0xe0U ? 2 : 1;
  if (lead < 0xc2U || lead > 0xf4U || text.size() < more) return kReplacement;
  char32_t character = lead & (0x3fU >> more);
  for (std::size_t i = 0; i < more; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0U) != 0x80U) return kReplacement;
    character = character << 6U | (next & 0x3fU);
  }
  constexpr char32_t kSmallest[] = {0, 0x80, 0x800, 0x10000};
  const bool surrogate = character >= 0xd800 && character <= 0xdfff;
  if (character < kSmallest[more] || surrogate || character > 0x10ffff) return kReplacement;
  text.remove_prefix(more);
  return character;
}

inline void put_character(std::string& text, char32_t character) {
  const auto put = [&](char32_t byte) { text += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (character < 0x80) return put(character);
  if (character < 0x800) {
    put(0xc0U | character >> 6U);
  } else if (character < 0x10000) {
    put(0xe0U | character >> 12U);
    put(0x80U | (character >> 6U & 0x3fU));
  } else {
    put(0xf0U | character >> 18U);
    put(0x80U | (character >> 12U & 0x3fU));
    put(0x80U | (character >> 6U & 0x3fU));
  }
  put(0x80U | (character & 0x3fU));
}

}  // namespace holdfast::grounding
