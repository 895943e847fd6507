#include "core/speech/voice_regions.hpp"

#include <gmock/gmock.h>

#include "core/base/rng.hpp"
#include "core/speech/energy_gate.hpp"

namespace holdfast::speech {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// `count` frames of 20 ms each with the same probability.
void add(std::vector<float>& frames, int count, float probability) {
  frames.insert(frames.end(), static_cast<std::size_t>(count), probability);
}

/// Noise of a loudness in dB of full scale.
void add_noise(std::vector<float>& pcm, int ms, double db, Rng& rng) {
  const double peak = std::pow(10, db / 20) * 1.7;
  for (int i = 0; i < ms * 16; ++i) {
    pcm.push_back(static_cast<float>(peak * (static_cast<double>(rng.below(20'001)) / 10'000 - 1)));
  }
}

std::vector<Region> by_energy(const std::vector<float>& pcm) {
  return voice_regions(energy_probabilities(frame_levels(pcm)), kEnergyFrameMs, {});
}

TEST(VoiceRegions, KeepAWordTogetherWhoseVoiceDips) {
  std::vector<float> frames;
  add(frames, 10, 0);
  add(frames, 20, 0.9F);
  add(frames, 30, 0.4F);
  add(frames, 10, 0);

  EXPECT_THAT(voice_regions(frames, 20, {}), ElementsAre(Region{200, 1'200}));
}

TEST(VoiceRegions, BridgeAShortSilenceAndDropAClick) {
  std::vector<float> frames;
  add(frames, 10, 0.9F);
  add(frames, 7, 0);
  add(frames, 10, 0.9F);
  add(frames, 50, 0);
  add(frames, 5, 0.9F);

  EXPECT_THAT(voice_regions(frames, 20, {}), ElementsAre(Region{0, 540}));
}

TEST(VoiceRegions, JoinAcrossABlocksBorder) {
  std::vector<Region> regions{{100, 600'000}};

  join_regions(regions, {{600'000, 601'000}, {602'000, 603'000}}, {});

  EXPECT_THAT(regions, ElementsAre(Region{100, 601'000}, Region{602'000, 603'000}));
}

TEST(EnergyGate, HearsNothingInSilenceNoiseAndAnEvenTone) {
  Rng rng{1};
  std::vector<float> noise;
  add_noise(noise, 20'000, -35, rng);
  std::vector<float> tone;
  for (int i = 0; i < 64'000; ++i) tone.push_back(0.3F * std::sin(static_cast<float>(i) * 0.17F));

  EXPECT_THAT(by_energy(std::vector<float>(80'000, 0.0F)), IsEmpty());
  EXPECT_THAT(by_energy(noise), IsEmpty());
  EXPECT_THAT(by_energy(tone), IsEmpty());
}

TEST(EnergyGate, FindsWhatRisesAboveTheNoiseAndFollowsItsFloor) {
  Rng rng{2};
  std::vector<float> pcm;
  add_noise(pcm, 15'000, -60, rng);
  add_noise(pcm, 1'000, -30, rng);
  add_noise(pcm, 15'000, -60, rng);
  add_noise(pcm, 15'000, -40, rng);
  add_noise(pcm, 1'000, -15, rng);
  add_noise(pcm, 15'000, -40, rng);

  const auto regions = by_energy(pcm);

  const auto holds = [&](std::int64_t start, std::int64_t end) {
    return std::ranges::any_of(regions, [&](const Region& region) {
      return std::abs(region.start_ms - start) <= 20 && std::abs(region.end_ms - end) <= 20;
    });
  };
  EXPECT_TRUE(holds(15'000, 16'000));
  EXPECT_TRUE(holds(46'000, 47'000));
  EXPECT_LT(total_ms(regions), 14'000)
      << "the louder noise is taken for speech only until the floor has risen";
}

}  // namespace
}  // namespace holdfast::speech
