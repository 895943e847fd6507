#pragma once

#include <sodium.h>

#include <optional>
#include <string>
#include <string_view>

/// Base64 for addresses, without padding. Source: RFC 4648, section 5.
namespace holdfast::sodium {

inline std::string to_base64url(std::string_view bytes) {
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                    kVariant);
  text.pop_back();  // its end of a string
  return text;
}

/// Nothing: it is not exactly that.
inline std::optional<std::string> from_base64url(std::string_view text) {
  std::string bytes(text.size(), '\0');
  std::size_t length = 0;
  const int code = sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                                     text.size(), nullptr, &length, nullptr, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  bytes.resize(length);
  // With no place to say where it stopped, libsodium fails on anything that is left over.
  return code == 0 ? std::optional{std::move(bytes)} : std::nullopt;
}

}  // namespace holdfast::sodium
