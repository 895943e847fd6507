#pragma once

namespace holdfast {

/// 0 to 9, whatever the locale says.
constexpr bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

}  // namespace holdfast
