#pragma once

#include "core/speech/energy_gate.hpp"
#include "ports/speech_engine.hpp"

namespace holdfast::worker {

/// Takes what is loud for speech: used where no model for voice activity is installed.
class EnergyDetector final : public VoiceDetector {
 public:
  [[nodiscard]] std::size_t frame_samples() const override { return speech::kEnergyFrameSamples; }
  Result<void> hear(std::span<const float> pcm) override {
    const auto more = speech::frame_levels(pcm);
    levels_.insert(levels_.end(), more.begin(), more.end());
    return {};
  }
  std::vector<float> take() override {
    auto probabilities = speech::energy_probabilities(levels_);
    levels_.clear();
    return probabilities;
  }
  [[nodiscard]] bool knows_voices() const override { return false; }

 private:
  std::vector<float> levels_;
};

}  // namespace holdfast::worker
