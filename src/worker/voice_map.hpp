#pragma once

#include <functional>

#include "core/speech/voice_regions.hpp"
#include "ports/speech_engine.hpp"
#include "worker/wav_file.hpp"

namespace holdfast::worker {

/// Voice is looked for in blocks of this length, each for itself, so that what is found depends on the audio
/// alone and not on where a run began.
inline constexpr std::int64_t kVoiceBlockMs = 600'000;

/// Where there is speech in a recording. Found block by block, only as far as asked.
class VoiceMap {
 public:
  /// Begins with the block that holds `from_ms`. `wav` and `detector` must outlive it.
  VoiceMap(const WavFile& wav, VoiceDetector& detector, std::int64_t from_ms);

  /// Makes known all speech up to `ahead_ms` after the first that ends after `from_ms`. `going_on` is asked
  /// between pieces. Errors: canceled, transient HF-STO-01, transient HF-ENG-01.
  Result<void> look_ahead(std::int64_t from_ms, std::int64_t ahead_ms, const std::function<bool()>& going_on);
  /// In order, not touching. Those that end before the last `from_ms` are forgotten.
  [[nodiscard]] const std::vector<speech::Region>& regions() const noexcept { return regions_; }

 private:
  Result<void> add_block(const std::function<bool()>& going_on);
  const WavFile& wav_;
  VoiceDetector& detector_;
  std::vector<speech::Region> regions_;
  std::int64_t known_ms_ = 0;
};

}  // namespace holdfast::worker
