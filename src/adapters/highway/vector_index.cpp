#include "adapters/highway/vector_index.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "adapters/highway/products.hpp"
#include "async/offload.hpp"

namespace holdfast {
namespace {

constexpr std::size_t kBlockRows = 4096;
/// So many products are made before they are looked at: they stay in the nearest cache.
constexpr std::size_t kPortion = 256;

bool is_nearer(const Near& left, const Near& right) {
  if (left.similarity != right.similarity) return left.similarity > right.similarity;
  return left.id < right.id;
}

/// The nearest of those that were offered; the farthest of them is in front.
class Nearest {
 public:
  explicit Nearest(std::size_t count) : count_{count} {}
  void offer(std::uint64_t id, float product) {
    const Near near{.id = id, .similarity = static_cast<double>(product)};
    if (!(product > -2.0F)) return;  // no number: it came out of damaged bytes
    if (kept_.size() == count_) {
      if (!is_nearer(near, kept_.front())) return;
      std::ranges::pop_heap(kept_, is_nearer);
      kept_.pop_back();
    }
    kept_.push_back(near);
    std::ranges::push_heap(kept_, is_nearer);
  }
  std::vector<Near> in_order() && {
    std::ranges::sort(kept_, is_nearer);
    return std::move(kept_);
  }

 private:
  std::size_t count_;
  std::vector<Near> kept_;
};

}  // namespace

bool HighwayIndex::add(std::uint64_t id, std::span<const similar::Half> vector) {
  if (id <= last_id_) remove(id);
  if (size_ == kRowsMax || vector.empty() || (size_ > 0 && vector.size() != dimension_)) return false;
  if (size_ == 0) {
    blocks_.clear();
    dimension_ = vector.size();
    stride_ = (dimension_ + highway::kStep - 1) / highway::kStep * highway::kStep;
  }
  if (blocks_.empty() || blocks_.back()->ids.size() == kBlockRows) blocks_.push_back(std::make_shared<Block>());
  Block& block = writable(blocks_.size() - 1);
  block.rows.insert(block.rows.end(), vector.begin(), vector.end());
  block.rows.resize(block.rows.size() + stride_ - dimension_);
  block.ids.push_back(id);
  last_id_ = std::max(last_id_, id);
  ++size_;
  return true;
}

/// The last row of all takes its place.
void HighwayIndex::remove(std::uint64_t id) {
  const auto place = place_of(id);
  if (!place) return;
  const std::size_t end = blocks_.size() - 1;
  Block& last = writable(end);
  Block& block = place->block == end ? last : writable(place->block);
  const auto row = [this](Block& of, std::size_t number) {
    return of.rows.begin() + static_cast<std::ptrdiff_t>(number * stride_);
  };
  std::copy_n(row(last, last.ids.size() - 1), stride_, row(block, place->row));
  block.ids[place->row] = last.ids.back();
  last.ids.pop_back();
  last.rows.resize(last.ids.size() * stride_);
  if (last.ids.empty()) blocks_.pop_back();
  --size_;
}

std::optional<HighwayIndex::Place> HighwayIndex::place_of(std::uint64_t id) const {
  for (std::size_t number = 0; number < blocks_.size(); ++number) {
    const auto& ids = blocks_[number]->ids;
    const auto found = std::ranges::find(ids, id);
    if (found != ids.end()) return Place{.block = number, .row = static_cast<std::size_t>(found - ids.begin())};
  }
  return std::nullopt;
}

/// While something searches, what it looks at is left alone.
HighwayIndex::Block& HighwayIndex::writable(std::size_t number) {
  auto& block = blocks_[number];
  if (searches_ > 0) block = std::make_shared<Block>(*block);
  return *block;
}

std::vector<Near> HighwayIndex::search(const Blocks& blocks, std::size_t stride, const std::vector<float>& to,
                                       std::size_t count) {
  Nearest nearest{count};
  std::array<float, kPortion> products{};
  for (const auto& block : blocks) {
    for (std::size_t from = 0; from < block->ids.size(); from += kPortion) {
      const std::size_t rows = std::min(kPortion, block->ids.size() - from);
      highway::products(block->rows.data() + from * stride, rows, stride, to.data(), products.data());
      for (std::size_t row = 0; row < rows; ++row) nearest.offer(block->ids[from + row], products[row]);
    }
  }
  return std::move(nearest).in_order();
}

Task<std::vector<Near>> HighwayIndex::nearest(std::vector<float> to, std::size_t count) {
  if (size_ == 0 || to.size() != dimension_ || count == 0) co_return std::vector<Near>{};
  to.resize(stride_);
  Blocks blocks(blocks_.begin(), blocks_.end());
  const std::size_t stride = stride_;
  if (pool_ == nullptr || size_ < kHandOver) co_return search(blocks, stride, to, count);
  auto looking = [blocks, stride, to = std::move(to), count] { return search(blocks, stride, to, count); };
  auto elsewhere = offload(*pool_, std::move(looking));
  ++searches_;
  auto found = co_await std::move(elsewhere);
  --searches_;
  co_return found;
}

}  // namespace holdfast
