#include "adapters/lru/lru_cache.hpp"

#include "tests/contract/cache_contract.hpp"
#include "tests/contract/simulated_cache_backend.hpp"

namespace holdfast {
namespace contract {
namespace {

class LruBackend : public SimulatedCacheBackend {
 public:
  Cache& cache() { return cache_; }

 private:
  LruCache cache_{{}, clock_};
};

}  // namespace

INSTANTIATE_TYPED_TEST_SUITE_P(Lru, CacheContract, LruBackend);

}  // namespace contract

namespace {

class LruCacheTest : public testing::Test, protected contract::SimulatedCacheBackend {
 protected:
  void make(LruLimits limits) { cache_ = std::make_unique<LruCache>(limits, clock_); }
  bool put(const std::string& key, const std::string& value = "1", milliseconds ttl = milliseconds{60'000}) {
    return run(cache_->put(CacheKey{key}, {.value = value, .made_at = now()}, ttl)).value();
  }
  bool has(const std::string& key) { return run(cache_->get(CacheKey{key})).value().has_value(); }
  void pass(milliseconds time) {
    timeline_.wake_one(timeline_.now() + time);
  }
  std::unique_ptr<LruCache> cache_;
};

TEST_F(LruCacheTest, FG_7_KeepsAHundredOfWhichTheLongestNotAskedForGoesFirst) {
  make({.entries_max = 100});
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(put(std::to_string(i)));
  EXPECT_TRUE(has("0"));

  put("100");

  EXPECT_TRUE(has("0")) << "it was asked for";
  EXPECT_FALSE(has("1"));
  EXPECT_TRUE(has("2"));
  EXPECT_EQ(cache_->status().entries, 100U);
}

TEST_F(LruCacheTest, KeepsSoManyBytesOfKeysAndValues) {
  make({.entries_max = 100, .bytes_max = 20});
  ASSERT_TRUE(put("a", "123456789"));
  ASSERT_TRUE(put("b", "123456789"));
  EXPECT_EQ(cache_->status().bytes, 20U);

  ASSERT_TRUE(put("c", "1"));

  EXPECT_FALSE(has("a"));
  EXPECT_TRUE(has("b") && has("c"));
  EXPECT_EQ(cache_->status().bytes, 12U);
  ASSERT_TRUE(put("b", "1"));
  EXPECT_EQ(cache_->status().bytes, 4U) << "what was there before is not counted twice";
}

TEST_F(LruCacheTest, WhatIsLargerThanAllOfItDrivesNothingOut) {
  make({.entries_max = 100, .bytes_max = 20});
  ASSERT_TRUE(put("a", "1"));

  EXPECT_FALSE(put("b", std::string(20, 'x')));

  EXPECT_TRUE(has("a"));
  EXPECT_FALSE(has("b"));
}

TEST_F(LruCacheTest, WhatIsOverGoesBeforeWhatIsNot) {
  make({.entries_max = 2});
  put("long", "1");
  put("short", "1", milliseconds{10});
  pass(milliseconds{10});

  put("new", "1");

  EXPECT_TRUE(has("long")) << "it was longest not asked for, but it is an answer";
  EXPECT_TRUE(has("new"));
  EXPECT_EQ(cache_->status().entries, 2U);
}

TEST_F(LruCacheTest, ACalendarThatWasAheadAtAClearCostsADayAndNotAYear) {
  make({});
  clock_.wall_skew = std::chrono::hours{24 * 365};
  ASSERT_TRUE(run(cache_->clear()));
  clock_.wall_skew = milliseconds{0};
  EXPECT_FALSE(put("a"));

  pass(cache::kTtlMax);

  EXPECT_TRUE(put("a"));
}

}  // namespace
}  // namespace holdfast
