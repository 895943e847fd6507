#pragma once

#include <string>
#include <string_view>

namespace holdfast {

/// Base64 with padding. Source: RFC 4648, section 4.
[[nodiscard]] std::string to_base64(std::string_view bytes);

}  // namespace holdfast
