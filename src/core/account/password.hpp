#pragma once

#include <string_view>

#include "core/base/result.hpp"

namespace holdfast::account {

inline constexpr std::size_t kPasswordMin = 8;    ///< characters
inline constexpr std::size_t kPasswordMax = 1024;  ///< bytes

/// Whether a new password may be taken: length, and not one of those that are tried first. No rules about kinds of
/// characters: they make passwords worse. Errors: invalid HF-ACC-02, never with the password in it.
/// Source: NIST SP 800-63B, section 5.1.1.2.
Result<void> check_password(std::string_view password, std::string_view user_name);

}  // namespace holdfast::account
