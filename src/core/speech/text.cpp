#include "core/speech/text.hpp"

#include "core/grounding/utf8.hpp"

namespace holdfast::speech {

namespace {

bool is_kept(char32_t character) {
  const bool is_control = character < 0x20 || (character >= 0x7F && character < 0xA0);
  return !is_control && character != grounding::kReplacement;
}

bool is_word_character(char32_t character) {
  if (character < 0x80) {
    return (character >= '0' && character <= '9') ||
           ((character | 0x20U) >= 'a' && (character | 0x20U) <= 'z');
  }
  if (character < 0xC0) return character == 0xAA || character == 0xB5 || character == 0xBA;
  const bool is_sign = (character >= 0x2000 && character <= 0x2BFF) ||
                       (character >= 0x3000 && character <= 0x303F) || character == 0xD7 ||
                       character == 0xF7 || (character >= 0xFF00 && character <= 0xFF0F) ||
                       (character >= 0xFE00 && character <= 0xFE6F) || character >= 0x1F000;
  return !is_sign && character != grounding::kReplacement;
}

}  // namespace

std::string clean_text(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const char32_t character = grounding::take_character(bytes);
    if (is_kept(character)) grounding::put_character(text, character);
  }
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

bool has_words(std::string_view text) {
  while (!text.empty()) {
    if (is_word_character(grounding::take_character(text))) return true;
  }
  return false;
}

bool ends_inside_character(std::string_view bytes) {
  std::size_t lead = bytes.size();
  while (lead > 0 && continues_character(bytes[lead - 1])) --lead;
  if (lead == 0) return false;
  const auto first = static_cast<unsigned char>(bytes[lead - 1]);
  const std::size_t length = first >= 0xF0U ? 4 : first >= 0xE0U ? 3 : first >= 0xC2U ? 2 : 1;
  return bytes.size() - lead + 1 < length;
}

}  // namespace holdfast::speech
