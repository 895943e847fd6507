#include <gtest/gtest.h>
#include <sys/resource.h>

#include <boost/json.hpp>
#include <thread>

#include "web/fake_world.hpp"
#include "web/raw_client.hpp"
#include "web/request_head.hpp"

namespace holdfast::web {
namespace {

using testing::Answer;
using testing::RawClient;
using testing::World;

std::string get(const World& world, std::string_view target, std::string_view fields = "") {
  return "GET " + std::string{target} + " HTTP/1.1\r\nHost: " + world.host() + "\r\n" + std::string{fields} +
         "\r\n";
}

std::string post(const World& world, std::string_view target, std::string_view fields,
                 std::string_view body) {
  return "POST " + std::string{target} + " HTTP/1.1\r\nHost: " + world.host() + "\r\n" + std::string{fields} +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
}

std::string code_of(const Answer& answer) {
  boost::system::error_code bad;
  const auto body = boost::json::parse(answer.body, bad);
  return bad || !body.is_object() || !body.get_object().contains("code")
             ? "none"
             : body.at("code").as_string().c_str();
}

TEST(HostileHttp, AmbiguousHeadsAreRefusedAndTheConnectionEnds) {
  World world;
  const std::string host = "Host: " + world.host() + "\r\n";
  const std::string smuggled = "GET /livez HTTP/1.1\r\n" + host + "\r\n";
  const std::vector<std::string> heads{
      "POST /api/v1/items HTTP/1.1\r\n" + host + "Content-Length: 0\r\nContent-Length: 44\r\n\r\n",
      "POST /api/v1/items HTTP/1.1\r\n" + host + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
      "POST /api/v1/items HTTP/1.1\r\n" + host + "Transfer-Encoding: xchunked\r\n\r\n",
      "POST /api/v1/items HTTP/1.1\r\n" + host + "Content-Length : 4\r\n\r\n",
      "POST /api/v1/items HTTP/1.1\r\n" + host + "X-A: b\r\n Content-Length: 4\r\n\r\n",
      "POST /api/v1/items HTTP/1.1\r\n" + host + host + "\r\n",
      "GET /livez HTTP/1.1\n" + host + "\r\n",
      std::string{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
      std::string{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11},
      std::string{"GET /livez HTTP/1.1\r\nHost: a\0b\r\n\r\n", 34}};
  for (const std::string& head : heads) {
    RawClient client{world.port};
    const Answer answer = client.ask(head + smuggled);

    EXPECT_EQ(answer.status, 400U) << head;
    EXPECT_EQ(answer.field("Connection"), "close") << head;
    client.finish_sending();
    EXPECT_TRUE(client.is_closed()) << head;
    EXPECT_EQ(client.received().find("alive"), std::string::npos)
        << "the smuggled request was answered: " << head;
  }
}

TEST(HostileHttp, HugeHeadsAreRefusedBeforeTheyFillMemory) {
  World world;
  RawClient large{world.port};
  const Answer answer =
      large.ask("GET / HTTP/1.1\r\nHost: " + world.host() + "\r\nX-A: " + std::string(20'000, 'a'));
  EXPECT_EQ(answer.status, 431U);

  RawClient many{world.port};
  std::string fields;
  for (int i = 0; i < 200; ++i) fields += "X" + std::to_string(i) + ": y\r\n";
  EXPECT_EQ(many.ask(get(world, "/livez", fields)).status, 431U);

  RawClient target{world.port};
  EXPECT_EQ(target.ask(get(world, "/" + std::string(9000, 'a'))).status, 431U);
}

TEST(HostileHttp, AHeadThatDoesNotComeEndsTheConnection) {
  World world{{.head_time = milliseconds{150}, .keep_alive_time = milliseconds{150}}};
  RawClient silent{world.port};
  EXPECT_TRUE(silent.is_closed());

  RawClient halfway{world.port};
  (void)halfway.send("GET / HTTP/1.1\r\nHost: ");
  EXPECT_TRUE(halfway.is_closed());

  RawClient idle{world.port};
  EXPECT_EQ(idle.ask(get(world, "/livez")).status, 200U);
  EXPECT_TRUE(idle.is_closed());
}

TEST(HostileHttp, ADrippingHeadDoesNotGetMoreTimeWithEveryByte) {
  World world{{.head_time = milliseconds{300}}};
  RawClient dripping{world.port};
  bool taken = true;
  for (int i = 0; i < 200 && taken; ++i) {
    taken = dripping.send("X");
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  EXPECT_FALSE(taken) << "after 4 s it still listened";
}

TEST(HostileHttp, ABodyThatStopsOrDripsEndsTheConnectionAndLeavesNothing) {
  World world{{.idle_time = milliseconds{150}, .body_grace = milliseconds{100}, .body_rate_min = 1U << 20U}};
  const std::string head = "POST /api/v1/items?recipe=voicesync HTTP/1.1\r\nHost: " + world.host() + "\r\n";
  RawClient stopping{world.port};
  (void)stopping.send(head + "Content-Length: 1000\r\n\r\nRIFF");
  EXPECT_TRUE(stopping.is_closed());

  RawClient dripping{world.port};
  (void)dripping.send(head + "Content-Length: 100000\r\n\r\n");
  bool taken = true;
  for (int i = 0; i < 300 && taken; ++i) {
    taken = dripping.send("x");
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  dripping.finish_sending();
  EXPECT_TRUE(dripping.is_closed());
  EXPECT_EQ(world.on_thread([&] { return world.store.jobs.size(); }), 0U);
  EXPECT_EQ(world.on_thread([&] { return world.blobs.open_stagings; }), 0);
}

TEST(HostileHttp, AReaderThatDoesNotReadIsGivenUp) {
  World world{{.idle_time = milliseconds{200}}};
  Job job = testing::a_job("itm_1", JobStatus::completed);
  job.input.bytes = 64U << 20U;
  world.put(job);
  world.on_thread([&] { world.blobs.sealed[BlobId{"b"}] = std::string(64U << 20U, 'x'); });
  RawClient client{world.port};
  (void)client.send(get(world, "/api/v1/items/itm_1/media"));
  ASSERT_TRUE(client.read_until("\r\n\r\n"));

  std::this_thread::sleep_for(std::chrono::milliseconds{800});  // while nothing is read
  EXPECT_TRUE(client.is_closed());
  EXPECT_LT(client.received().size(), 64U << 20U);
}

TEST(HostileHttp, BadChunksAreRefused) {
  World world;
  const std::string head = "POST /api/v1/items?recipe=voicesync HTTP/1.1\r\nHost: " + world.host() +
                           "\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string& chunks :
       {std::string{"xyz\r\nabc\r\n0\r\n\r\n"}, std::string{"-1\r\n"},
        std::string{"5\r\nabcdefgh\r\n0\r\n\r\n"}, std::string{"ffffffffffffffffff\r\n"},
        std::string{"0x5\r\nabcde\r\n0\r\n\r\n"},
        "5;" + std::string(100'000, 'e') + "\r\nabcde\r\n0\r\n\r\n"}) {
    RawClient client{world.port};
    const Answer answer = client.ask(head + chunks);
    EXPECT_EQ(answer.status, 400U) << chunks.substr(0, 20);
    client.finish_sending();
    EXPECT_TRUE(client.is_closed());
  }
  EXPECT_EQ(world.on_thread([&] { return world.blobs.open_stagings; }), 0);
}

TEST(HostileHttp, DeepAndLargeJsonIsRefusedAndTheServerGoesOn) {
  World world;
  world.put(testing::a_job("itm_1", JobStatus::failed));
  const std::string type = "Content-Type: application/json\r\n";
  RawClient client{world.port};
  const std::string target = "/api/v1/items/itm_1/retry";

  EXPECT_EQ(
      code_of(client.ask(post(world, target, type, std::string(10'000, '[') + std::string(10'000, ']')))),
      "HF-REQ-02");
  EXPECT_EQ(code_of(client.ask(post(world, target, type, "{\"a\":" + std::string(10'000, '[')))),
            "HF-REQ-02");
  EXPECT_EQ(code_of(client.ask(post(world, target, type, "[]"))), "HF-REQ-01");
  EXPECT_EQ(code_of(client.ask(post(world, target, type, "{\"from_stage\":5}"))), "HF-REQ-01");
  EXPECT_EQ(code_of(client.ask(post(world, target, type, "{\"from_stage\":\"\xFF\"}"))), "HF-REQ-01");
  EXPECT_EQ(code_of(client.ask(post(world, target, "Content-Type: text/plain\r\n", "{}"))), "HF-REQ-11");
  EXPECT_EQ(client.ask(post(world, target, type, "{}")).status, 200U)
      << "the same connection, after all that";

  RawClient large{world.port};
  EXPECT_EQ(code_of(large.ask(post(world, target, type, "\"" + std::string(2U << 20U, 'a') + "\""))),
            "HF-REQ-02");
}

TEST(HostileHttp, MoreConnectionsThanTheLimitAreTurnedAwayWithWords) {
  World world{{.connections_max = 2}};
  RawClient first{world.port};
  RawClient second{world.port};
  for (RawClient* busy : {&first, &second}) {
    (void)busy->send(get(world, "/api/v1/events"));
    ASSERT_TRUE(busy->read_until(": holdfast"));
  }

  RawClient third{world.port};
  const Answer answer = third.receive();
  EXPECT_EQ(answer.status, 503U);
  EXPECT_EQ(code_of(answer), "HF-SRV-04");

  first.close();
  while (world.on_thread([&] { return world.hub.watchers_count(); }) > 1) std::this_thread::yield();
  RawClient again{world.port};
  EXPECT_EQ(again.ask(get(world, "/livez")).status, 200U);
}

TEST(HostileHttp, SilentConnectionsMakeRoomForOnesThatAsk) {
  World world{{.connections_max = 3}};
  RawClient stream{world.port};
  (void)stream.send(get(world, "/api/v1/events"));
  ASSERT_TRUE(stream.read_until(": holdfast"));
  RawClient idle{world.port};
  ASSERT_EQ(idle.ask(get(world, "/livez")).status, 200U);
  RawClient halfway{world.port};
  (void)halfway.send("GET / HT");

  for (int i = 0; i < 20; ++i) {
    RawClient client{world.port};
    EXPECT_EQ(client.ask(get(world, "/livez")).status, 200U) << i;
  }
  EXPECT_TRUE(idle.is_closed());
  EXPECT_TRUE(halfway.is_closed());
  world.happen(1, "itm_1", "job.completed");
  EXPECT_TRUE(stream.read_until("id: 1\n")) << "one that is being served stays";
}

TEST(HostileHttp, WithoutDescriptorsItWaitsInsteadOfSpinningAndGoesOn) {
  World world;
  // Everything has run once before: a sanitizer that meets a type for the first time needs a descriptor to look at it.
  ASSERT_EQ(RawClient{world.port}.ask(get(world, "/livez")).status, 200U);
  RawClient client;
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const int next = ::dup(0);
  ::close(next);
  const rlimit none{.rlim_cur = static_cast<rlim_t>(next), .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);

  client.connect(world.port);  // the system takes the connection, the server cannot
  (void)client.send(get(world, "/livez"));
  const auto pauses = [&world] { return world.clock.sleeps.load(); };
  for (int i = 0; i < 500 && pauses() == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds{10});
  const int first = pauses();
  std::this_thread::sleep_for(std::chrono::milliseconds{500});
  const int later = pauses();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);

  EXPECT_GE(first, 1);
  EXPECT_LE(later - first, 10) << "it spins";
  EXPECT_EQ(client.receive().status, 200U);
}

TEST(HostileHttp, RequestsSentTogetherAreAnsweredOneAfterTheOther) {
  World world;
  RawClient client{world.port};
  (void)client.send(get(world, "/livez") + post(world, "/api/v1/items?recipe=nothing", "", "body") +
                    get(world, "/readyz"));
  EXPECT_EQ(client.receive().body, "alive\n");
  EXPECT_EQ(client.receive().status, 422U);
  EXPECT_EQ(client.receive().body, "ready\n");
}

TEST(HostileHttp, OtherHostsAndPagesOfOtherSitesAreRefused) {
  World world;
  RawClient client{world.port};
  EXPECT_EQ(client.ask("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n").status, 421U);
  EXPECT_EQ(
      client.ask("GET / HTTP/1.1\r\nHost: evil.example:" + std::to_string(world.port) + "\r\n\r\n").status,
      421U);
  const std::string foreign = "Origin: http://evil.example\r\nContent-Type: text/plain\r\n";
  EXPECT_EQ(code_of(client.ask(post(world, "/upload-video", foreign, "x"))), "HF-AUT-02");
  EXPECT_EQ(code_of(client.ask(post(world, "/api/v1/items?recipe=voicesync", "Origin: null\r\n", "x"))),
            "HF-AUT-02");
  EXPECT_EQ(world.on_thread([&] { return world.blobs.opened; }), 0);
}

TEST(HostileHttp, EveryAnswerCarriesTheSecurityHeaders) {
  World world;
  RawClient client{world.port};
  for (const char* target : {"/", "/app.js", "/livez", "/api/v1/items", "/nowhere", "/api/v1/items/none",
                             "/problems/HF-UPL-01", "/%zz", "/openapi.json"}) {
    const Answer answer = client.ask(get(world, target));
    EXPECT_EQ(answer.field("X-Content-Type-Options"), "nosniff") << target;
    EXPECT_TRUE(answer.field("Content-Security-Policy").starts_with("default-src 'none'")) << target;
    EXPECT_NE(answer.field("Content-Security-Policy").find("frame-ancestors 'none'"), std::string::npos)
        << target;
    EXPECT_EQ(answer.field("Content-Security-Policy").find("unsafe"), std::string::npos) << target;
    EXPECT_EQ(answer.field("Referrer-Policy"), "same-origin") << target;
    EXPECT_FALSE(answer.field("Cache-Control").empty()) << target;
    EXPECT_FALSE(answer.field("X-Request-Id").empty()) << target;
  }
  EXPECT_EQ(client.ask(get(world, "/api/v1/items")).field("Cache-Control"), "no-store");
}

TEST(HostileHttp, RequestIdsAreEchoedUnlessTheyCouldDoHarm) {
  World world;
  RawClient client{world.port};
  EXPECT_EQ(client.ask(get(world, "/livez", "X-Request-Id: abc-123\r\n")).field("X-Request-Id"), "abc-123");
  EXPECT_NE(client.ask(get(world, "/livez", "X-Request-Id: <b>\r\n")).field("X-Request-Id"), "<b>");
  const Answer problem = client.ask(get(world, "/nowhere", "X-Request-Id: abc\r\n"));
  EXPECT_EQ(boost::json::parse(problem.body).at("instance"), "abc");
}

TEST(HostileHttp, RandomBytesNeverStopTheServer) {
  World world;
  Rng rng{42};
  const std::string_view pieces[] = {"GET ",
                                     "POST ",
                                     "/",
                                     " HTTP/1.1\r\n",
                                     "Host: x\r\n",
                                     "\r\n",
                                     "\r\n\r\n",
                                     ":",
                                     "\0",
                                     "%",
                                     "chunked",
                                     "Transfer-Encoding: ",
                                     "Content-Length: ",
                                     "9",
                                     "\xFF",
                                     " ",
                                     "\t",
                                     "\n",
                                     "Expect: 100-continue\r\n"};
  for (int round = 0; round < 300; ++round) {
    RawClient client{world.port};
    std::string noise =
        rng.below(2) == 0 ? "" : "POST /api/v1/items HTTP/1.1\r\nHost: " + world.host() + "\r\n";
    for (std::uint64_t i = rng.below(30); i > 0; --i) noise += pieces[rng.below(std::size(pieces))];
    (void)client.send(noise);
    client.finish_sending();
    EXPECT_TRUE(client.is_closed()) << noise;
  }
  RawClient after{world.port};
  EXPECT_EQ(after.ask(get(world, "/livez")).status, 200U);
}

}  // namespace
}  // namespace holdfast::web
