#pragma once

#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "ports/vector_index.hpp"

namespace holdfast {

/// Vectors in blocks of 16-bit numbers, compared with the vector instructions of this machine. A search of many rows is
/// done on a thread of `pool`; the rows that it looks at stay as they are until it is done, whatever is added or
/// removed.
class HighwayIndex final : public VectorIndex {
 public:
  /// `pool`: none does everything at once on the calling thread; else it outlives this.
  explicit HighwayIndex(asio::thread_pool* pool = nullptr) : pool_{pool} {}

  [[nodiscard]] bool add(std::uint64_t id, std::span<const similar::Half> vector) override;
  void remove(std::uint64_t id) override;
  [[nodiscard]] std::size_t size() const override { return size_; }
  Task<std::vector<Near>> nearest(std::vector<float> to, std::size_t count) override;

  /// From so many rows on a search takes longer than handing it to a thread.
  static constexpr std::size_t kHandOver = 5'000;

 private:
  struct Block {
    std::vector<similar::Half> rows;
    std::vector<std::uint64_t> ids;
  };
  /// Shared with searches under way, which see what was there when they began.
  using Blocks = std::vector<std::shared_ptr<const Block>>;
  struct Place {
    std::size_t block = 0;
    std::size_t row = 0;
  };
  static std::vector<Near> search(const Blocks& blocks, std::size_t stride, const std::vector<float>& to,
                                  std::size_t count);
  [[nodiscard]] std::optional<Place> place_of(std::uint64_t id) const;
  Block& writable(std::size_t number);

  asio::thread_pool* pool_;
  std::vector<std::shared_ptr<Block>> blocks_;
  std::size_t dimension_ = 0;
  std::size_t stride_ = 0;
  std::size_t size_ = 0;
  std::uint64_t last_id_ = 0;  ///< the largest that was ever here
  unsigned searches_ = 0;      ///< under way
};

}  // namespace holdfast
