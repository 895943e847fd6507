#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace holdfast::account {

inline constexpr std::size_t kRosterMax = 500;  ///< lines

/// The first column of a class list: one name a line, what follows a comma, semicolon or tab is left out, and so is a
/// heading ("name", "user", "email", ...). Names are as they stand there, not yet checked.
/// Errors: invalid HF-ACC-01 (no line, or more than kRosterMax).
Result<std::vector<std::string>> read_roster(std::string_view text);

}  // namespace holdfast::account
