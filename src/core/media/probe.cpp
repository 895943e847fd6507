#include "core/media/probe.hpp"

#include <algorithm>

namespace holdfast::media {
namespace {

/// Less than the sparest coding of silence needs: whoever announces a length at fewer bits is wrong about it.
constexpr std::int64_t kBitsPerSecondMin = 300;
constexpr std::int64_t kSampleRateMin = 1'000;
constexpr std::int64_t kSampleRateMax = 768'000;
constexpr std::int64_t kBytesPerSample = 2;
/// A recording may end so much earlier than announced without being called cut short.
constexpr std::int64_t kShortByMs = 1'500;

std::unexpected<Error> refuse(std::string_view code, std::string what) {
  return fail(ErrorClass::permanent, code, std::move(what));
}

bool believable(const ProbeFacts& facts) {
  if (facts.duration_ms <= 0) return false;
  const double seconds = static_cast<double>(facts.duration_ms) / 1000;
  return static_cast<double>(facts.file_bytes) * 8 / seconds >= kBitsPerSecondMin;
}

double unpacked_bytes(const ProbeFacts& facts) {
  const double seconds = static_cast<double>(facts.duration_ms) / 1000;
  const auto channels = static_cast<double>(std::max<std::int64_t>(facts.channels, 1));
  return seconds * channels * static_cast<double>(facts.sample_rate) * kBytesPerSample;
}

std::string in_seconds(std::int64_t duration_ms) {
  return std::to_string(duration_ms / 1000) + "." + std::to_string(duration_ms % 1000 / 100) + " s";
}

std::unexpected<Error> too_long(const MediaLimits& limits) {
  return refuse("HF-MED-04", "the recording is longer than " + in_seconds(limits.duration_ms_max));
}

bool impossible_rate(std::int64_t rate) {
  return rate != 0 && (rate < kSampleRateMin || rate > kSampleRateMax);
}

}  // namespace

Result<void> judge_kind(const Sniffed& kind) {
  if (!kind.demuxer.empty()) return {};
  if (kind.family == Family::image) return refuse("HF-MED-03", "this is an image: it has no sound");
  return refuse("HF-MED-01", "this is not a recording that can be read");
}

Result<void> judge_probe(const ProbeFacts& facts, const MediaLimits& limits) {
  if (facts.streams == 0) return refuse("HF-MED-01", "there is nothing in it that can be read");
  if (facts.streams > limits.streams_max) {
    return refuse("HF-MED-06", "it has " + std::to_string(facts.streams) + " streams");
  }
  if (!facts.has_audio) return refuse("HF-MED-03", "it has no sound track");
  if (impossible_rate(facts.sample_rate))
    return refuse("HF-MED-05", "the sound track's header makes no sense");
  if (!believable(facts)) return {};
  if (facts.duration_ms > limits.duration_ms_max) return too_long(limits);
  if (unpacked_bytes(facts) > static_cast<double>(limits.unpacked_bytes_max)) {
    return refuse("HF-MED-07", "the sound in it would unpack to too much");
  }
  return {};
}

Result<Conversion> judge_output(const OutputFacts& output, const ProbeFacts& facts,
                                const MediaLimits& limits) {
  if (output.samples <= 0) return refuse("HF-MED-05", "the sound track cannot be decoded");
  Conversion made{.duration_ms = output.samples * 1000 / kOutputRate};
  if (made.duration_ms > limits.duration_ms_max) return too_long(limits);
  if (facts.duration_of_sound && believable(facts) && made.duration_ms + kShortByMs < facts.duration_ms) {
    made.warnings.push_back("The file says it lasts " + in_seconds(facts.duration_ms) + ", but only " +
                            in_seconds(made.duration_ms) + " could be read. It may be cut short.");
  } else if (!output.complete) {
    made.warnings.push_back("The file is damaged. " + in_seconds(made.duration_ms) +
                            " of sound could be read.");
  }
  return made;
}

}  // namespace holdfast::media
