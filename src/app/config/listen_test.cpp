#include "app/config/listen.hpp"

#include <gtest/gtest.h>

namespace holdfast::config {
namespace {

TEST(Listen, KnowsWhoCanReachIt) {
  for (const auto* text : {"127.0.0.1:8642", "127.9.9.9:0", "[::1]:80", "localhost:8642"}) {
    ASSERT_TRUE(parse_listen(text)) << text;
    EXPECT_TRUE(is_loopback(*parse_listen(text))) << text;
  }
  for (const auto* text : {"0.0.0.0:0", "[::]:0", "192.0.2.1:0", "127.example.org:80", "[::ffff:192.0.2.1]:1"}) {
    ASSERT_TRUE(parse_listen(text)) << text;
    EXPECT_FALSE(is_loopback(*parse_listen(text))) << text;
  }
}

TEST(Listen, TakesLocalhostForAnAddress) {
  EXPECT_EQ(parse_listen("localhost:8642")->host, "127.0.0.1");
  EXPECT_EQ(parse_listen("localhost:8642")->port, 8642);
  EXPECT_EQ(parse_listen("[::1]:1")->host, "::1");
}

TEST(Listen, RefusesWhatIsNoAddressWithPort) {
  for (const auto* text : {"", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000", "127.0.0.1:80x"}) {
    EXPECT_FALSE(parse_listen(text)) << text;
  }
}

}  // namespace
}  // namespace holdfast::config
