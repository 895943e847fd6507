#include <gtest/gtest.h>

#include "web/fake_world.hpp"
#include "web/raw_client.hpp"

namespace holdfast::web::testing {
namespace {

constexpr const char* kPath = "/api/failure-recovery/limits";

std::string get(const World& world, std::string_view target) {
  return "GET " + std::string{target} + " HTTP/1.1\r\nHost: " + world.host() + "\r\n\r\n";
}

std::string patch(const World& world, const std::string& body) {
  return "PATCH " + std::string{kPath} + " HTTP/1.1\r\nHost: " + world.host() +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST(Limits, LAB_11_AreShownAndChanged) {
  World world{{}, 4ULL << 30U, Visitors::one_superuser};
  RawClient client{world.port};

  const Answer changed = client.ask(patch(world, R"({"active_users_max":15})"));

  EXPECT_EQ(changed.status, 200U);
  EXPECT_EQ(changed.body, "{\"active_users_max\":15}\n");
  EXPECT_EQ(client.ask(get(world, kPath)).body, changed.body);
}

TEST(Limits, WhatIsRefusedIsToldAsAProblem) {
  World world{{}, 4ULL << 30U, Visitors::one_superuser};
  RawClient client{world.port};

  EXPECT_EQ(client.ask(patch(world, "{}")).status, 400U);
  EXPECT_EQ(client.ask(patch(world, "[1]")).status, 400U);
}

TEST(Readiness, LAB_8_AServerThatTakesNoUploadIsNotReady) {
  World world;
  RawClient client{world.port};
  world.on_thread([&] { world.refusing = true; });

  const Answer refused = client.ask(get(world, "/readyz"));

  EXPECT_EQ(refused.status, 503U);
  EXPECT_EQ(refused.field("Retry-After"), "120");
}

}  // namespace
}  // namespace holdfast::web::testing
