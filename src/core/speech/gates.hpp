#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/speech/region.hpp"
#include "core/transcript/segment.hpp"

/// Whisper writes words for silence, noise and music. These decide what it made up.
namespace holdfast::speech {

/// Notes of what is heard instead of words: "[Music]", "(silence)", "[BLANK_AUDIO]", "*laughs*", "♪", "...".
bool is_note(std::string_view text);

/// Whisper itself thinks that there is no speech, and what it wrote is a guess.
bool is_no_speech(double no_speech_probability, double log_probability_mean);

/// Less than a tenth of it, or nothing, lies in speech.
bool is_outside_speech(const Segment& segment, const std::vector<Region>& speech);

/// Words [first, last) that say the same few words again and again. The first time is not in it.
struct Loop {
  std::size_t first = 0;
  std::size_t last = 0;
  std::size_t phrase = 0;  ///< words of the phrase that is said again, as it stands before `first`
  bool operator==(const Loop&) const = default;
};
/// Four times the same phrase of two to twelve words, or eight times the same word, is no longer speech.
std::optional<Loop> find_loop(const std::vector<Word>& words);

/// Nothing but "Hmm." or "Uh", and the decoder is not sure: it hears them in music and noise.
bool is_doubtful_hum(const Segment& segment);

/// Drops notes, doubtful hums and what lies outside speech, and answers what that was.
std::vector<Segment> drop_invented(std::vector<Segment>& segments, const std::vector<Region>& speech);

/// Is there a loop in what the segments say together?
bool has_loop(const std::vector<Segment>& segments);

/// Cuts every loop out of the segments, so that the phrase stays once or, without `first_stays`, not at all, and
/// answers where the loops were, in order. No segment reaches over one: it is two then, and what fills the gap finds
/// its place between them.
std::vector<Region> cut_loops(std::vector<Segment>& segments, bool spaced, bool first_stays = true);

}  // namespace holdfast::speech
