#pragma once

#include <optional>
#include <string_view>

#include "core/base/time.hpp"

namespace holdfast {

/// "2026-11-22T04:19:07Z", with up to 9 digits of a second's fraction (milliseconds count) and any offset. Nothing: it
/// is no such time. Source: RFC 3339, section 5.6; a leap second is taken for the second after it.
[[nodiscard]] std::optional<WallTime> parse_instant(std::string_view text);

}  // namespace holdfast
