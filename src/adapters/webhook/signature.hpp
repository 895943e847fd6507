#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace holdfast::webhook {

/// The bytes of a secret: `whsec_` and base64, or else the text itself. Errors: invalid HF-CFG-01 (no base64 behind
/// `whsec_`, fewer than kSecretMin bytes; the text is not repeated).
Result<std::string> secret_bytes(std::string_view text);

/// "v1," and the base64 of HMAC-SHA256 with `secret` over ID.TIMESTAMP.BODY. Source: Standard Webhooks, "Signature
/// scheme".
std::string signature(std::string_view secret, std::string_view id, std::string_view timestamp, std::string_view body);

inline constexpr std::size_t kSecretMin = 16;

}  // namespace holdfast::webhook
