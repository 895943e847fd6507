#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/similar/half.hpp"
#include "ports/task.hpp"

namespace holdfast {

/// One of the nearest: whose vector it is, and the scalar product with what was asked for, -1..1.
struct Near {
  std::uint64_t id = 0;
  double similarity = 0;
};

/// Port: vectors of length 1 in memory, to find those that are nearest to another. The search is exact: it looks at
/// every one. What is in it is made from a VectorStore, and may be out of date as soon as it is there. Used from one
/// executor.
class VectorIndex {
 public:
  virtual ~VectorIndex() = default;
  /// Takes the place of one that has this id. Cheapest in the order of the ids. False: there are kRowsMax already, or
  /// it has another dimension than the first one.
  [[nodiscard]] virtual bool add(std::uint64_t id, std::span<const similar::Half> vector) = 0;
  /// Removing what is not there is no error.
  virtual void remove(std::uint64_t id) = 0;
  [[nodiscard]] virtual std::size_t size() const = 0;
  /// At most so many, the nearest first, of equally near ones the smaller id first. None, where `to` has another
  /// dimension. It sees the vectors that were there when it was called.
  virtual Task<std::vector<Near>> nearest(std::vector<float> to, std::size_t count) = 0;

  static constexpr std::size_t kRowsMax = 1'000'000;
};

}  // namespace holdfast
