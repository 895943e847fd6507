#pragma once

#include <string>
#include <string_view>

namespace holdfast::grounding {

/// Text of a speaker or a model, made fit to show and to store: valid UTF-8 on one line, blanks joined and
/// trimmed, no control characters, none that are invisible or turn the direction of writing, at most
/// `characters_max` characters.
std::string clean_text(std::string_view text, std::size_t characters_max);

}  // namespace holdfast::grounding
