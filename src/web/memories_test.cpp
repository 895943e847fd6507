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

TEST(Memories, NobodySeesWhatIsSomebodyElses) {
  World world;
  world.put(a_job("itm_9", JobStatus::completed, "somebody"));
  world.on_thread([&] { world.sessions.kept = {a_session("itm_9", 1, "somebody")}; });
  RawClient client{world.port};

  EXPECT_EQ(client.ask(get(world, "/api/v1/memories/itm_9")).status, 404U);
}

}  // namespace
}  // namespace holdfast::web
