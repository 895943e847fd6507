#pragma once

#include <string>
#include <string_view>

namespace holdfast::grounding {

/// Text of a speaker or a model, made fit to show and to store: valid UTF-8 on one line, blanks joined and
/// trimmed, no control characters, none that are invisible or turn the direction of writing, at most
/// `characters_max` characters.
std::string clean_text(std::string_view text, std::size_t characters_max);

/// What was cut off in the middle of a sentence, without that beginning. Text without a whole sentence stays.
std::string whole_sentences(std::string text);

/// What of a model's text can have been said: up to the first sign of JSON or of markup. A small model writes its way
/// out of the answer, or of the quotation that it read, into the text; nobody speaks such signs.
std::string before_markup(std::string text);

}  // namespace holdfast::grounding
