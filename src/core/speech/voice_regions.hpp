#pragma once

#include <span>

#include "core/speech/region.hpp"

namespace holdfast::speech {

/// When a run of frames counts as speech. The lower threshold to end keeps a word together whose voice dips.
struct VoiceThresholds {
  double begin = 0.5;
  double end = 0.35;
  std::int64_t speech_ms_min = 150;   ///< shorter is a click
  std::int64_t silence_ms_min = 160;  ///< shorter is a stop consonant
};

/// Stretches of speech, in milliseconds from the first frame. Depends on nothing but its arguments.
std::vector<Region> voice_regions(std::span<const float> probabilities, double frame_ms,
                                  VoiceThresholds thresholds);

/// Adds the regions of a later block; a stretch that goes on across the border becomes one.
void join_regions(std::vector<Region>& regions, const std::vector<Region>& later, VoiceThresholds thresholds);

}  // namespace holdfast::speech
