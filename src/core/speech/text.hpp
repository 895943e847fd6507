#pragma once

#include <string>
#include <string_view>

namespace holdfast::speech {

/// Valid UTF-8 without control characters, without broken or replaced characters, and without blanks at the
/// ends.
std::string clean_text(std::string_view bytes);

/// Does a piece of text that begins with this byte go on inside a character?
inline bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

/// Is the last character of it cut off?
bool ends_inside_character(std::string_view bytes);

/// Is there a letter or digit of any script in it? Punctuation, symbols and notes are no words.
bool has_words(std::string_view text);

}  // namespace holdfast::speech
