#include "adapters/ffmpeg/sample.hpp"

#include <cmath>
#include <cstdint>
#include <numbers>

namespace holdfast::ffmpeg {
namespace {

constexpr std::uint32_t kRate = 8'000;
constexpr std::uint32_t kSamples = kRate * kSampleMs / 1000;

void put(std::string& out, std::uint32_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8U * i) & 0xffU);
}

}  // namespace

std::string make_sample() {
  std::string wav = "RIFF";
  put(wav, 36 + 2 * kSamples, 4);
  wav += "WAVEfmt ";
  put(wav, 16, 4);
  put(wav, 1, 2);  // PCM
  put(wav, 1, 2);  // one channel
  put(wav, kRate, 4);
  put(wav, 2 * kRate, 4);
  put(wav, 2, 2);
  put(wav, 16, 2);
  wav += "data";
  put(wav, 2 * kSamples, 4);
  for (std::uint32_t i = 0; i < kSamples; ++i) {
    const double angle = 2 * std::numbers::pi * 440 * i / kRate;
    put(wav, static_cast<std::uint32_t>(std::lround(8'000 * std::sin(angle))), 2);
  }
  return wav;
}

}  // namespace holdfast::ffmpeg
