#include "adapters/highway/vector_index.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <cmath>
#include <map>

#include "core/base/rng.hpp"
#include "core/similar/embedding.hpp"

namespace holdfast {
namespace {

using similar::Half;
using Vectors = std::map<std::uint64_t, std::vector<Half>>;

class HighwayIndexTest : public testing::Test {
 protected:
  std::vector<float> some_vector(std::size_t dimension) {
    std::vector<float> vector(dimension);
    for (float& value : vector) value = static_cast<float>(rng_.below(20'001)) / 10'000.0F - 1.0F;
    vector[0] += 2.0F;  // never without a direction
    similar::normalise(vector);
    return vector;
  }
  static void add(HighwayIndex& index, Vectors& vectors, std::uint64_t id, const std::vector<float>& vector) {
    vectors[id] = similar::to_halves(vector);
    ASSERT_TRUE(index.add(id, vectors[id]));
  }
  static std::vector<Near> find(HighwayIndex& index, const std::vector<float>& to, std::size_t count) {
    asio::io_context io;
    auto found = asio::co_spawn(io, index.nearest(to, count), asio::use_future);
    io.run();
    return found.get();
  }
  /// What a plain loop in double precision finds.
  static std::vector<Near> found_by_hand(const Vectors& vectors, const std::vector<float>& to, std::size_t count) {
    std::vector<Near> all;
    for (const auto& [id, halves] : vectors) {
      double sum = 0;
      for (std::size_t i = 0; i < to.size(); ++i)
        sum += static_cast<double>(similar::to_float(halves[i])) * static_cast<double>(to[i]);
      all.push_back({.id = id, .similarity = sum});
    }
    std::ranges::sort(all, {}, [](const Near& near) { return std::pair{-near.similarity, near.id}; });
    all.resize(std::min(all.size(), count));
    return all;
  }
  /// The same products, and nothing nearer left out; which of two that differ by a rounding comes first is open.
  static void expect_same(const std::vector<Near>& found, const std::vector<Near>& by_hand) {
    ASSERT_EQ(found.size(), by_hand.size());
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i].similarity, by_hand[i].similarity, 1e-5) << i;
  }

  Rng rng_{7};
  asio::thread_pool pool_{2};
};

TEST_F(HighwayIndexTest, FindsWhatAPlainLoopFindsWhateverIsAddedAndRemoved) {
  for (const std::size_t dimension : {1UL, 3UL, 63UL, 64UL, 65UL, 384UL}) {
    HighwayIndex index;
    Vectors vectors;
    for (std::uint64_t id = 1; id <= 300; ++id) {
      add(index, vectors, id, some_vector(dimension));
      if (id % 3 != 0) continue;
      const std::uint64_t gone = 1 + rng_.below(id);
      index.remove(gone);
      vectors.erase(gone);
    }
    ASSERT_EQ(index.size(), vectors.size());
    for (const std::size_t count : {1UL, 10UL, 1000UL}) {
      const auto to = some_vector(dimension);
      expect_same(find(index, to, count), found_by_hand(vectors, to, count));
    }
  }
}

TEST_F(HighwayIndexTest, ManyRowsAreLookedAtOnAThreadAndAcrossBlocks) {
  HighwayIndex index{&pool_};
  Vectors vectors;
  for (std::uint64_t id = 1; id <= HighwayIndex::kHandOver + 4000; ++id) add(index, vectors, id, some_vector(8));

  const auto to = some_vector(8);
  expect_same(find(index, to, 50), found_by_hand(vectors, to, 50));
  for (std::uint64_t id = 1; id <= HighwayIndex::kHandOver + 4000; ++id) index.remove(id);
  EXPECT_EQ(index.size(), 0U);
  EXPECT_TRUE(find(index, to, 50).empty());
}

TEST_F(HighwayIndexTest, ASearchSeesWhatWasThereWhenItBegan) {
  HighwayIndex index{&pool_};
  Vectors vectors;
  for (std::uint64_t id = 1; id <= HighwayIndex::kHandOver + 100; ++id) add(index, vectors, id, some_vector(64));
  const auto to = some_vector(64);
  const auto before = found_by_hand(vectors, to, 20);
  asio::io_context io;
  auto found = asio::co_spawn(io, index.nearest(to, 20), asio::use_future);
  io.poll();  // it has begun, or is done

  for (const Near& near : before) index.remove(near.id);
  ASSERT_TRUE(index.add(100'000, similar::to_halves(to)));

  io.restart();
  io.run();
  expect_same(found.get(), before);
  EXPECT_EQ(find(index, to, 1).at(0).id, 100'000U);
}

TEST_F(HighwayIndexTest, EquallyNearOnesComeInTheOrderOfTheirIds) {
  HighwayIndex index;
  const auto same = similar::to_halves(some_vector(384));
  const auto other = similar::to_halves(some_vector(384));
  for (const std::uint64_t id : {5UL, 9UL, 2UL, 7UL, 1UL}) ASSERT_TRUE(index.add(id, same));
  for (const std::uint64_t id : {3UL, 4UL, 6UL}) ASSERT_TRUE(index.add(id, other));
  std::vector<float> to;
  for (const Half half : same) to.push_back(similar::to_float(half));

  std::vector<std::uint64_t> ids;
  for (const Near& near : find(index, to, 4)) ids.push_back(near.id);
  EXPECT_EQ(ids, (std::vector<std::uint64_t>{1, 2, 5, 7}));
}

TEST_F(HighwayIndexTest, AnIdIsThereOnceAndWhatDoesNotFitIsRefused) {
  HighwayIndex index;
  const auto first = some_vector(4);
  const auto second = some_vector(4);
  ASSERT_TRUE(index.add(1, similar::to_halves(first)));
  ASSERT_TRUE(index.add(1, similar::to_halves(second)));
  EXPECT_EQ(index.size(), 1U);
  EXPECT_NEAR(find(index, second, 1).at(0).similarity, 1.0, 1e-3);

  EXPECT_FALSE(index.add(2, similar::to_halves(some_vector(5))));
  EXPECT_FALSE(index.add(3, {}));
  EXPECT_TRUE(find(index, some_vector(5), 1).empty());
  index.remove(77);
  index.remove(1);
  EXPECT_TRUE(index.add(4, similar::to_halves(some_vector(5)))) << "an empty one takes any dimension";
}

TEST_F(HighwayIndexTest, DamagedNumbersAreNeverNear) {
  HighwayIndex index;
  ASSERT_TRUE(index.add(1, std::vector<Half>{0x7e00, 0x3c00}));
  ASSERT_TRUE(index.add(2, std::vector<Half>{0x3c00, 0}));

  const auto found = find(index, {1, 0}, 5);

  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].id, 2U);
}

}  // namespace
}  // namespace holdfast
