#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "web/fake_world.hpp"
#include "web/raw_client.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;
using testing::a_job;
using testing::Answer;
using testing::RawClient;
using testing::World;

std::string get(const World& world, const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: " + world.host() + "\r\n\r\n";
}

MemorySession a_session(const std::string& id, int minute, const std::string& owner = "local") {
  return {.item = ItemId{id}, .owner = owner, .started_at = WallTime{std::chrono::minutes{minute}}};
}

OwnedExtraction an_action(std::uint64_t id) {
  OwnedExtraction one{.item = ItemId{"itm_1"}, .stored = {.id = id, .stage = "action_items"}, .start_ms = 500};
  one.stored.made = {.kind = ExtractionKind::action, .text = "call " + std::to_string(id)};
  return one;
}

/// The texts of a field, over all pages that follow each other.
std::string all_of(World& world, std::string target, const char* field) {
  RawClient client{world.port};
  std::string seen;
  for (int page = 0; page < 9 && !target.empty(); ++page) {
    const Answer answer = client.ask(get(world, target));
    EXPECT_EQ(answer.status, 200U) << answer.body;
    const json::value body = json::parse(answer.body);
    for (const auto& one : body.at("data").as_array()) seen += std::string{one.at(field).as_string()} + " ";
    const std::string link = answer.field("Link");
    EXPECT_EQ(link.empty(), body.at("next_cursor").is_null());
    target = link.empty() ? "" : link.substr(1, link.find('>') - 1);
  }
  return seen;
}

TEST(Memories, FR_9_ListsOnesOwnSessionsPageByPage) {
  World world;
  world.on_thread([&] {
    world.sessions.kept = {a_session("itm_3", 9), a_session("itm_9", 8, "somebody"), a_session("itm_1", 5),
                           a_session("itm_2", 5)};
  });

  EXPECT_EQ(all_of(world, "/api/v1/memories?limit=1", "id"), "itm_3 itm_1 itm_2 ");
  RawClient client{world.port};
  EXPECT_EQ(client.ask(get(world, "/api/v1/memories?cursor=x")).status, 400U);
  EXPECT_EQ(client.ask(get(world, "/api/v1/memories?limit=0")).status, 400U);
}

TEST(Memories, FR_9_ListsOnesOwnActionItemsPageByPage) {
  World world;
  world.on_thread([&] {
    for (const std::uint64_t id : {9U, 7U, 3U}) world.sessions.taken_out.emplace_back("local", an_action(id));
    world.sessions.taken_out.emplace_back("somebody", an_action(2));
  });

  EXPECT_EQ(all_of(world, "/api/v1/action-items?limit=2", "text"), "call 9 call 7 call 3 ");
  RawClient client{world.port};
  const auto first = json::parse(client.ask(get(world, "/api/v1/action-items?limit=1")).body);
  EXPECT_EQ(first.at("data").at(0).at("start_s"), 0.5);
  const std::string sessions_cursor{first.at("next_cursor").as_string()};
  EXPECT_EQ(client.ask(get(world, "/api/v1/memories?cursor=" + sessions_cursor)).status, 400U) << "of another list";
}

TEST(Memories, FR_9_ASessionIsShownToItsOwnerWithItsEvidence) {
  World world;
  world.put(a_job("itm_1"));
  world.put(a_job("itm_2"));
  world.put(a_job("itm_9", JobStatus::completed, "somebody"));
  world.on_thread([&] {
    world.sessions.kept = {a_session("itm_1", 1)};
    world.store.stored_segments[ItemId{"itm_1"}] = {{0, 1'000, "Call Anna.", 0.9, {}}};
    world.store.stored_extractions[ItemId{"itm_1"}] = {
        {1, "tasks", {.kind = ExtractionKind::action, .text = "Call Anna.", .segments = {0}}}};
  });
  RawClient client{world.port};

  const auto shown = json::parse(client.ask(get(world, "/api/v1/memories/itm_1")).body);

  EXPECT_EQ(shown.at("action_items").at(0).at("evidence").at(0).at("text"), "Call Anna.");
  EXPECT_TRUE(shown.at("memories").as_array().empty());
  EXPECT_EQ(client.ask(get(world, "/api/v1/memories/itm_2")).status, 404U) << "it is no session";
  EXPECT_EQ(client.ask(get(world, "/api/v1/memories/itm_none")).status, 404U);
}

json::value search(RawClient& client, const World& world, const std::string& query) {
  const Answer answer = client.ask(get(world, "/api/v1/memories/search?" + query));
  EXPECT_EQ(answer.status, 200U) << answer.body;
  return json::parse(answer.body);
}

TEST(Memories, FR_9_ASearchFindsOnesOwnAndSaysWhatWasNotCompared) {
  World world;
  world.on_thread([&] {
    world.sessions.taken_out = {{"local", an_action(7)}, {"somebody", an_action(8)}};
    const SaidText own{.item = ItemId{"itm_2"}, .segment = 3, .text = "I call them.", .start_ms = 9'000};
    world.sessions.said = {{"local", own}, {"somebody", {.item = ItemId{"itm_9"}, .text = "I call as well."}}};
  });
  RawClient client{world.port};

  const auto found = search(client, world, "q=call");

  EXPECT_EQ(found.at("data").as_array().size(), 2U);
  EXPECT_EQ(found.at("data").at(0).at("item"), "itm_2");
  EXPECT_EQ(found.at("data").at(0).at("start_s"), 9);
  EXPECT_EQ(found.at("data").at(1).at("id"), 7);
  EXPECT_EQ(found.at("mode"), "words") << "there is no model here";
  EXPECT_EQ(found.at("degraded").at("code"), "HF-EMB-05");
  EXPECT_EQ(search(client, world, "q=call&limit=1").at("data").as_array().size(), 1U);
  EXPECT_TRUE(search(client, world, "q=nothing").at("data").as_array().empty());
}

TEST(Memories, FR_9_ASearchTakesAnyBytesAndRefusesWithStableCodes) {
  World world;
  RawClient client{world.port};
  const auto refused = [&](const std::string& query) {
    const Answer answer = client.ask(get(world, "/api/v1/memories/search?" + query));
    const auto body = json::parse(answer.body);
    return std::to_string(answer.status) + " " + std::string{body.at("code").as_string()};
  };

  for (const char* none : {"", "q=", "q=%20", "q=%22%22", "q=***", "q=%01%02", "limit=5"})
    EXPECT_EQ(refused(none), "400 HF-REQ-01") << none;
  EXPECT_EQ(refused("q=a&limit=0"), "400 HF-REQ-01");
  EXPECT_EQ(refused("q=a&limit=201"), "400 HF-REQ-01");
  EXPECT_EQ(refused("q=" + std::string(1001, 'x')), "400 HF-REQ-01");
  EXPECT_EQ(refused("q=a%00b"), "400 HF-REQ-01");
  for (const char* odd : {"q=%22a", "q=a*", "q=NEAR(a", "q=a%20AND%20b", "q=%ff%fe%20a", "q=%E2%80%AEa", "q=%27%3B--x"})
    search(client, world, odd);
  EXPECT_EQ(world.on_thread([&] { return world.sessions.asked.owner; }), "local");
  search(client, world, "q=" + std::string(999, 'x'));
}

TEST(Memories, NobodySeesWhatIsSomebodyElses) {
  World world;
  world.put(a_job("itm_9", JobStatus::completed, "somebody"));
  world.on_thread([&] { world.sessions.kept = {a_session("itm_9", 1, "somebody")}; });
  RawClient client{world.port};

  EXPECT_EQ(client.ask(get(world, "/api/v1/memories/itm_9")).status, 404U);
}

}  // namespace
}  // namespace holdfast::web
