#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "web/alert_event.hpp"
#include "web/fake_world.hpp"
#include "web/raw_client.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Answer;
using testing::RawClient;
using testing::Visitors;
using testing::World;

constexpr const char* kRoute = "/api/failure-recovery/alerts";
/// As an earlier process left it: one fires, and both of another are waiting to be delivered.
constexpr const char* kKept = R"({"dropped": 3,
 "standings": [{"alert": "HoldfastNoProgress", "subject": "", "firing": true, "since_ms": 60000, "value": 4},
               {"alert": "HoldfastQueueLong", "subject": "engine", "firing": false, "since_ms": 60000, "value": 101}],
 "recent": [{"id": "alr_1", "alert": "HoldfastNoProgress", "subject": "", "firing": true, "at_ms": 90000,
             "since_ms": 60000, "value": 4}],
 "waiting": []})";

std::string request(const World& world, const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: " + world.host() + "\r\n\r\n";
}

class AlertRoutes : public ::testing::Test {
 protected:
  void take_up(World& world) {
    world.on_thread([&world] { world.documents["alerts"] = kKept; });
    EXPECT_TRUE(world.run(world.alerts.load()));
  }
  static json::value get(const World& world, const std::string& target) {
    const Answer answer = RawClient{world.port}.ask(request(world, target));
    EXPECT_EQ(answer.status, 200U) << answer.body;
    return json::parse(answer.body);
  }
  static void fire(World& world, const std::string& id) {
    const alert::Event event{id, "HoldfastModelDown", "speech", true, WallTime{milliseconds{90'000}}, WallTime{}, 1};
    world.on_thread([&] { world.hub.publish(live_of(event, alert::sped_up(1))); });
  }
  World world_{{}, 4ULL << 30U, Visitors::one_superuser};
  World user_world_{{}, 4ULL << 30U, Visitors::one_user};
};

TEST_F(AlertRoutes, FG_13_SuperusersAreShownWhatFiresAndWhatHappened) {
  take_up(world_);

  const json::value shown = get(world_, kRoute);

  ASSERT_EQ(shown.at("active").as_array().size(), 1U);
  const json::value& alert = shown.at("active").at(0);
  EXPECT_EQ(alert.at("alert"), "HoldfastNoProgress");
  EXPECT_EQ(alert.at("severity"), "critical");
  EXPECT_TRUE(alert.at("subject").is_null());
  EXPECT_EQ(alert.at("since"), "1970-01-01T00:01:00.000Z");
  EXPECT_EQ(alert.at("summary"), "Items wait and nothing has ended for a quarter of an hour.");
  EXPECT_EQ(shown.at("pending").at(0).at("summary"), "101 items wait for engine.");
  EXPECT_EQ(shown.at("recent").at(0).at("id"), "alr_1");
  EXPECT_EQ(shown.at("rules").as_array().size(), alert::rules().size());
  EXPECT_EQ(shown.at("webhook").at("dropped"), 3);
  EXPECT_EQ(get(world_, "/api/v1/status").at("alerts"), shown.at("active"));
  EXPECT_EQ(get(world_, "/api/failure-recovery/system-overview").at("alerts"), shown.at("active"));
}

TEST_F(AlertRoutes, FG_13_UsersAreShownNone) {
  take_up(user_world_);

  EXPECT_EQ(RawClient{user_world_.port}.ask(request(user_world_, kRoute)).status, 403U);
  EXPECT_FALSE(get(user_world_, "/api/v1/status").as_object().contains("alerts"));
}

TEST_F(AlertRoutes, FG_13_TheStreamOfASuperuserTellsThemAsTheyHappen) {
  RawClient client{world_.port};
  (void)client.send(request(world_, "/api/v1/events"));
  ASSERT_TRUE(client.read_until(": holdfast"));

  fire(world_, "alr_7");
  world_.happen(1, "itm_1", "job.completed");

  ASSERT_TRUE(client.read_until("id: 1\n"));
  EXPECT_THAT(client.received(), HasSubstr("event: holdfast.alert.firing\ndata: {\"specversion\":\"1.0\","
                                           "\"id\":\"alr_7\",\"source\":\"/api/v1/events\","
                                           "\"type\":\"holdfast.alert.firing\",\"subject\":\"HoldfastModelDown\""));
  EXPECT_THAT(client.received(), HasSubstr("\"summary\":\"speech does not answer; its items wait.\""));
}

TEST_F(AlertRoutes, WhoComesBackGetsTheLastOnesAgain) {
  take_up(world_);
  world_.happen(1, "itm_1", "stage.started");
  RawClient client{world_.port};
  (void)client.send(request(world_, "/api/v1/events?after=0"));

  ASSERT_TRUE(client.read_until("id: 1\n"));
  EXPECT_THAT(client.received(), HasSubstr("\"id\":\"alr_1\""));
}

TEST_F(AlertRoutes, FG_13_TheStreamsOfUsersAndOfItemsDoNotTellThem) {
  take_up(user_world_);
  world_.put(testing::a_job("itm_1"));
  for (auto& [world, target] : {std::pair<World*, std::string>{&user_world_, "/api/v1/events?after=0"},
                                {&world_, "/api/v1/items/itm_1/events"}}) {
    RawClient client{world->port};
    (void)client.send(request(*world, target));
    ASSERT_TRUE(client.read_until(": holdfast"));
    fire(*world, "alr_7");
    world->happen(1, "itm_1", "job.completed");

    ASSERT_TRUE(client.read_until("id: 1\n"));
    EXPECT_THAT(client.received(), Not(HasSubstr("alert")));
  }
}

}  // namespace
}  // namespace holdfast::web
