#pragma once

#include <string>

#include "core/base/time.hpp"

namespace holdfast {

/// "2026-11-22T04:19:07.250Z": RFC 3339, UTC, milliseconds.
std::string to_rfc3339(WallTime time);

}  // namespace holdfast
