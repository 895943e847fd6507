#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/transcript/segment.hpp"

/// A transcript as the files that people and other programs open.
namespace holdfast::transcript {

/// One subtitle. `text` is valid UTF-8 without blank lines, control characters or space at its ends.
struct Cue {
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;
  std::string text;
};

/// The segments as subtitles: in order, starts growing, each at least 1 ms long, none reaching into the next.
/// Times are moved where they must be; every segment with text in it becomes exactly one cue.
std::vector<Cue> to_cues(std::span<const Segment> segments);

/// SubRip. Source: the de-facto format of the SubRip program; "-->" inside text is broken up, as it cannot be
/// escaped.
std::string to_srt(std::span<const Segment> segments);

/// WebVTT. Source: W3C WebVTT, sections 4.1 (file structure) and 4.2 (cue text).
std::string to_vtt(std::span<const Segment> segments);

/// The words, one segment a line, and a line in brackets where a part is missing: unlike in subtitles, whose times
/// show a hole, the text before and after it would stand together as if it had been said so.
std::string to_txt(std::span<const Segment> segments, std::span<const Gap> gaps);

/// The whole text in one string, segments joined by a space.
std::string to_text(std::span<const Segment> segments);

/// What is known of a transcript besides its segments.
struct Facts {
  std::string_view language;      ///< "en"; empty: not known
  std::int64_t duration_ms = -1;  ///< -1: not known
  std::span<const Gap> gaps;      ///< in order
};

/// One JSON object: language, duration_s, text, segments (start_s, end_s, text, confidence, words), gaps (start_s,
/// end_s, cause).
std::string to_json(std::span<const Segment> segments, Facts facts);

}  // namespace holdfast::transcript
