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

std::string part(std::string_view disposition, std::string_view data) {
  return "--b0\r\nContent-Disposition: form-data; " + std::string{disposition} + "\r\n\r\n" +
         std::string{data} + "\r\n";
}

std::string multipart(const World& world, std::string_view target, const std::string& parts,
                      std::string_view fields = "") {
  const std::string body = parts + "--b0--\r\n";
  return "POST " + std::string{target} + " HTTP/1.1\r\nHost: " + world.host() +
         "\r\nContent-Type: multipart/form-data; boundary=b0\r\n" + std::string{fields} +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string raw(const World& world, std::string_view target, std::string_view body,
                std::string_view fields = "") {
  return "POST " + std::string{target} + " HTTP/1.1\r\nHost: " + world.host() + "\r\n" + std::string{fields} +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
}

Job only_job(World& world) {
  return world.on_thread(
      [&world] { return world.store.jobs.size() == 1 ? world.store.jobs.begin()->second : Job{}; });
}

std::string code_of(const Answer& answer) { return json::parse(answer.body).at("code").as_string().c_str(); }

TEST(Upload, LAB_1_TheVideoIsStoredAndRecordedWhenTheAnswerComes) {
  World world;
  RawClient client{world.port};
  const std::string file = testing::wav(100'000);
  const Answer answer =
      client.ask(multipart(world, "/upload-video", part("name=\"file\"; filename=\"ana.wav\"", file)));

  EXPECT_EQ(answer.status, 200U) << answer.body;
  const Job job = only_job(world);
  EXPECT_EQ(answer.body, "{\"status\":\"uploaded\",\"task_id\":\"" + job.id.text() + "\"}\n");
  EXPECT_EQ(job.recipe, "introductions");
  EXPECT_EQ(job.owner, "local");
  EXPECT_EQ(job.input.name, "ana.wav");
  EXPECT_EQ(job.input.bytes, file.size());
  EXPECT_TRUE(world.on_thread([&] { return world.blobs.sealed.at(job.input.blob) == file; }));
  EXPECT_EQ(world.on_thread([&] { return world.woken; }), 1);
}

TEST(Upload, ARecipeThatTakesTextKeepsItInTheJob) {
  World world;
  RawClient client{world.port};
  const std::string_view as_text = "Content-Type: text/plain; charset=utf-8\r\n";
  const Answer answer = client.ask(raw(world, "/api/v1/items?recipe=notes", "a warm, woody evening", as_text));

  EXPECT_EQ(answer.status, 201U) << answer.body;
  const Job job = only_job(world);
  EXPECT_EQ(job.input.payload, "a warm, woody evening");
  EXPECT_EQ(job.input.bytes, 21U);
  EXPECT_TRUE(job.input.blob.empty());
  EXPECT_TRUE(world.on_thread([&] { return world.blobs.sealed.empty(); }));
}

TEST(Upload, FG_1_BytesForARecipeThatTakesOnlyTextAreItsText) {
  World world;
  RawClient client{world.port};
  const std::string_view plain = "Content-Type: application/octet-stream\r\n";
  const Answer answer = client.ask(raw(world, "/api/v1/items?recipe=notes", "a warm, woody evening", plain));

  EXPECT_EQ(answer.status, 201U) << answer.body;
  EXPECT_EQ(only_job(world).input.payload, "a warm, woody evening");
}

TEST(Upload, FG_1_ATextThatIsTooLongIsToldTheLimit) {
  World world;
  RawClient client{world.port};
  const Answer answer = client.ask(raw(world, "/api/v1/items?recipe=notes", std::string(1U << 20U, 'x')));

  EXPECT_EQ(answer.status, 413U);
  EXPECT_EQ(json::parse(answer.body).at("bytes_max").to_number<int>(), 65'536);
}

TEST(Upload, TextThatCannotBeTakenIsRefused) {
  World world;
  RawClient client{world.port};
  const auto refusal = [&](std::string_view recipe, std::string_view body) {
    const std::string target = "/api/v1/items?recipe=" + std::string{recipe};
    return code_of(client.ask(raw(world, target, body, "Content-Type: text/plain\r\n")));
  };

  EXPECT_EQ(refusal("notes", ""), "HF-UPL-08");
  EXPECT_EQ(refusal("notes", "\xff\xfe"), "HF-UPL-02");
  EXPECT_EQ(refusal("notes", " \n"), "HF-UPL-08");
  EXPECT_EQ(refusal("notes", "a\x1b[31m"), "HF-TXT-01");
  EXPECT_EQ(refusal("notes", std::string(65'537, 'x')), "HF-UPL-01");
  EXPECT_EQ(refusal("voicesync", "a text for a recipe that hears"), "HF-UPL-02");
}

TEST(Upload, FieldsMayComeBeforeAndAfterTheFile) {
  World world;
  RawClient client{world.port};
  const std::string parts =
      part("name=\"job_id\"", "k1") + part("name=\"video\"; filename=\"a.wav\"", testing::wav(3000)) +
      part("name=\"priority\"", "2") + part("name=\"recipe\"", "voicesync") + part("name=\"mode\"", "fast");
  const Answer answer = client.ask(multipart(world, "/api/v1/items", parts));

  EXPECT_EQ(answer.status, 201U) << answer.body;
  const Job job = only_job(world);
  EXPECT_EQ(answer.field("Location"), "/api/v1/items/" + job.id.text());
  EXPECT_EQ(json::parse(answer.body).at("id").as_string(), job.id.text());
  EXPECT_EQ(job.job_key, "k1");
  EXPECT_EQ(job.priority, 2);
  EXPECT_EQ(job.recipe, "voicesync");
  EXPECT_EQ(job.requested_mode, "fast");
}

TEST(Upload, TheBytesThemselvesMayBeSentWithOrWithoutALength) {
  World world;
  RawClient client{world.port};
  const std::string file = testing::wav(200'000);
  EXPECT_EQ(client.ask(raw(world, "/api/v1/items?recipe=voicesync&name=dir%2Fb.wav", file)).status, 201U);
  EXPECT_EQ(only_job(world).input.name, "b.wav");

  std::string chunked = "POST /api/v1/items?recipe=voicesync HTTP/1.1\r\nHost: " + world.host() +
                        "\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t at = 0; at < file.size(); at += 1000)
    chunked += "3e8;x=y\r\n" + file.substr(at, 1000) + "\r\n";
  EXPECT_EQ(client.ask(chunked + "0\r\nX-Trailer: t\r\n\r\n").status, 201U);
  EXPECT_TRUE(world.on_thread(
      [&] { return world.blobs.sealed.size() == 2 && world.blobs.sealed.rbegin()->second == file; }));
  EXPECT_EQ(client.ask(raw(world, "/api/v1/items?recipe=voicesync", file)).status, 201U)
      << "the connection still works";
}

TEST(Upload, TheSameKeyAgainGivesTheSameItemAndAnotherFileIsRefused) {
  World world;
  RawClient client{world.port};
  const std::string key = "Idempotency-Key: \"k-1\"\r\n";
  const Answer first = client.ask(raw(world, "/api/v1/items?recipe=voicesync", testing::wav(5000), key));
  const Answer again = client.ask(raw(world, "/api/v1/items?recipe=voicesync", testing::wav(5000), key));
  const Answer other = client.ask(raw(world, "/api/v1/items?recipe=voicesync", testing::wav(6000), key));

  EXPECT_EQ(first.status, 201U);
  EXPECT_EQ(first.field("Idempotency-Replayed"), "");
  EXPECT_EQ(again.status, 200U);
  EXPECT_EQ(again.field("Idempotency-Replayed"), "true");
  EXPECT_EQ(json::parse(first.body).at("id"), json::parse(again.body).at("id"));
  EXPECT_EQ(other.status, 422U);
  EXPECT_EQ(code_of(other), "HF-IDM-01");
  EXPECT_EQ(world.on_thread([&] { return world.blobs.sealed.size(); }), 1U)
      << "bytes that nobody needs are gone";
}

TEST(Upload, RefusalsAreSeenAndLeaveNothing) {
  World world{{}, 1U << 20U};
  const auto refused = [&world](const std::string& request) {
    RawClient client{world.port};
    const Answer answer = client.ask(request);
    return std::to_string(answer.status) + " " + (answer.status == 0 ? "" : code_of(answer));
  };
  const std::string items = "/api/v1/items?recipe=voicesync";
  EXPECT_EQ(refused(raw(world, items, testing::wav(3U << 20U))), "413 HF-UPL-01");
  EXPECT_EQ(refused(multipart(world, items, part("name=f; filename=a", testing::wav(3U << 20U)))),
            "413 HF-UPL-01");
  EXPECT_EQ(refused(raw(world, items, std::string(50'000, '#'))), "415 HF-UPL-02");
  EXPECT_EQ(refused(raw(world, items, "")), "400 HF-UPL-08");
  EXPECT_EQ(refused(multipart(world, items, part("name=f; filename=\"\"", ""))), "400 HF-UPL-08");
  EXPECT_EQ(refused(multipart(world, items, part("name=f", "x"))), "400 HF-UPL-10");
  EXPECT_EQ(refused(multipart(world, items,
                              part("name=f; filename=a", testing::wav(9)) + part("name=g; filename=b", "x"))),
            "400 HF-UPL-10");
  EXPECT_EQ(refused(raw(world, items, "x", "Content-Type: multipart/form-data\r\n")), "400 HF-UPL-10");
  EXPECT_EQ(refused(raw(world, items, "x", "Content-Type: multipart/mixed; boundary=a\r\n")),
            "415 HF-REQ-11");
  EXPECT_EQ(refused(raw(world, "/api/v1/items?recipe=nothing", testing::wav(9))), "422 HF-UPL-09");
  EXPECT_EQ(refused(raw(world, "/api/v1/items", testing::wav(9))), "422 HF-UPL-09") << "no recipe said";
  EXPECT_EQ(refused(multipart(world, "/api/v1/items",
                              part("name=recipe", "nothing") + part("name=f; filename=a", testing::wav(9)))),
            "422 HF-UPL-09");
  EXPECT_EQ(refused(raw(world, items + "&priority=x", testing::wav(9))), "400 HF-REQ-01");

  EXPECT_EQ(world.on_thread([&] { return world.store.jobs.size(); }), 0U);
  EXPECT_EQ(world.on_thread([&] { return world.blobs.sealed.size(); }), 0U);
  EXPECT_EQ(world.on_thread([&] { return world.blobs.open_stagings; }), 0);
}

TEST(Upload, StorageTroubleSaysWhetherWaitingHelps) {
  World world;
  RawClient client{world.port};
  world.on_thread(
      [&] { world.blobs.open_error = Error{ErrorClass::transient, "HF-STO-01", "/secret/path is away"}; });
  const Answer offline = client.ask(raw(world, "/api/v1/items?recipe=voicesync", testing::wav(9)));
  EXPECT_EQ(offline.status, 503U);
  EXPECT_EQ(offline.field("Retry-After"), "30");
  EXPECT_EQ(json::parse(offline.body).at("retry_after"), 30);
  EXPECT_EQ(offline.body.find("/secret"), std::string::npos);

  world.on_thread([&] {
    world.blobs.open_error.reset();
    world.blobs.free = 5;
  });
  const Answer full = client.ask(raw(world, "/api/v1/items?recipe=voicesync", testing::wav(9)));
  EXPECT_EQ(full.status, 507U);
  EXPECT_EQ(full.field("Retry-After"), "");
  EXPECT_EQ(full.field("Content-Type"), "application/problem+json");
}

TEST(Upload, ASenderThatWaitsForContinueIsAskedOnlyForWhatWouldBeTaken) {
  World world{{}, 1000};
  const auto head = [&world](std::size_t bytes) {
    return "POST /api/v1/items?recipe=voicesync HTTP/1.1\r\nHost: " + world.host() +
           "\r\nExpect: 100-continue\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n";
  };
  RawClient welcome{world.port};
  EXPECT_EQ(welcome.ask(head(500)).status, 100U);
  EXPECT_EQ(welcome.ask(testing::wav(500)).status, 201U);

  RawClient too_large{world.port};
  const Answer answer = too_large.ask(head(5000));
  EXPECT_EQ(answer.status, 413U) << "without a 100 before it";
  EXPECT_EQ(answer.field("Connection"), "close");
}

TEST(Upload, ASenderThatIsStillSendingSeesTheRefusal) {
  World world{{}, 1U << 20U};
  RawClient client{world.port};
  const std::size_t bytes = 64U << 20U;
  (void)client.send("POST /api/v1/items?recipe=voicesync HTTP/1.1\r\nHost: " + world.host() +
                    "\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n");
  const std::string piece = testing::wav(1U << 20U);
  bool taken = true;
  for (std::size_t sent = 0; sent < bytes && taken; sent += piece.size()) taken = client.send(piece);

  EXPECT_TRUE(taken) << "the connection was reset under the sender";
  EXPECT_EQ(client.receive().status, 413U);
}

TEST(Upload, AFailureOfTheDiskInTheMiddleIsToldAndNothingIsRecorded) {
  World world;
  world.on_thread([&] { world.blobs.append_error = Error{ErrorClass::resource, "HF-STO-02", "disk full"}; });
  RawClient client{world.port};
  EXPECT_EQ(client.ask(raw(world, "/api/v1/items?recipe=voicesync", testing::wav(5U << 20U))).status, 507U);
  EXPECT_EQ(world.on_thread([&] { return world.store.jobs.size(); }), 0U);
}

TEST(Upload, AStoreThatMayHaveRecordedItSaysThatAskingAgainHelps) {
  World world;
  world.on_thread(
      [&] { world.store.enqueue_error = Error{ErrorClass::unknown, "HF-SRV-01", "connection lost"}; });
  RawClient client{world.port};
  const Answer answer = client.ask(raw(world, "/api/v1/items?recipe=voicesync", testing::wav(9)));
  EXPECT_EQ(answer.status, 500U);
  EXPECT_EQ(json::parse(answer.body).at("retryable"), true);
  EXPECT_EQ(answer.body.find("connection lost"), std::string::npos);
}

TEST(Upload, AClientThatVanishesLeavesNothing) {
  World world;
  {
    RawClient client{world.port};
    (void)client.send(
        "POST /upload-video HTTP/1.1\r\nHost: " + world.host() +
        "\r\nContent-Type: multipart/form-data; boundary=b0\r\nContent-Length: 1000000\r\n\r\n" +
        part("name=file; filename=a", testing::wav(100'000)));
  }
  int open = 1;
  for (int i = 0; i < 500 && open > 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
    open = world.on_thread([&] { return world.blobs.opened == 0 ? 1 : world.blobs.open_stagings; });
  }
  EXPECT_EQ(open, 0);
  EXPECT_EQ(world.on_thread([&] { return world.store.jobs.size(); }), 0U);
}

TEST(Upload, ShortRestsOfRefusedBodiesDoNotCostTheConnection) {
  World world;
  RawClient client{world.port};
  const Answer refused = client.ask(raw(world, "/api/v1/items?recipe=nothing", testing::wav(1000)));
  EXPECT_EQ(refused.status, 422U);
  EXPECT_EQ(refused.field("Connection"), "keep-alive");
  EXPECT_EQ(client.ask(raw(world, "/api/v1/items?recipe=voicesync", testing::wav(1000))).status, 201U);
}

}  // namespace
}  // namespace holdfast::web
