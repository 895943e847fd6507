#pragma once

#include <cstddef>

#include "core/similar/half.hpp"

namespace holdfast::highway {

/// Rows are filled up with zeros to a multiple of so many numbers.
inline constexpr std::size_t kStep = 64;

/// The scalar product of `query` with each of `count` rows of `stride` numbers, a multiple of kStep, into `out`. Each
/// row is summed up in the same way, so that equal rows have equal products; the last bits depend on the processor.
void products(const similar::Half* rows, std::size_t count, std::size_t stride, const float* query, float* out);

}  // namespace holdfast::highway
