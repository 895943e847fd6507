#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/speech/region.hpp"
#include "core/transcript/segment.hpp"

/// Gaps of a transcript that are heard again: which, and what becomes of the transcript.
namespace holdfast::transcript {

/// A whole transcript, as it is stored.
struct Whole {
  std::vector<Segment> segments;
  std::vector<Gap> gaps;
};

/// What was heard in the place of one gap.
struct Refilled {
  speech::Region span;
  std::vector<Segment> segments;
  std::vector<Gap> gaps;
};

/// A transcript after gaps of it were heard again.
struct Filled {
  Whole whole;
  std::size_t segments_gained = 0;
  std::size_t filled = 0;  ///< gaps that have text now, in part at least
};

/// Puts what was heard in the place of the gaps. Whatever does not lie in the gap that it is said of is left out, and
/// nothing outside the gaps changes. A gap without text stays as it was, and says that it was tried again.
Filled fill(Whole before, std::vector<Refilled> refilled);

/// The cause with the words that it was tried again, once.
std::string tried_again(std::string_view cause);

/// The gaps that are to be filled: all, or the one that begins at `start_ms` (kAll: all).
inline constexpr std::int64_t kAll = -1;
std::vector<speech::Region> gaps_to_fill(std::span<const Gap> gaps, std::int64_t start_ms);

/// "2 parts of the recording could not be transcribed".
std::string gaps_warning(std::size_t gaps_count);
/// Whether a warning of the stage was one of what its transcript lacks, which a new transcript says anew.
bool is_about_lack(std::string_view warning);
inline constexpr std::string_view kNoSpeechWarning = "no speech";

}  // namespace holdfast::transcript
