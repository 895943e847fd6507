#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace holdfast::account {

inline constexpr std::size_t kNameMax = 64;
inline constexpr std::size_t kLabelMax = 100;

/// The name as it is kept and compared: Latin letters in lower case. 1 to 64 of a-z, 0-9 and . _ - + @, the first a
/// letter or digit; an e-mail address fits. Errors: invalid HF-ACC-01.
Result<std::string> parse_name(std::string_view text);

/// What a user calls an API token: 1 to 100 bytes of UTF-8 without control characters. Errors: invalid HF-ACC-01.
Result<std::string> parse_label(std::string_view text);

}  // namespace holdfast::account
