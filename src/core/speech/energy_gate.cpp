#include "core/speech/energy_gate.hpp"

#include <algorithm>
#include <cmath>

namespace holdfast::speech {

namespace {

constexpr float kLevelMin = -100;
constexpr float kPreEmphasis = 0.9F;
constexpr std::size_t kFramesPerSecond = 50;
constexpr std::size_t kNoiseReach = 10 * kFramesPerSecond;
constexpr float kNoiseMin = -70;
constexpr float kRiseDb = 9;    // above the floor: even odds
constexpr float kSlopeDb = 12;  // from no speech to certain speech

float level_of(std::span<const float> frame, float before) {
  double energy = 0;
  for (const float sample : frame) {
    const float voice = sample - kPreEmphasis * before;
    energy += static_cast<double>(voice) * voice;
    before = sample;
  }
  const double mean = energy / static_cast<double>(frame.size());
  return std::max(kLevelMin, static_cast<float>(10 * std::log10(mean + 1e-10)));
}

/// A twentieth of the frames around `middle` is quieter than this.
float noise_floor(std::span<const float> levels, std::size_t middle) {
  const std::size_t first = middle > kNoiseReach ? middle - kNoiseReach : 0;
  const std::size_t count = std::min(levels.size(), middle + kNoiseReach) - first;
  const auto around = levels.subspan(first, count);
  std::vector<float> sorted(around.begin(), around.end());
  const auto twentieth = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 20);
  std::nth_element(sorted.begin(), twentieth, sorted.end());
  return std::max(kNoiseMin, *twentieth);
}

}  // namespace

std::vector<float> frame_levels(std::span<const float> pcm) {
  std::vector<float> levels;
  levels.reserve(pcm.size() / kEnergyFrameSamples + 1);
  float before = 0;
  while (!pcm.empty()) {
    const auto frame = pcm.first(std::min(pcm.size(), kEnergyFrameSamples));
    levels.push_back(level_of(frame, before));
    before = frame.back();
    pcm = pcm.subspan(frame.size());
  }
  return levels;
}

std::vector<float> energy_probabilities(std::span<const float> levels) {
  std::vector<float> probabilities(levels.size(), 0);
  float floor = 0;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (i % kFramesPerSecond == 0) floor = noise_floor(levels, i);
    if (levels[i] < kSilenceDb) continue;
    probabilities[i] = std::clamp(0.5F + (levels[i] - floor - kRiseDb) / kSlopeDb, 0.0F, 1.0F);
  }
  return probabilities;
}

}  // namespace holdfast::speech
