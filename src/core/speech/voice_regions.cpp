#include "core/speech/voice_regions.hpp"

#include <cmath>

namespace holdfast::speech {

namespace {

std::int64_t frame_start_ms(std::size_t frame, double frame_ms) {
  return std::llround(static_cast<double>(frame) * frame_ms);
}

}  // namespace

std::vector<Region> voice_regions(std::span<const float> probabilities, double frame_ms,
                                  VoiceThresholds thresholds) {
  std::vector<Region> regions;
  bool speaking = false;
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    const double probability = probabilities[i];
    speaking = speaking ? probability >= thresholds.end : probability >= thresholds.begin;
    if (!speaking) continue;
    const Region frame{frame_start_ms(i, frame_ms), frame_start_ms(i + 1, frame_ms)};
    join_regions(regions, {frame}, thresholds);
  }
  std::erase_if(regions, [&](const Region& region) { return length_ms(region) < thresholds.speech_ms_min; });
  return regions;
}

void join_regions(std::vector<Region>& regions, const std::vector<Region>& later,
                  VoiceThresholds thresholds) {
  for (const Region& next : later) {
    const bool goes_on =
        !regions.empty() && next.start_ms - regions.back().end_ms < thresholds.silence_ms_min;
    if (goes_on) {
      regions.back().end_ms = std::max(regions.back().end_ms, next.end_ms);
    } else {
      regions.push_back(next);
    }
  }
}

}  // namespace holdfast::speech
