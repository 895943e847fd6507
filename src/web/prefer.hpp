#pragma once

#include <optional>
#include <string_view>

namespace holdfast::web {

/// No request is held longer, in seconds.
inline constexpr int kWaitMax = 30;

/// Seconds that a request may be held, by its field "Prefer": "wait=20", at most kWaitMax; 0 of "respond-async" alone.
/// Nothing: it says nothing of it. Source: RFC 7240, sections 4.1 and 4.3.
[[nodiscard]] std::optional<int> wait_of(std::string_view prefer);

}  // namespace holdfast::web
