#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/ffmpeg/config.hpp"

/// Command lines for FFmpeg 5 and later. Fixed words and one path, which is prefixed, so nothing a user names
/// can become an option.
namespace holdfast::ffmpeg {

/// The program as an absolute path, a name without a slash looked for in PATH; nullopt: it is not there.
std::optional<std::filesystem::path> find_program(const std::string& name);

struct Source {
  std::filesystem::path file;
  std::string demuxer;
};

/// ffprobe, confined: reads only `source`, writes nothing, prints JSON.
std::vector<std::string> probe_command(const FfmpegConfig& config, const std::filesystem::path& program,
                                       const Source& source);
/// ffmpeg, confined: reads only `source`, writes `output` (WAV, 16 kHz, mono, 16 bit), prints its progress.
std::vector<std::string> convert_command(const FfmpegConfig& config, const std::filesystem::path& program,
                                         const Source& source, const std::filesystem::path& output);

/// Largest output that a recording of the greatest length can have.
std::uint64_t output_bytes_max(const FfmpegConfig& config);

}  // namespace holdfast::ffmpeg
