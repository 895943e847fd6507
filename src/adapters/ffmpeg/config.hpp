#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/base/time.hpp"
#include "core/media/probe.hpp"

namespace holdfast {

struct FfmpegConfig {
  std::string ffmpeg = "ffmpeg";  ///< absolute path, or a name to look for in PATH
  std::string ffprobe = "ffprobe";
  std::filesystem::path confine;  ///< the program holdfast-confine; empty only in tests
  std::filesystem::path root;     ///< of the data; scratch folders are in its folder `work`
  media::MediaLimits limits;
  std::uint64_t memory_bytes = 1U << 30U;  ///< private memory of each of the two programs; 0: no limit
  std::uint64_t cpu_seconds = 3'600;       ///< CPU time of a conversion
  milliseconds probe_max{60'000};          ///< wall time of a look into a file
  bool allow_unconfined_files = false;     ///< go on where the kernel has no Landlock
};

}  // namespace holdfast
