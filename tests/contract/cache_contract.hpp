#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "ports/cache.hpp"
#include "tests/contract/job_store_samples.hpp"

namespace holdfast::contract {

/// What every Cache promises. A Backend is made anew for each test, with an empty cache, and has
///   `std::string missing()`   why it cannot be had here; empty: it can
///   `Cache& cache()`
///   `WallTime now()`          what the calendar shows by which `clear` goes
///   `T run(Task<T>)`          drives a task to its end
///   `bool eventually(std::function<bool()>)`  lets time pass until it is true, or gives up after a minute
template <class Backend>
class CacheContract : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = backend_.missing(); !why.empty()) GTEST_SKIP() << why;
  }
  Cache& cache() { return backend_.cache(); }
  WallTime at(int seconds_from_now) { return backend_.now() + std::chrono::seconds{seconds_from_now}; }
  Result<bool> put(std::string key, std::string value, WallTime made_at, milliseconds ttl = milliseconds{600'000}) {
    return backend_.run(cache().put(CacheKey{std::move(key)}, {.value = std::move(value), .made_at = made_at}, ttl));
  }
  std::optional<CacheEntry> entry(std::string key) { return backend_.run(cache().get(CacheKey{std::move(key)})).value(); }
  std::string value(std::string key) { return entry(std::move(key)).value_or(CacheEntry{.value = "nothing"}).value; }
  bool clear() { return backend_.run(cache().clear()).has_value(); }
  bool probe() { return backend_.run(cache().probe()).has_value(); }
  bool eventually(const std::function<bool()>& what) { return backend_.eventually(what); }

 private:
  Backend backend_;
};

TYPED_TEST_SUITE_P(CacheContract);

TYPED_TEST_P(CacheContract, FG_7_WhatWasPutIsFoundWithTheTimeItWasMade) {
  const WallTime made_at = this->at(-90);
  EXPECT_EQ(this->value("a"), "nothing");

  ASSERT_TRUE(this->put("a", R"({"notes":["rose"]})", made_at).value());

  EXPECT_EQ(this->entry("a"), (CacheEntry{.value = R"({"notes":["rose"]})", .made_at = made_at}));
  EXPECT_EQ(this->value("b"), "nothing");
  const CacheStatus status = this->cache().status();
  EXPECT_EQ(status.hits, 1U);
  EXPECT_EQ(status.misses, 2U);
}

TYPED_TEST_P(CacheContract, FG_7_TheOneThatWasBegunLaterStaysWhicheverArrivesLast) {
  ASSERT_TRUE(this->put("a", "new", this->at(-10)).value());
  EXPECT_FALSE(this->put("a", "old", this->at(-20)).value());
  EXPECT_EQ(this->value("a"), "new");

  EXPECT_TRUE(this->put("a", "newer", this->at(-5)).value());
  EXPECT_EQ(this->value("a"), "newer");
}

TYPED_TEST_P(CacheContract, OfTwoThatBeganTogetherTheLastStays) {
  const WallTime made_at = this->at(-10);
  ASSERT_TRUE(this->put("a", "1", made_at).value());
  EXPECT_TRUE(this->put("a", "2", made_at).value());
  EXPECT_EQ(this->value("a"), "2");
}

TYPED_TEST_P(CacheContract, FG_8_AnEntryIsNoneWhenItsTimeIsOverAndKeepsNoNewerOneOut) {
  ASSERT_TRUE(this->put("short", "1", this->at(0), milliseconds{30}).value());
  ASSERT_TRUE(this->put("long", "1", this->at(0), cache::kTtlMax).value());

  EXPECT_TRUE(this->eventually([this] { return this->value("short") == "nothing"; }));

  EXPECT_EQ(this->value("long"), "1");
  EXPECT_TRUE(this->put("short", "older", this->at(-1'000)).value());
  EXPECT_EQ(this->value("short"), "older");
}

TYPED_TEST_P(CacheContract, APutBeginsTheTimeAnew) {
  ASSERT_TRUE(this->put("a", "1", this->at(-2), milliseconds{30}).value());
  ASSERT_TRUE(this->put("a", "2", this->at(-1), cache::kTtlMax).value());
  ASSERT_TRUE(this->put("mark", "1", this->at(0), milliseconds{60}).value());

  EXPECT_TRUE(this->eventually([this] { return this->value("mark") == "nothing"; }));

  EXPECT_EQ(this->value("a"), "2");
}

TYPED_TEST_P(CacheContract, FG_15_AfterAClearNothingThatWasBegunBeforeItIsThereOrComesBack) {
  const WallTime before = this->at(-60);
  for (const char* key : {"a", "b", "c"}) ASSERT_TRUE(this->put(key, "1", before).value());

  ASSERT_TRUE(this->clear());

  for (const char* key : {"a", "b", "c"}) EXPECT_EQ(this->value(key), "nothing");
  EXPECT_FALSE(this->put("a", "late", before).value()) << "it was begun with what is no longer";
  EXPECT_EQ(this->value("a"), "nothing");
  EXPECT_TRUE(this->put("a", "anew", this->at(60)).value());
  EXPECT_EQ(this->value("a"), "anew");
}

TYPED_TEST_P(CacheContract, ValuesAreKeptByteForByteUpToTheLimit) {
  ASSERT_TRUE(this->put("odd", hostile_text(), this->at(0)).value());
  EXPECT_EQ(this->value("odd"), hostile_text());
  ASSERT_TRUE(this->put("none", "", this->at(0)).value());
  EXPECT_EQ(this->value("none"), "");
  ASSERT_TRUE(this->put("space", " 7 {}", this->at(0)).value());
  EXPECT_EQ(this->value("space"), " 7 {}");

  const std::string large(cache::kValueMax, 'x');
  ASSERT_TRUE(this->put(std::string(cache::kKeyMax, 'k'), large, this->at(0)).value());
  EXPECT_EQ(this->value(std::string(cache::kKeyMax, 'k')), large);
}

TYPED_TEST_P(CacheContract, WhatIsBeyondTheLimitsIsRefusedAndChangesNothing) {
  ASSERT_TRUE(this->put("a", "1", this->at(-10)).value());

  const auto too_large = this->put("a", std::string(cache::kValueMax + 1, 'x'), this->at(0));
  const auto no_time = this->put("a", "2", this->at(0), milliseconds{0});
  const auto no_key = this->put("a b", "2", this->at(0));

  for (const auto* refused : {&too_large, &no_time, &no_key}) {
    ASSERT_FALSE(*refused);
    EXPECT_EQ(refused->error().code(), "HF-REQ-02");
  }
  EXPECT_EQ(this->value("a"), "1");
}

TYPED_TEST_P(CacheContract, TimesBefore1970AndFarAheadAreTimes) {
  const WallTime before{milliseconds{-1'000}};
  const WallTime ahead{milliseconds{253'402'300'799'999}};
  ASSERT_TRUE(this->put("a", "1", before).value());
  EXPECT_EQ(this->entry("a")->made_at, before);
  ASSERT_TRUE(this->put("a", "2", ahead).value());
  EXPECT_EQ(this->entry("a")->made_at, ahead);
  EXPECT_FALSE(this->put("a", "3", ahead - milliseconds{1}).value());
}

TYPED_TEST_P(CacheContract, SaysThatItIsThere) {
  EXPECT_TRUE(this->probe());
  EXPECT_FALSE(this->cache().status().backend.empty());
}

REGISTER_TYPED_TEST_SUITE_P(CacheContract, FG_7_WhatWasPutIsFoundWithTheTimeItWasMade,
                            FG_7_TheOneThatWasBegunLaterStaysWhicheverArrivesLast, OfTwoThatBeganTogetherTheLastStays,
                            FG_8_AnEntryIsNoneWhenItsTimeIsOverAndKeepsNoNewerOneOut, APutBeginsTheTimeAnew,
                            FG_15_AfterAClearNothingThatWasBegunBeforeItIsThereOrComesBack,
                            ValuesAreKeptByteForByteUpToTheLimit, WhatIsBeyondTheLimitsIsRefusedAndChangesNothing,
                            TimesBefore1970AndFarAheadAreTimes, SaysThatItIsThere);

}  // namespace holdfast::contract
