#pragma once

#include <cstddef>
#include <cstdint>

/// Limits of the documents that are kept over a restart: what is beyond them is damage.
namespace holdfast::guard {

inline constexpr std::size_t kKeptDepthMax = 8;
/// Milliseconds: 1970 to 9999.
inline constexpr std::int64_t kWallMax = 253'402'300'800'000;

}  // namespace holdfast::guard
