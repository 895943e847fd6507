#include "adapters/sodium/digest.hpp"

#include <gtest/gtest.h>

namespace holdfast::sodium {
namespace {

/// Source: python3 -c "import hashlib; print(hashlib.blake2b(b'abc', digest_size=32).hexdigest())"
TEST(SodiumDigest, IsBlake2bWith256Bits) {
  EXPECT_EQ(digest("abc"), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
  EXPECT_EQ(digest("").size(), 64U);
  EXPECT_NE(digest(std::string_view{"a\0b", 3}), digest("a"));
}

}  // namespace
}  // namespace holdfast::sodium
