#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/media/sniff.hpp"

/// What is decided about a recording, from facts that others found out. Codes are those of core/catalogue.
namespace holdfast::media {

struct MediaLimits {
  std::int64_t duration_ms_max = 12LL * 3600 * 1000;
  unsigned streams_max = 64;
  /// Sound as decoded, 16 bit, all channels, before it is made smaller: 12 h of stereo at 48 kHz are 8.3 GB.
  std::uint64_t unpacked_bytes_max = 12'000'000'000;
};

/// What a probe said of a file, before anything was decoded. None of it need be true.
struct ProbeFacts {
  std::uint64_t file_bytes = 0;
  unsigned streams = 0;
  bool has_audio = false;
  std::string codec;              ///< of the first audio stream
  std::int64_t sample_rate = 0;   ///< 0: not said
  std::int64_t channels = 0;      ///< 0: not said
  std::int64_t duration_ms = -1;  ///< of the first audio stream, else of the whole; -1: not said
  bool duration_of_sound =
      false;  ///< it is the audio stream's own: a film may well last longer than its sound
};

/// What the conversion to 16 kHz mono made.
struct OutputFacts {
  std::int64_t samples = 0;
  bool complete = true;  ///< the converter reached the end without complaint
};

struct Conversion {
  std::int64_t duration_ms = 0;
  std::vector<std::string> warnings;
};

/// Rate of the sound that is made of every recording.
inline constexpr std::int64_t kOutputRate = 16'000;

/// Errors, permanent: HF-MED-03 (an image), HF-MED-01 (no demuxer may open it).
Result<void> judge_kind(const Sniffed& kind);

/// Whether it is worth decoding. A length that the file is far too small for is not believed, decoding will
/// tell. Errors, permanent: HF-MED-01 (no streams), HF-MED-06 (too many), HF-MED-03 (no sound), HF-MED-05 (a
/// sound track that cannot be), HF-MED-04 (too long), HF-MED-07 (unpacks to too much).
Result<void> judge_probe(const ProbeFacts& facts, const MediaLimits& limits);

/// What came of it. Part of a damaged recording is better than nothing: accepted with a warning.
/// Errors, permanent: HF-MED-05 (not one sample), HF-MED-04 (longer than it said, and too long).
Result<Conversion> judge_output(const OutputFacts& output, const ProbeFacts& facts,
                                const MediaLimits& limits);

}  // namespace holdfast::media
