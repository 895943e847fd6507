#include "worker/voice_map.hpp"

namespace holdfast::worker {

namespace {

/// What is held of the recording at once while looking for voice: about half a minute.
constexpr std::int64_t kPieceFrames = 1'000;

/// Moves regions of a block to their place in the recording.
std::vector<speech::Region> moved(std::vector<speech::Region> regions, std::int64_t by_ms,
                                  std::int64_t end_ms) {
  for (speech::Region& region : regions) {
    region.start_ms += by_ms;
    region.end_ms = std::min(region.end_ms + by_ms, end_ms);
  }
  std::erase_if(regions, [](const speech::Region& region) { return region.end_ms <= region.start_ms; });
  return regions;
}

}  // namespace

VoiceMap::VoiceMap(const WavFile& wav, VoiceDetector& detector, std::int64_t from_ms)
    : wav_{wav},
      detector_{detector},
      known_ms_{std::max<std::int64_t>(0, from_ms) / kVoiceBlockMs * kVoiceBlockMs} {}

Result<void> VoiceMap::look_ahead(std::int64_t from_ms, std::int64_t ahead_ms,
                                  const std::function<bool()>& going_on) {
  while (known_ms_ < wav_.duration_ms()) {
    std::erase_if(regions_, [&](const speech::Region& region) { return region.end_ms <= from_ms; });
    if (!regions_.empty() && known_ms_ >= std::max(from_ms, regions_.front().start_ms) + ahead_ms) return {};
    HF_TRY_VOID(add_block(going_on));
  }
  return {};
}

Result<void> VoiceMap::add_block(const std::function<bool()>& going_on) {
  const std::int64_t end = std::min(wav_.samples(), (known_ms_ + kVoiceBlockMs) * kSamplesPerMs);
  const std::int64_t piece = kPieceFrames * static_cast<std::int64_t>(detector_.frame_samples());
  for (std::int64_t at = known_ms_ * kSamplesPerMs; at < end; at += piece) {
    if (!going_on()) return fail(ErrorClass::canceled, "HF-SRV-02", "the transcript is no longer wanted");
    HF_TRY(const auto pcm, wav_.read(at, std::min(piece, end - at)));
    HF_TRY_VOID(detector_.hear(pcm));
  }
  const speech::VoiceThresholds thresholds;
  const double frame_ms = static_cast<double>(detector_.frame_samples()) / static_cast<double>(kSamplesPerMs);
  const auto found = speech::voice_regions(detector_.take(), frame_ms, thresholds);
  const std::int64_t known = std::min(known_ms_ + kVoiceBlockMs, wav_.duration_ms());
  speech::join_regions(regions_, moved(found, known_ms_, known), thresholds);
  known_ms_ = known;
  return {};
}

}  // namespace holdfast::worker
