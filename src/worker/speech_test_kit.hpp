#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "worker/unique_fd.hpp"

/// Recordings made in memory for the tests of the speech worker.
namespace holdfast::worker::kit {

template <class Number>
void put(std::string& bytes, Number number) {
  bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
}

struct WavFormat {
  std::uint16_t kind = 1;
  std::uint16_t channels = 1;
  std::uint32_t rate = 16'000;
  std::uint16_t bits = 16;
};

/// A WAV file; `data_length` is what its header says, -1: the truth.
inline std::string wav_bytes(const std::vector<std::int16_t>& samples, WavFormat format = {},
                             std::int64_t data_length = -1) {
  const auto true_length = static_cast<std::int64_t>(samples.size() * 2);
  std::string bytes{"RIFF"};
  put(bytes, static_cast<std::uint32_t>(36 + true_length));
  bytes += "WAVEfmt ";
  put(bytes, std::uint32_t{16});
  put(bytes, format.kind);
  put(bytes, format.channels);
  put(bytes, format.rate);
  put(bytes, format.rate * format.channels * format.bits / 8);
  put(bytes, static_cast<std::uint16_t>(format.channels * format.bits / 8));
  put(bytes, format.bits);
  bytes += "LIST";
  put(bytes, std::uint32_t{3});
  bytes += std::string("abc\0", 4);
  bytes += "data";
  put(bytes, static_cast<std::uint32_t>(data_length < 0 ? true_length : data_length));
  for (const std::int16_t sample : samples) put(bytes, sample);
  return bytes;
}

inline UniqueFd file_of(const std::string& bytes) {
  UniqueFd fd{::memfd_create("recording", MFD_CLOEXEC)};
  EXPECT_EQ(::write(fd.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  return fd;
}

/// Loud where there is to be speech, silent elsewhere. In seconds.
struct Loud {
  double start_s = 0;
  double end_s = 0;
};
inline std::vector<std::int16_t> recording(double length_s, const std::vector<Loud>& loud) {
  std::vector<std::int16_t> samples(static_cast<std::size_t>(length_s * 16'000), 0);
  for (const Loud& part : loud) {
    for (auto i = static_cast<std::size_t>(part.start_s * 16'000);
         i < static_cast<std::size_t>(part.end_s * 16'000); ++i) {
      samples[i] = static_cast<std::int16_t>(i % 7 < 3 ? 8'000 : -8'000);
    }
  }
  return samples;
}

}  // namespace holdfast::worker::kit
