#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "core/speech/token.hpp"
#include "core/speech/windows.hpp"
#include "core/transcript/segment.hpp"

namespace holdfast::speech {

/// Whether words of this language are set apart by blanks. Where not, each character is a word of its own.
bool has_spaces(std::string_view language);

/// Adds what was heard from `from_ms` of the window on. Answers where its last mark is, in milliseconds of
/// the window: so far the text reaches.
std::int64_t append_tokens(std::vector<TimedToken>& tokens, std::vector<TimedToken> more,
                           std::int64_t from_ms);

/// Segments of a window's tokens, in the recording's time. A segment lies between two time marks; its words
/// follow each other, lie inside it and in the window, and begin and end in speech where they touch speech.
/// Text is clean UTF-8.
std::vector<Segment> segments_of(std::span<const TimedToken> tokens, const Window& window, bool spaced);

}  // namespace holdfast::speech
