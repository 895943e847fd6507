#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "web/fake_world.hpp"
#include "web/raw_client.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;
using testing::Answer;
using testing::RawClient;
using testing::World;

constexpr const char* kBase = "/api/failure-recovery";

Answer ask(const World& world, const std::string& method, const std::string& target) {
  return RawClient{world.port}.ask(method + " " + target + " HTTP/1.1\r\nHost: " + world.host() + "\r\n\r\n");
}

json::object object_of(const Answer& answer) {
  EXPECT_EQ(answer.status, 200U) << answer.body;
  return json::parse(answer.body).as_object();
}

class ServiceRoutes : public ::testing::Test {
 protected:
  void break_language() {
    world_.on_thread([this] {
      const Error sick{ErrorClass::transient, "HF-LLM-01", "no answer from the secret host"};
      for (const char* item : {"a", "b", "c"}) {
        const auto pass = world_.services.admit("language", ItemId{item}, false);
        world_.services.ended(*pass, &sick);
      }
    });
  }
  json::object breaker(const std::string& name) {
    return object_of(ask(world_, "GET", std::string{kBase} + "/circuit-breakers/" + name));
  }
  World world_{{}, 4ULL << 30U, testing::Visitors::one_superuser};
};

TEST_F(ServiceRoutes, FR_6_BreakersAreListedByName) {
  const auto body = object_of(ask(world_, "GET", std::string{kBase} + "/circuit-breakers"));
  const auto& data = body.at("data").as_array();
  ASSERT_EQ(data.size(), 3U);
  EXPECT_EQ(data[0].at("name"), "language");
  EXPECT_EQ(data[1].at("name"), "language/mistral");
  EXPECT_EQ(data[2].at("state"), "closed");
}

TEST_F(ServiceRoutes, FR_5_AnOpenBreakerSaysSinceWhenAndUntilWhen) {
  break_language();
  const auto open = breaker("language");
  EXPECT_EQ(open.at("state"), "open");
  EXPECT_EQ(open.at("calls"), 3);
  EXPECT_EQ(open.at("failure_rate").to_number<double>(), 1.0);
  EXPECT_EQ(open.at("last_failure"), "HF-LLM-01");
  EXPECT_LT(open.at("since").as_string(), open.at("retry_at").as_string());
}

TEST_F(ServiceRoutes, FR_6_ByHandABreakerIsResetOpenedAndClosed) {
  break_language();
  const std::string base = std::string{kBase} + "/circuit-breakers/";
  EXPECT_EQ(object_of(ask(world_, "POST", base + "language/reset")).at("state"), "closed");
  EXPECT_EQ(breaker("language").at("calls"), 0);
  const auto opened = object_of(ask(world_, "POST", base + "language%2Fmistral/open"));
  EXPECT_EQ(opened.at("state"), "open");
  EXPECT_EQ(opened.at("by_hand"), true);
  EXPECT_EQ(opened.at("retry_at"), nullptr);
  EXPECT_EQ(object_of(ask(world_, "POST", base + "language%2Fmistral/close")).at("state"), "closed");
}

TEST_F(ServiceRoutes, FR_6_UnknownNamesAreNotFoundAndChangeNothing) {
  for (const std::string name : {"nobody", "store", "language%2Fnobody", "%00", "..%2Flanguage", "LANGUAGE"}) {
    for (const char* action : {"", "/reset", "/open", "/close"}) {
      const auto answer =
          ask(world_, *action == 0 ? "GET" : "POST", std::string{kBase} + "/circuit-breakers/" + name + action);
      EXPECT_TRUE(answer.status == 404U || answer.status == 400U) << name << action << ' ' << answer.status;
      EXPECT_EQ(answer.field("Content-Type"), "application/problem+json");
    }
  }
  const auto answer = ask(world_, "GET", std::string{kBase} + "/services/nobody");
  EXPECT_EQ(json::parse(answer.body).at("code"), "HF-SVC-02");
  EXPECT_EQ(ask(world_, "POST", std::string{kBase} + "/services/nobody/probe").status, 404U);
  EXPECT_EQ(ask(world_, "GET", std::string{kBase} + "/circuit-breakers/language/reset").status, 405U);
  EXPECT_EQ(breaker("speech").at("state"), "closed");
}

TEST_F(ServiceRoutes, FR_4_AServiceHasResponseTimesAndAHistory) {
  const auto probed = object_of(ask(world_, "POST", std::string{kBase} + "/services/speech/probe"));
  EXPECT_EQ(probed.at("state"), "down");
  EXPECT_EQ(probed.at("probe_ms").at("p95"), 7);
  const auto& history = probed.at("history").as_array();
  ASSERT_EQ(history.size(), 1U);
  EXPECT_EQ(history[0].at("what"), "down");
  EXPECT_EQ(history[0].at("detail"), "HF-ENG-02");
  const auto all = object_of(ask(world_, "GET", std::string{kBase} + "/health"));
  EXPECT_EQ(all.at("status"), "pass");
  EXPECT_EQ(all.at("services").as_array().size(), 4U);
  EXPECT_EQ(object_of(ask(world_, "GET", std::string{kBase} + "/services/store")).at("breaker"), nullptr);
}

TEST_F(ServiceRoutes, FG_12_HealthOfOneModel) {
  EXPECT_EQ(object_of(ask(world_, "GET", "/health/models/mistral")).at("status"), "unknown");
  (void)ask(world_, "POST", std::string{kBase} + "/services/language/probe");
  const auto mistral = object_of(ask(world_, "GET", "/health/models/mistral"));
  EXPECT_EQ(mistral.at("name"), "language/mistral");
  EXPECT_EQ(mistral.at("status"), "down");
  EXPECT_EQ(mistral.at("latency_ms"), 7);
  EXPECT_EQ(mistral.at("error").at("code"), "HF-ENG-02");
  EXPECT_TRUE(mistral.at("last_check").is_string());
  EXPECT_EQ(mistral.at("breaker"), "closed");
  for (const char* none : {"store", "llama", "nobody"})
    EXPECT_EQ(ask(world_, "GET", std::string{"/health/models/"} + none).status, 404U) << none;
}

}  // namespace
}  // namespace holdfast::web
