#include "core/media/mpeg_frames.hpp"

#include <array>
#include <cstdint>

namespace holdfast::media {
namespace {

unsigned byte_at(std::string_view head, std::size_t at) { return static_cast<unsigned char>(head[at]); }

/// Each returns the length of the frame at the start of `frame`, 0 if there is none. At least kHeaderMax
/// bytes are there.
constexpr std::size_t kHeaderMax = 8;
using FrameLength = std::size_t (*)(std::string_view frame);

/// Kilobits per second. Rows: MPEG-1 layers I, II, III; MPEG-2 layer I; MPEG-2 layers II and III. Source: ISO
/// 11172-3, 13818-3.
constexpr std::array<std::array<std::uint16_t, 15>, 5> kBitRates{
    {{0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448},
     {0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},
     {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
     {0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},
     {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}}};
constexpr std::array<unsigned, 3> kSampleRates{44'100, 48'000, 32'000};

struct MpegHeader {
  unsigned version = 0;  ///< 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5
  unsigned layer = 0;    ///< 1, 2, 3
  unsigned bit_rate = 0;
  unsigned sample_rate = 0;
  unsigned padding = 0;
};

std::size_t bytes_of(const MpegHeader& header) {
  if (header.layer == 1) return (12U * header.bit_rate * 1000U / header.sample_rate + header.padding) * 4U;
  const unsigned slots = header.layer == 3 && header.version != 3 ? 72U : 144U;
  return slots * header.bit_rate * 1000U / header.sample_rate + header.padding;
}

std::size_t mpeg_audio(std::string_view frame) {
  if (byte_at(frame, 0) != 0xffU || (byte_at(frame, 1) & 0xe0U) != 0xe0U) return 0;
  const unsigned version = byte_at(frame, 1) >> 3U & 3U;
  const unsigned layer_code = byte_at(frame, 1) >> 1U & 3U;
  const unsigned rate_code = byte_at(frame, 2) >> 4U;
  const unsigned sample_code = byte_at(frame, 2) >> 2U & 3U;
  if (version == 1 || layer_code == 0 || rate_code == 0 || rate_code == 15 || sample_code == 3) return 0;
  const unsigned layer = 4 - layer_code;
  const std::size_t row = version == 3 ? layer - 1 : layer == 1 ? 3U : 4U;
  const unsigned divisor = version == 3 ? 1U : version == 2 ? 2U : 4U;
  return bytes_of({.version = version,
                   .layer = layer,
                   .bit_rate = kBitRates.at(row).at(rate_code),
                   .sample_rate = kSampleRates.at(sample_code) / divisor,
                   .padding = byte_at(frame, 2) >> 1U & 1U});
}

/// Source: ISO 13818-7, 6.2.
std::size_t adts(std::string_view frame) {
  if (byte_at(frame, 0) != 0xffU || (byte_at(frame, 1) & 0xf6U) != 0xf0U) return 0;
  if ((byte_at(frame, 2) >> 2U & 15U) > 12) return 0;
  const std::size_t length =
      (byte_at(frame, 3) & 3U) << 11U | byte_at(frame, 4) << 3U | byte_at(frame, 5) >> 5U;
  return length >= 7 ? length : 0;
}

/// LOAS. Source: ISO 14496-3, 1.7.2.
std::size_t latm(std::string_view frame) {
  if (byte_at(frame, 0) != 0x56U || (byte_at(frame, 1) & 0xe0U) != 0xe0U) return 0;
  return ((byte_at(frame, 1) & 0x1fU) << 8U | byte_at(frame, 2)) + 3U;
}

/// Source: ETSI TS 102 366, 4.3 and table 4.13.
std::size_t ac3(std::string_view frame) {
  constexpr std::array<unsigned, 19> kRates{32,  40,  48,  56,  64,  80,  96,  112, 128, 160,
                                            192, 224, 256, 320, 384, 448, 512, 576, 640};
  if (byte_at(frame, 0) != 0x0bU || byte_at(frame, 1) != 0x77U || byte_at(frame, 5) >> 3U > 10) return 0;
  const unsigned sample_code = byte_at(frame, 4) >> 6U;
  const unsigned size_code = byte_at(frame, 4) & 63U;
  if (sample_code == 3 || size_code / 2 >= kRates.size()) return 0;
  const unsigned rate = kRates.at(size_code / 2);
  if (sample_code == 0) return rate * 4U;
  if (sample_code == 2) return rate * 6U;
  return (rate * 96'000U / 44'100U + (size_code & 1U)) * 2U;
}

std::size_t eac3(std::string_view frame) {
  if (byte_at(frame, 0) != 0x0bU || byte_at(frame, 1) != 0x77U || byte_at(frame, 5) >> 3U != 16) return 0;
  return (((byte_at(frame, 2) & 7U) << 8U | byte_at(frame, 3)) + 1U) * 2U;
}

/// How many frames follow one another from `at`. A run that leaves `head` counts what it saw and the frame it
/// left in.
unsigned frames_from(std::string_view head, std::size_t at, FrameLength length_of, unsigned enough) {
  for (unsigned count = 0;; ++count) {
    if (count == enough || at + kHeaderMax > head.size()) return count;
    const std::size_t length = length_of(head.substr(at));
    if (length == 0) return 0;
    at += length;
  }
}

struct Kind {
  FrameLength length_of;
  std::string_view demuxer;
};
constexpr std::array<Kind, 5> kKinds{
    {{adts, "aac"}, {mpeg_audio, "mp3"}, {latm, "loas"}, {ac3, "ac3"}, {eac3, "eac3"}}};

}  // namespace

std::size_t id3v2_bytes(std::string_view head) {
  constexpr std::size_t kHeader = 10;
  if (head.size() < kHeader || !head.starts_with("ID3")) return 0;
  std::size_t size = 0;
  for (std::size_t at = 6; at < kHeader; ++at) {
    if (byte_at(head, at) > 127) return 0;
    size = size << 7U | byte_at(head, at);
  }
  const bool footer = (byte_at(head, 5) & 0x10U) != 0;
  return size + kHeader + (footer ? kHeader : 0);
}

std::string_view find_audio_frames(std::string_view head) {
  for (const Kind& kind : kKinds) {
    if (frames_from(head, 0, kind.length_of, 2) >= 2) return kind.demuxer;
  }
  for (std::size_t at = 1; at + kHeaderMax <= head.size(); ++at) {
    for (const Kind& kind : kKinds) {
      if (frames_from(head, at, kind.length_of, 3) >= 3) return kind.demuxer;
    }
  }
  return {};
}

bool is_transport_stream(std::string_view head) {
  constexpr char kSync = 0x47;
  constexpr std::size_t kPackets = 5;
  for (const auto& [first, distance] : {std::pair{0U, 188U}, std::pair{4U, 192U}}) {
    std::size_t seen = 0;
    for (std::size_t at = first; at < head.size() && head[at] == kSync && seen < kPackets; at += distance)
      ++seen;
    if (seen == kPackets) return true;
  }
  return false;
}

}  // namespace holdfast::media
