#pragma once

#include <cstdint>
#include <vector>

#include "core/speech/windows.hpp"
#include "core/transcript/segment.hpp"

/// What of a hearing may be shown as text, and where there must be a gap instead.
namespace holdfast::speech {

/// Less speech than this without words is a cough, a laugh, or a mistake of the detector.
inline constexpr std::int64_t kClearSpeechMs = 3'000;
/// Of so much speech and more ...
inline constexpr std::int64_t kSparseSpeechMs = 10'000;
/// ... at least one word in so much is expected.
inline constexpr std::int64_t kSparseWordMs = 10'000;
/// Worse than that, on average over the tokens, the decoder has found nothing that it believes in.
inline constexpr double kGuessedLogProbability = -1.2;

/// What the engine made of a part of a window, before any gate.
struct Heard {
  Window part;
  std::vector<Segment> segments;
  double log_probability_mean = 0;
  bool failed = false;  ///< the engine gave an error
};

/// A hearing of a window, judged.
struct Take {
  std::vector<Segment> segments;  ///< what may be shown
  std::vector<Gap> gaps;          ///< where speech has no text, in order, none overlapping another
  std::int64_t lost_ms = 0;       ///< speech in the gaps
  std::size_t invented = 0;       ///< stretches of words that were dropped, because nobody speaks there
};

/// What else a judgement rests on.
struct JudgedBy {
  bool spaced = true;  ///< words of the language are set apart by blanks
  bool voice = true;   ///< what is called speech was found by how voices sound; false: by its loudness alone, so that
                       ///< noise may be called so, and speech without words is nothing to go by
  bool fills = false;  ///< a gap: what a loop says stands before it already
};

/// Judges all parts of a window together. Text that is a loop, a guess or invented is never shown; where it stood, or
/// nothing, and the detector heard clear speech, there is a gap.
Take judge(std::vector<Heard> parts, JudgedBy by);

/// Nothing is lost and nothing was invented: no other way of hearing is needed.
inline bool is_good(const Take& take) { return take.gaps.empty() && take.invented == 0; }

/// Whether this one is to be kept and not the other: less speech is lost, or as little and less was invented.
inline bool is_better(const Take& one, const Take& other) {
  if (one.lost_ms != other.lost_ms) return one.lost_ms < other.lost_ms;
  return one.invented < other.invented;
}

/// Stretches with clear speech (kClearSpeechMs and more of it) that nothing of `reached` touches. Both in order.
std::vector<Region> unreached(const std::vector<Region>& speech, const std::vector<Region>& reached);

}  // namespace holdfast::speech
