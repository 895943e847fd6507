#include "worker/wav_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <string>

static_assert(std::endian::native == std::endian::little, "samples are read as they lie in the file");

namespace holdfast::worker {

namespace {

constexpr std::int64_t kSampleBytes = 2;
constexpr int kChunksMax = 64;  // before the samples; FFmpeg writes two
constexpr std::uint16_t kPcm = 1;
constexpr std::uint16_t kExtensible = 0xFFFE;

/// Position and length of the samples in the file, in bytes.
struct Data {
  std::int64_t at = 0;
  std::int64_t bytes = 0;
};

std::unexpected<Error> not_wav(std::string_view why) {
  return fail(ErrorClass::permanent, "HF-MED-01",
              "not a recording that can be transcribed: " + std::string{why});
}

/// Fills `size` bytes from `at`; answers how many there were.
Result<std::size_t> read_at(int fd, char* bytes, std::size_t size, std::int64_t at) {
  std::size_t have = 0;
  while (have < size) {
    const ssize_t got = ::pread(fd, bytes + have, size - have, at + static_cast<std::int64_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      return fail(ErrorClass::transient, "HF-STO-01",
                  std::string{"the recording cannot be read: "} + std::strerror(errno));
    }
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  return have;
}

template <class Number>
Number number_at(const char* bytes) {
  Number number{};
  std::memcpy(&number, bytes, sizeof number);
  return number;
}

/// Checks the `fmt ` chunk at `at`: kind, channels, rate, bits.
Result<void> check_format(int fd, std::int64_t at, std::uint32_t length) {
  std::array<char, 16> format{};
  HF_TRY(const auto got, read_at(fd, format.data(), format.size(), at));
  if (got < format.size() || length < format.size()) return not_wav("its format chunk is cut off");
  const auto kind = number_at<std::uint16_t>(format.data());
  const bool is_pcm = kind == kPcm || kind == kExtensible;
  const bool is_mono = number_at<std::uint16_t>(format.data() + 2) == 1;
  const bool is_16_khz = number_at<std::uint32_t>(format.data() + 4) == 16'000;
  const bool is_16_bit = number_at<std::uint16_t>(format.data() + 14) == 16;
  if (!is_pcm || !is_mono || !is_16_khz || !is_16_bit) return not_wav("it is not 16 kHz, mono, 16 bit");
  return {};
}

Result<Data> find_samples(int fd, std::int64_t file_bytes) {
  bool has_format = false;
  std::int64_t at = 12;
  for (int chunk = 0; chunk < kChunksMax; ++chunk) {
    std::array<char, 8> head{};
    HF_TRY(const auto got, read_at(fd, head.data(), head.size(), at));
    if (got < head.size()) break;
    const std::string_view name{head.data(), 4};
    const auto length = number_at<std::uint32_t>(head.data() + 4);
    at += static_cast<std::int64_t>(head.size());
    if (name == "data") {
      if (!has_format) return not_wav("its samples come before their format");
      return Data{at, std::min<std::int64_t>(length, file_bytes - at)};
    }
    if (name == "fmt ") {
      HF_TRY_VOID(check_format(fd, at, length));
      has_format = true;
    }
    at += static_cast<std::int64_t>(length) + (length & 1U);
  }
  return not_wav("it has no samples");
}

}  // namespace

Result<WavFile> WavFile::open(UniqueFd fd) {
  struct stat about{};
  if (!fd || ::fstat(fd.get(), &about) != 0) return not_wav("no file came with the request");
  std::array<char, 12> head{};
  HF_TRY(const auto got, read_at(fd.get(), head.data(), head.size(), 0));
  const std::string_view bytes{head.data(), got};
  if (got < head.size() || !bytes.starts_with("RIFF") || bytes.substr(8) != "WAVE")
    return not_wav("it is not WAV");
  HF_TRY(const Data data, find_samples(fd.get(), about.st_size));
  return WavFile{std::move(fd), data.at, data.bytes / kSampleBytes};
}

Result<std::vector<float>> WavFile::read(std::int64_t first, std::int64_t count) const {
  first = std::clamp<std::int64_t>(first, 0, samples_);
  count = std::clamp<std::int64_t>(count, 0, samples_ - first);
  std::vector<std::int16_t> stored(static_cast<std::size_t>(count));
  HF_TRY(const auto got, read_at(fd_.get(), reinterpret_cast<char*>(stored.data()),
                                 stored.size() * sizeof stored[0], data_at_ + first * kSampleBytes));
  stored.resize(got / sizeof stored[0]);
  std::vector<float> pcm;
  pcm.reserve(stored.size());
  for (const std::int16_t sample : stored) pcm.push_back(static_cast<float>(sample) / 32768.0F);
  return pcm;
}

Result<std::vector<float>> WavFile::read(speech::Region region) const {
  return read(region.start_ms * kSamplesPerMs, speech::length_ms(region) * kSamplesPerMs);
}

}  // namespace holdfast::worker
