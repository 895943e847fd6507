#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace holdfast::speech {

/// Frames of 20 ms at 16 kHz.
inline constexpr std::size_t kEnergyFrameSamples = 320;
inline constexpr double kEnergyFrameMs = 20;
/// Quieter than this is silence whatever the noise floor, in dB of full scale.
inline constexpr float kSilenceDb = -58;

/// Loudness of each frame in dB of full scale, at least -100. Low hum counts less than voice.
std::vector<float> frame_levels(std::span<const float> pcm);

/// Speech probability of each frame from how far it rises above the noise around it (10 s to both sides).
/// It knows loudness only: music is speech to it, an even tone is not.
std::vector<float> energy_probabilities(std::span<const float> levels);

}  // namespace holdfast::speech
