#pragma once

#include <cstddef>
#include <string_view>

/// Streams without a header of their own: they are known by frames that follow one another at the announced
/// distance.
namespace holdfast::media {

/// Length of an ID3v2 tag at the start, with its header; 0: there is none. Source: ID3v2.4.0 structure,
/// section 3.1.
std::size_t id3v2_bytes(std::string_view head);

/// The FFmpeg demuxer for a run of MPEG audio, ADTS, LATM, AC-3 or E-AC-3 frames somewhere in `head`; empty:
/// none found. At the very start two frames in a row are enough, later three.
std::string_view find_audio_frames(std::string_view head);

/// MPEG transport stream: sync bytes 188 (or 192, with time stamps) bytes apart. Source: ISO 13818-1.
bool is_transport_stream(std::string_view head);

}  // namespace holdfast::media
