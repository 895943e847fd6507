#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.hpp"

/// What texts mean, as vectors: which ones mean nearly the same.
namespace holdfast::similar {

inline constexpr std::size_t kTextsMax = 64;        ///< of one request
inline constexpr std::size_t kTextBytesMax = 8192;  ///< of one text; a model reads the beginning of it
inline constexpr std::size_t kDimensionMax = 4096;

/// Vectors of length 1, one for each text, in order. How alike two are is their scalar product, -1..1. Vectors of two
/// models have nothing to do with each other.
struct Embeddings {
  std::string model;
  std::size_t dimension = 0;
  std::vector<float> values;  ///< one vector after the other
  unsigned cut = 0;           ///< of how many texts the model read only the beginning; 0 where nobody can say

  [[nodiscard]] std::size_t count() const { return dimension == 0 ? 0 : values.size() / dimension; }
  [[nodiscard]] std::span<const float> row(std::size_t number) const {
    return std::span{values}.subspan(number * dimension, dimension);
  }
};

/// Errors: permanent HF-EMB-04 (none, too many, an empty or too long one).
Result<void> check_texts(std::span<const std::string> texts);

/// Makes the vector's length 1. False: it has none, or holds what is no number.
bool normalise(std::span<float> vector);

/// The scalar product, in double precision and in order. Both are of the same dimension.
[[nodiscard]] double scalar_product(std::span<const float> left, std::span<const float> right);

}  // namespace holdfast::similar
