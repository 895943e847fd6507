#include "core/base/base64.hpp"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(Base64, IsThatOfRfc4648) {
  const std::pair<std::string_view, std::string_view> vectors[] = {
      {"", ""},           {"f", "Zg=="},         {"fo", "Zm8="},        {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}, {"\xff\xfe\xfd", "//79"}};
  for (const auto& [bytes, text] : vectors) EXPECT_EQ(to_base64(bytes), text);
}

}  // namespace
}  // namespace holdfast
