#pragma once

#include <cstddef>
#include <string_view>

namespace holdfast::media {

/// How many first bytes of a file decide.
inline constexpr std::size_t kSniffBytes = 4096;

enum class Family : unsigned char { unknown, audio, video, image, text, playlist, archive, document };

/// What the first bytes of a file say it is. The file's name plays no part.
struct Sniffed {
  Family family = Family::unknown;
  std::string_view media_type = "application/octet-stream";
  std::string_view demuxer;  ///< the one FFmpeg demuxer that may open it, by its `-f` name; empty: none may
};

/// Looks at up to kSniffBytes. Never says audio or video for a playlist, manifest, concat list, SDP or
/// script. Source: the containers' specifications (ISO 14496-12 ftyp, RFC 8794 EBML, RFC 3533 Ogg, RIFF/RF64,
/// FLAC, ...).
Sniffed sniff(std::string_view head);

}  // namespace holdfast::media
