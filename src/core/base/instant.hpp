#pragma once

#include <optional>
#include <string_view>

#include "core/base/time.hpp"

namespace holdfast {

/// "2026-11-22T04:19:07Z", with up to 9 digits of a second's fraction (milliseconds count) and any offset. Nothing: it
/// is no such time. Source: RFC 3339, section 5.6; a leap second is taken for the second after it.
[[nodiscard]] std::optional<WallTime> parse_instant(std::string_view text);

/// The offset from UTC that such a time carries. Nothing: it is no such time, or ends in "Z" or "-00:00", which say
/// that the clocks of the place are not known. Source: RFC 3339, section 4.3; RFC 9557, section 2.
[[nodiscard]] std::optional<std::chrono::minutes> parse_offset(std::string_view text);

}  // namespace holdfast
