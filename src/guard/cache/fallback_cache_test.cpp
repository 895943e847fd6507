#include "guard/cache/fallback_cache.hpp"

#include "guard/guard_test_kit.hpp"
#include "sim/map_cache.hpp"
#include "tests/contract/cache_contract.hpp"
#include "tests/contract/simulated_cache_backend.hpp"

namespace holdfast {
namespace contract {
namespace {

/// Both are there.
class FallbackBackend : public SimulatedCacheBackend {
 public:
  Cache& cache() { return cache_; }

 protected:
  sim::MapCache front_{clock_, "redis"};
  sim::MapCache stand_in_{clock_};
  guard::testing::NoJitter entropy_;
  guard::FallbackCache cache_{{front_, stand_in_, clock_, entropy_}};
};

/// The shared one is away all the time.
class LostBackend : public FallbackBackend {
 public:
  LostBackend() { front_.error = Error{ErrorClass::dependency, "HF-CCH-01", "away"}; }
};

}  // namespace

INSTANTIATE_TYPED_TEST_SUITE_P(Fallback, CacheContract, FallbackBackend);
INSTANTIATE_TYPED_TEST_SUITE_P(FallbackLost, CacheContract, LostBackend);

}  // namespace contract

namespace guard::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

class FallbackCacheTest : public GuardTest {
 protected:
  void SetUp() override { run(cache_.run()); }
  void TearDown() override {
    cache_.stop();
    settle();
  }
  template <class T>
  T ask(Task<T> task) {
    std::optional<T> out;
    auto keeping = [](Task<T> what, std::optional<T>* where) -> Task<void> {
      where->emplace(co_await std::move(what));
    };
    run(keeping(std::move(task), &out));
    for (; !out && timeline_.wake_one(timeline_.next()); settle()) continue;
    return std::move(out).value();
  }
  WallTime at(int seconds) { return clock_.wall_now() + std::chrono::seconds{seconds}; }
  Result<bool> put(const std::string& key, const std::string& value, WallTime made_at,
                   milliseconds ttl = milliseconds{3'600'000}) {
    return ask(cache_.put(CacheKey{key}, {.value = value, .made_at = made_at}, ttl));
  }
  Result<bool> put(const std::string& key, const std::string& value) { return put(key, value, at(0)); }
  std::string value(const std::string& key) {
    const auto found = ask(cache_.get(CacheKey{key}));
    if (!found) return found.error().code();
    return *found ? (*found)->value : "nothing";
  }
  std::string shared(const std::string& key) {
    const auto found = front_.entries.find(CacheKey{key});
    return found == front_.entries.end() ? "nothing" : found->second.entry.value;
  }
  /// Another server writes into the shared one.
  void put_elsewhere(const std::string& key, const std::string& value, WallTime made_at) {
    const auto error = std::exchange(front_.error, std::nullopt);
    ASSERT_TRUE(ask(front_.put(CacheKey{key}, {.value = value, .made_at = made_at}, milliseconds{3'600'000})).value());
    front_.error = error;
  }
  void away(ErrorClass cls = ErrorClass::dependency) { front_.error = Error{cls, "HF-CCH-01", "no answer"}; }
  void back() {
    front_.error.reset();
    pass(2 * FallbackCache::kPauses.ceiling);
  }

  sim::MapCache front_{clock_, "redis"};
  sim::MapCache stand_in_{clock_};
  FallbackCache cache_{{front_, stand_in_, clock_, entropy_, &log_}};
};

TEST_F(FallbackCacheTest, FG_7_TheSharedOneAnswersWhileItIsThere) {
  put_elsewhere("a", "1", at(-1));
  EXPECT_EQ(value("a"), "1");
  EXPECT_TRUE(put("b", "2").value());
  EXPECT_EQ(shared("b"), "2");
  EXPECT_EQ(cache_.status().backend, "redis");
  EXPECT_FALSE(cache_.status().stands_in);
}

TEST_F(FallbackCacheTest, FG_7_NoRequestFailsBecauseTheSharedOneIsAway) {
  ASSERT_TRUE(put("before", "1").value());
  pass(milliseconds{1'000});
  away();

  EXPECT_EQ(value("before"), "1") << "what was written is in the stand-in too";
  EXPECT_EQ(value("never"), "nothing");
  EXPECT_TRUE(put("during", "2").value());
  EXPECT_EQ(value("during"), "2");
  EXPECT_TRUE(ask(cache_.probe()));
  EXPECT_TRUE(ask(cache_.clear()));
  EXPECT_EQ(value("during"), "nothing");
  EXPECT_EQ(cache_.status().backend, "memory");
  EXPECT_TRUE(cache_.status().stands_in);
  EXPECT_EQ(cache_.status().since, clock_.wall_now());
  EXPECT_THAT(log_.lines, ElementsAre("! cache_lost HF-CCH-01 no answer"));
}

TEST_F(FallbackCacheTest, FG_7_AfterTheFirstFailureNobodyWaitsForTheSharedOne) {
  front_.takes = milliseconds{500};
  away();
  EXPECT_EQ(value("a"), "nothing");
  const MonoTime began = timeline_.now();

  for (int i = 0; i < 100; ++i) EXPECT_EQ(value("a"), "nothing");

  EXPECT_EQ(timeline_.now(), began);
  EXPECT_EQ(cache_.status().misses, 101U);
}

TEST_F(FallbackCacheTest, FG_7_ItIsFoundAgainByItselfAfterGrowingPauses) {
  away();
  EXPECT_EQ(value("a"), "nothing");
  pass(std::chrono::hours{1});
  EXPECT_GT(front_.probes, 100);
  EXPECT_LT(front_.probes, 15'000);

  back();

  EXPECT_FALSE(cache_.status().stands_in);
  EXPECT_EQ(cache_.status().backend, "redis");
  EXPECT_THAT(log_.lines, ElementsAre("! cache_lost HF-CCH-01 no answer", "cache_found"));
  const int probes = front_.probes;
  pass(std::chrono::hours{1});
  EXPECT_EQ(front_.probes, probes) << "nobody looks who need not";
}

TEST_F(FallbackCacheTest, FG_7_WhatWasWrittenMeanwhileIsToldBeforeItAnswersAgain) {
  ASSERT_TRUE(put("a", "old").value());
  away();
  pass(milliseconds{1'000});
  ASSERT_TRUE(put("a", "new").value());
  ASSERT_TRUE(put("b", "short", at(0), milliseconds{1'000}).value());
  pass(milliseconds{1'000});
  EXPECT_EQ(shared("a"), "old");

  back();

  EXPECT_EQ(value("a"), "new") << "nobody sees an older answer than before";
  EXPECT_EQ(shared("a"), "new");
  EXPECT_EQ(shared("b"), "nothing") << "its time is over";
}

TEST_F(FallbackCacheTest, FG_7_NoStaleWriteWinsOverWhatAnotherServerWroteMeanwhile) {
  away();
  ASSERT_TRUE(put("a", "mine", at(0)).value());
  put_elsewhere("a", "newer", at(5));

  back();

  EXPECT_EQ(value("a"), "newer");
}

TEST_F(FallbackCacheTest, WhatIsToldKeepsWhatIsLeftOfItsTime) {
  away();
  ASSERT_TRUE(put("a", "1", at(0), milliseconds{600'000}).value());
  const MonoTime until = timeline_.now() + milliseconds{600'000};

  back();

  EXPECT_EQ(front_.entries.at(CacheKey{"a"}).until, until);
}

TEST_F(FallbackCacheTest, FG_15_AClearingThatTheSharedOneMissedIsMadeUpForBeforeItAnswers) {
  ASSERT_TRUE(put("a", "1").value());
  away();
  pass(milliseconds{1'000});
  ASSERT_TRUE(ask(cache_.clear()));
  EXPECT_EQ(shared("a"), "1");

  back();

  EXPECT_EQ(value("a"), "nothing");
  EXPECT_EQ(shared("a"), "nothing");
}

TEST_F(FallbackCacheTest, OneThatCannotBeClearedDoesNotAnswer) {
  ASSERT_TRUE(put("a", "1").value());
  pass(milliseconds{1'000});
  away(ErrorClass::overloaded);

  EXPECT_TRUE(ask(cache_.clear()));
  front_.error.reset();

  EXPECT_EQ(value("a"), "nothing");
}

TEST_F(FallbackCacheTest, TooManyCallsAtOnceAreNoLoss) {
  ASSERT_TRUE(put("a", "1").value());
  away(ErrorClass::overloaded);

  EXPECT_EQ(value("a"), "1") << "the stand-in knows it";
  EXPECT_FALSE(put("b", "2").value());

  EXPECT_FALSE(cache_.status().stands_in);
  EXPECT_THAT(log_.lines, ::testing::IsEmpty());
}

TEST_F(FallbackCacheTest, AWrongRequestIsTheCallersMistake) {
  EXPECT_EQ(put("a b", "1").error().code(), "HF-REQ-02");
  EXPECT_FALSE(cache_.status().stands_in);
}

TEST_F(FallbackCacheTest, OneThatIsLostAgainWhileItIsToldStaysAwayAndOwesNothingLess) {
  away();
  for (const char* key : {"a", "b", "c"}) ASSERT_TRUE(put(key, key).value());
  front_.takes = milliseconds{100};
  front_.error.reset();
  // It is found, and lost in the middle of being told.
  while (front_.entries.empty()) pass(milliseconds{10});
  away();
  pass(milliseconds{1'000});
  EXPECT_TRUE(cache_.status().stands_in);

  front_.takes = milliseconds{0};
  back();

  for (const char* key : {"a", "b", "c"}) EXPECT_EQ(shared(key), key);
}

TEST_F(FallbackCacheTest, AtMostSoManyAreTold) {
  away();
  for (std::size_t i = 0; i < FallbackCache::kStandInEntries + 20; ++i)
    ASSERT_TRUE(put(std::to_string(i), "1", at(0), milliseconds{3'600'000 + static_cast<int>(i)}).value());

  back();

  EXPECT_EQ(front_.entries.size(), FallbackCache::kStandInEntries);
  EXPECT_EQ(shared("0"), "nothing") << "those whose time ends first are left out";
}

TEST_F(FallbackCacheTest, ALookOfSomebodyElseFindsTheLossToo) {
  away();
  EXPECT_FALSE(ask(cache_.look()));
  EXPECT_TRUE(cache_.status().stands_in);
  front_.error.reset();
  EXPECT_TRUE(ask(cache_.look()));
  EXPECT_FALSE(cache_.status().stands_in);
}

}  // namespace
}  // namespace guard::testing
}  // namespace holdfast
