#pragma once

#include "core/media/sniff.hpp"

namespace holdfast::media {

/// What a file of letters is: playlist, manifest or subtitle (they point to other files), or other text.
/// Family::unknown: it is no text.
Sniffed sniff_text(std::string_view head);

}  // namespace holdfast::media
