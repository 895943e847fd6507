#pragma once

#include "app/config/settings.hpp"
#include "core/base/result.hpp"

namespace holdfast {

/// Asks the server's own media worker whether it can work: FFmpeg, ffprobe and the confinement, with a sample
/// that is really converted. Touches no data folder. Errors: dependency HF-FFM-01 (with what is wrong), as
/// localfs/file_io.hpp (no temporary folder).
Result<void> try_media(const Settings& settings);

}  // namespace holdfast
