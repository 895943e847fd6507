#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// How server and worker talk over their socket pair: 4 bytes length, most significant first, then that many
/// bytes of JSON (docs/worker-protocol.md).
namespace holdfast::frame {

inline constexpr std::size_t kHeaderBytes = 4;
/// A longer frame is a broken or hostile worker: its sender is killed.
inline constexpr std::size_t kBodyMax = 8U << 20U;

inline std::string encode(std::string_view body) {
  const auto length = static_cast<std::uint32_t>(body.size());
  std::string out;
  out.reserve(kHeaderBytes + body.size());
  for (const unsigned shift : {24U, 16U, 8U, 0U}) out += static_cast<char>((length >> shift) & 0xffU);
  out += body;
  return out;
}

/// Length of the body that a header announces. Check against kBodyMax before reading on.
inline std::size_t body_length(std::string_view header) {
  std::size_t length = 0;
  for (const char byte : header.substr(0, kHeaderBytes))
    length = length << 8U | static_cast<unsigned char>(byte);
  return length;
}

}  // namespace holdfast::frame
