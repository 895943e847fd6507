#pragma once

#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "ports/speech_engine.hpp"

namespace holdfast::worker {

/// A second of something like "ah", the same each time: a voice of 120 Hz whose overtones are loudest near 700, 1200
/// and 2600 Hz, swelling and fading. Mono f32 in [-1, 1] at kSpeechRate.
inline std::vector<float> known_sound() {
  constexpr double kVoiceHz = 120;
  constexpr int kOvertones = 30;
  constexpr std::array<double, 3> kLoudestHz{700, 1'200, 2'600};
  std::vector<float> sound(static_cast<std::size_t>(kSpeechRate));
  for (int overtone = 1; overtone <= kOvertones; ++overtone) {
    const double hertz = kVoiceHz * overtone;
    double loudness = 0;
    for (const double loudest : kLoudestHz) loudness += std::exp(-std::pow((hertz - loudest) / 150, 2));
    for (std::size_t i = 0; i < sound.size(); ++i) {
      const double seconds = static_cast<double>(i) / static_cast<double>(kSpeechRate);
      const double swell = std::sin(std::numbers::pi * seconds);
      sound[i] += static_cast<float>(0.15 * loudness * swell * std::sin(2 * std::numbers::pi * hertz * seconds));
    }
  }
  return sound;
}

}  // namespace holdfast::worker
