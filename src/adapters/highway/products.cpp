// This file is compiled once for each generation of processors (foreach_target.h includes it again and again); the best
// that the machine has is taken when it runs.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "adapters/highway/products.cpp"
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include "adapters/highway/products.hpp"

HWY_BEFORE_NAMESPACE();
namespace holdfast::highway::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Four sums beside each other, because a sum has to wait for the one before it.
void ProductsOf(const similar::Half* rows, std::size_t count, std::size_t stride, const float* query, float* out) {
  const hn::CappedTag<float, kStep / 4> wide;
  const hn::Rebind<hwy::float16_t, decltype(wide)> half;
  const hn::Rebind<std::uint16_t, decltype(wide)> bits;
  const std::size_t lanes = hn::Lanes(wide);
  const auto load = [&](const similar::Half* from) {
    return hn::PromoteTo(wide, hn::BitCast(half, hn::LoadU(bits, from)));
  };
  for (std::size_t row = 0; row < count; ++row, rows += stride) {
    auto first = hn::Zero(wide);
    auto second = first;
    auto third = first;
    auto fourth = first;
    for (std::size_t at = 0; at < stride; at += 4 * lanes) {
      first = hn::MulAdd(load(rows + at), hn::LoadU(wide, query + at), first);
      second = hn::MulAdd(load(rows + at + lanes), hn::LoadU(wide, query + at + lanes), second);
      third = hn::MulAdd(load(rows + at + 2 * lanes), hn::LoadU(wide, query + at + 2 * lanes), third);
      fourth = hn::MulAdd(load(rows + at + 3 * lanes), hn::LoadU(wide, query + at + 3 * lanes), fourth);
    }
    const auto sum = hn::Add(hn::Add(first, second), hn::Add(third, fourth));
    out[row] = hn::GetLane(hn::SumOfLanes(wide, sum));
  }
}

}  // namespace holdfast::highway::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace holdfast::highway {

HWY_EXPORT(ProductsOf);

void products(const similar::Half* rows, std::size_t count, std::size_t stride, const float* query, float* out) {
  HWY_DYNAMIC_DISPATCH(ProductsOf)(rows, count, stride, query, out);
}

}  // namespace holdfast::highway
#endif
