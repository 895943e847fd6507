#pragma once

#include <string>

namespace holdfast::ffmpeg {

inline constexpr std::int64_t kSampleMs = 500;

/// A WAV file of half a second: a tone of 440 Hz at 8 kHz, mono, 16 bit.
std::string make_sample();

}  // namespace holdfast::ffmpeg
