#include "core/cache/key.hpp"

#include <gtest/gtest.h>

#include <set>

namespace holdfast::cache {
namespace {

/// Shows what is hashed.
std::string plain(std::string_view text) { return std::string{text}; }

const KeyParts kParts{"fragrance", "brief", "p1", "qwen", "q4_1", R"({"temperature":0.5})", "rose"};

TEST(CacheKeyOf, IsTheSameForTheSame) {
  EXPECT_EQ(key_of(kParts, &plain), key_of(kParts, &plain));
  EXPECT_EQ(key_of(kParts, [](std::string_view) { return std::string{"0a"}; }).text(), "0a");
}

TEST(CacheKeyOf, EveryPartMakesAnother) {
  std::string KeyParts::* const members[] = {&KeyParts::recipe, &KeyParts::stage,        &KeyParts::prompt_version,
                                             &KeyParts::model,  &KeyParts::quantization, &KeyParts::parameters,
                                             &KeyParts::input};
  std::set<CacheKey> keys{key_of(kParts, &plain)};
  for (const auto member : members) {
    KeyParts other = kParts;
    other.*member += "x";
    EXPECT_TRUE(keys.insert(key_of(other, &plain)).second);
    other.*member = "";
    EXPECT_TRUE(keys.insert(key_of(other, &plain)).second);
  }
}

TEST(CacheKeyOf, WhatMovesFromOnePartToTheNextIsAnotherQuestion) {
  EXPECT_NE(key_of({.recipe = "ab", .stage = "c"}, &plain), key_of({.recipe = "a", .stage = "bc"}, &plain));
  EXPECT_NE(key_of({.recipe = "1:a", .stage = ""}, &plain), key_of({.recipe = "", .stage = "1:a"}, &plain));
  EXPECT_NE(prompt_version("ab", "c", &plain), prompt_version("a", "bc", &plain));
  EXPECT_NE(prompt_version("a", "", &plain), prompt_version("", "a", &plain));
}

TEST(CacheEntryCheck, TellsWhatIsBeyondTheLimits) {
  const CacheKey key{"k"};
  const CacheEntry entry{.value = "{}"};
  EXPECT_TRUE(check(key, entry, kTtlMax));
  EXPECT_TRUE(check(CacheKey{std::string(kKeyMax, 'k')}, {.value = std::string(kValueMax, 'v')}, milliseconds{1}));
  for (const char* bad : {"", "a b", "a\n", "\x7f", "\xc3\xa4"}) EXPECT_FALSE(check(CacheKey{bad}, entry, kTtlMax));
  EXPECT_FALSE(check(CacheKey{std::string(kKeyMax + 1, 'k')}, entry, kTtlMax));
  EXPECT_FALSE(check(key, {.value = std::string(kValueMax + 1, 'v')}, kTtlMax));
  for (const milliseconds ttl : {milliseconds{0}, milliseconds{-1}, kTtlMax + milliseconds{1}})
    EXPECT_FALSE(check(key, entry, ttl));
  EXPECT_EQ(check(key, entry, milliseconds{0}).error().code(), "HF-REQ-02");
}

TEST(CacheMayReplace, FG_7_NoStaleWriteWins) {
  const auto at = [](int time) { return WallTime{milliseconds{time}}; };
  const CacheEntry entry{.value = "1", .made_at = at(10)};
  struct Case {
    std::optional<WallTime> held;
    std::optional<WallTime> cleared;
    bool may;
  };
  const Case cases[] = {{{}, {}, true},         {at(9), {}, true},    {at(10), {}, true}, {at(11), {}, false},
                        {{}, at(10), true},     {{}, at(11), false},  {at(9), at(9), true}, {at(9), at(11), false},
                        {at(11), at(9), false}};
  for (const Case& one : cases) EXPECT_EQ(may_replace(entry, one.held, one.cleared), one.may);
}

}  // namespace
}  // namespace holdfast::cache
