#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "web/fake_world.hpp"
#include "web/raw_client.hpp"

namespace holdfast::web {
namespace {

using testing::a_job;
using testing::Answer;
using testing::RawClient;
using testing::World;

std::string get(const World& world, std::string_view target, std::string_view fields = "") {
  return "GET " + std::string{target} + " HTTP/1.1\r\nHost: " + world.host() + "\r\n" + std::string{fields} +
         "\r\n";
}

/// Numbers of the stored events in a stream, in the order in which they came.
std::string ids_of(const std::string& stream) {
  std::string ids;
  for (auto at = stream.find("\nid: "); at != std::string::npos; at = stream.find("\nid: ", at + 1)) {
    ids += stream.substr(at + 5, stream.find('\n', at + 5) - at - 5) + " ";
  }
  return ids;
}

std::size_t count_of(const std::string& text, std::string_view what) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

void open(RawClient& client, const World& world, std::string_view target, std::string_view fields = "") {
  (void)client.send(get(world, target, fields));
  ASSERT_TRUE(client.read_until(": holdfast"));
}

TEST(Events, WhatHappensIsToldAsItHappens) {
  World world;
  RawClient client{world.port};
  open(client, world, "/api/v1/events");
  EXPECT_NE(client.received().find("Content-Type: text/event-stream"), std::string::npos);

  world.happen(1, "itm_1", "stage.started");
  world.happen(2, "itm_2", "job.completed", "somebody");
  world.happen(3, "itm_1", "job.completed");

  ASSERT_TRUE(client.read_until("id: 3\n"));
  EXPECT_EQ(ids_of(client.received()), "1 3 ") << "nothing of somebody else's";
  EXPECT_NE(
      client.received().find("event: holdfast.stage.started\ndata: {\"specversion\":\"1.0\",\"id\":\"1\""),
      std::string::npos);
}

TEST(Events, WhatWasMissedComesFirstWithoutGapOrDuplicate) {
  World world;
  for (std::uint64_t seq = 1; seq <= 1200; ++seq) world.happen(seq, "itm_1", "stage.started");
  RawClient client{world.port};
  open(client, world, "/api/v1/events?after=1190", "");
  world.happen(1201, "itm_1", "job.completed");
  ASSERT_TRUE(client.read_until("id: 1201\n"));
  EXPECT_EQ(ids_of(client.received()), "1191 1192 1193 1194 1195 1196 1197 1198 1199 1200 1201 ");

  RawClient all{world.port};
  open(all, world, "/api/v1/events", "Last-Event-ID: 0\r\n");
  ASSERT_TRUE(all.read_until("id: 1201\n"));
  EXPECT_EQ(count_of(all.received(), "\nid: "), 1201U);
}

TEST(Events, ANumberWeNeverGaveIsAnsweredWithResync) {
  World world;
  world.happen(1, "itm_1", "stage.started");
  RawClient client{world.port};
  open(client, world, "/api/v1/events", "Last-Event-ID: 5000\r\n");
  ASSERT_TRUE(client.read_until("holdfast.stream.resync"));

  world.happen(2, "itm_1", "job.completed");
  ASSERT_TRUE(client.read_until("id: 2\n"));
  RawClient wrong{world.port};
  EXPECT_EQ(wrong.ask(get(world, "/api/v1/events?after=x")).status, 400U);
}

TEST(Events, AnItemsStreamShowsThatItemOnly) {
  World world;
  world.put(a_job("itm_1"));
  world.happen(1, "itm_1", "stage.started");
  world.happen(2, "itm_2", "stage.started");
  RawClient client{world.port};
  open(client, world, "/api/v1/items/itm_1/events?after=0");
  world.happen(3, "itm_2", "job.completed");
  world.happen(4, "itm_1", "job.completed");
  ASSERT_TRUE(client.read_until("id: 4\n"));
  EXPECT_EQ(ids_of(client.received()), "1 4 ");
}

TEST(Events, ProgressIsThinnedOutAndHasNoNumber) {
  World world{{.progress_every = milliseconds{300}}};
  RawClient client{world.port};
  open(client, world, "/api/v1/events");
  for (int i = 1; i <= 100; ++i) {
    world.on_thread([&world, i] {
      world.hub.publish(
          {.item = ItemId{"itm_1"}, .owner = "local", .type = "progress", .fraction = i / 100.0});
    });
  }
  ASSERT_TRUE(client.read_until("\"progress\":1}"));
  EXPECT_LE(count_of(client.received(), "event: holdfast.item.progress"), 10U) << "of 100";
  EXPECT_EQ(ids_of(client.received()), "");
}

TEST(Events, SilenceIsFilledWithBeats) {
  World world{{.beat_every = milliseconds{50}}};
  RawClient client{world.port};
  open(client, world, "/api/v1/events");
  EXPECT_TRUE(client.read_until(": beat"));
}

TEST(Events, AWatcherThatLostEventsGetsThemFromTheLog) {
  World world;
  world.happen(1, "itm_1", "stage.started");
  RawClient client{world.port};
  open(client, world, "/api/v1/events?after=0");
  ASSERT_TRUE(client.read_until("id: 1\n"));
  world.on_thread([&] {  // more at once than a backlog holds
    for (std::uint64_t seq = 2; seq <= 3000; ++seq) {
      world.store.log.push_back(
          {.seq = seq, .item = ItemId{"itm_1"}, .owner = "local", .entry = {.type = "stage.started"}});
      world.hub.publish({.seq = seq, .item = ItemId{"itm_1"}, .owner = "local", .type = "stage.started"});
    }
  });
  ASSERT_TRUE(client.read_until("id: 3000\n"));
  EXPECT_EQ(count_of(client.received(), "\nid: "), 3000U);
}

TEST(Events, OnlySoManyStreamsAreOpenAndPlacesComeBack) {
  World world{{.streams_per_owner_max = 2}};
  RawClient first{world.port};
  auto second = std::make_unique<RawClient>(world.port);
  open(first, world, "/api/v1/events");
  open(*second, world, "/api/v1/events");
  RawClient third{world.port};
  const Answer refused = third.ask(get(world, "/api/v1/events"));
  EXPECT_EQ(refused.status, 429U);
  EXPECT_FALSE(refused.field("Retry-After").empty());

  second.reset();  // seen at once, not at the next beat
  while (world.on_thread([&] { return world.hub.watchers_count(); }) > 1) std::this_thread::yield();
  open(third, world, "/api/v1/events");
}

TEST(Events, GoodbyeIsSaidWhenTheServerStops) {
  World world;
  RawClient stream{world.port};
  open(stream, world, "/api/v1/events");
  RawClient idle{world.port};
  ASSERT_EQ(idle.ask(get(world, "/livez")).status, 200U);
  world.put(a_job("itm_1"));
  RawClient waiting{world.port};
  (void)waiting.send(get(world, "/api/v1/items/itm_1", "Prefer: wait=30\r\n"));
  while (world.on_thread([&] { return world.hub.watchers_count(); }) < 2) std::this_thread::yield();

  world.stop(milliseconds{20'000});

  EXPECT_TRUE(stream.read_until("holdfast.stream.goodbye"));
  EXPECT_TRUE(stream.is_closed());
  EXPECT_TRUE(idle.is_closed());
  const Answer answered = waiting.receive();
  EXPECT_EQ(answered.status, 200U);
  EXPECT_EQ(answered.field("Connection"), "close");
  RawClient late{world.port};
  EXPECT_EQ(late.ask(get(world, "/livez")).status, 0U);
}

}  // namespace
}  // namespace holdfast::web
