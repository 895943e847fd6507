#pragma once

#include <array>

#include "ports/secrets.hpp"

/// Access tokens as JSON Web Tokens of one kind only: HS256. Source: RFC 7519, RFC 7515, RFC 8725.
namespace holdfast::sodium {

using SigningKey = std::array<unsigned char, 32>;

[[nodiscard]] std::string to_token(const AccessClaims& claims, const SigningKey& key);

/// Errors: invalid HF-AUT-01 for every token that is not of ours, or not good now.
[[nodiscard]] Result<AccessClaims> read_token(std::string_view token, const SigningKey& key, WallTime now);

}  // namespace holdfast::sodium
