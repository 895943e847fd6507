#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <vector>

/// Numbers in 16 bits (IEEE 754 binary16), as vectors are kept: half the memory, and 11 bits of precision.
namespace holdfast::similar {

using Half = std::uint16_t;

/// The nearest half; of two equally near the even one. What is too large becomes infinite, NaN stays one.
[[nodiscard]] constexpr Half to_half(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint32_t>(bits >> 16U & 0x8000U);
  const std::uint32_t size = bits & 0x7fffffffU;
  if (size >= 0x7f800000U) return static_cast<Half>(sign | 0x7c00U | (size > 0x7f800000U ? 0x200U : 0U));
  if (size >= 0x477ff000U) return static_cast<Half>(sign | 0x7c00U);  // beyond 65 519
  if (size < 0x33000001U) return static_cast<Half>(sign);             // below half of the smallest
  const std::uint32_t exponent = size >> 23U;
  const bool tiny = exponent < 113;  // below 2^-14 a half has a fixed step
  const std::uint32_t mantissa = tiny ? (size & 0x7fffffU) | 0x800000U : size - (112U << 23U);
  const std::uint32_t shift = tiny ? 126 - exponent : 13;
  const std::uint32_t kept = mantissa >> shift;
  const std::uint32_t rest = mantissa & ((1U << shift) - 1U);
  const std::uint32_t middle = 1U << (shift - 1U);
  const bool up = rest > middle || (rest == middle && (kept & 1U) != 0);
  return static_cast<Half>(sign | (kept + (up ? 1U : 0U)));
}

[[nodiscard]] constexpr float to_float(Half half) {
  const auto sign = static_cast<std::uint32_t>(half & 0x8000U) << 16U;
  const std::uint32_t exponent = half >> 10U & 0x1fU;
  const std::uint32_t mantissa = half & 0x3ffU;
  if (exponent == 0) {
    const float size = static_cast<float>(mantissa) * 0x1p-24F;
    return sign != 0 ? -size : size;
  }
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000U | mantissa << 13U);
  return std::bit_cast<float>(sign | (exponent + 112U) << 23U | mantissa << 13U);
}

[[nodiscard]] inline std::vector<Half> to_halves(std::span<const float> values) {
  std::vector<Half> halves;
  halves.reserve(values.size());
  for (const float value : values) halves.push_back(to_half(value));
  return halves;
}

}  // namespace holdfast::similar
