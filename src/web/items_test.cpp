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

std::string request(const World& world, std::string_view method, std::string_view target,
                    std::string_view fields = "") {
  return std::string{method} + " " + std::string{target} + " HTTP/1.1\r\nHost: " + world.host() + "\r\n" +
         std::string{fields} + "\r\n";
}

std::string get(const World& world, std::string_view target, std::string_view fields = "") {
  return request(world, "GET", target, fields);
}

TEST(Items, ForeignAndUnknownIdsAreTheSameNotFound) {
  World world;
  world.put(a_job("itm_mine"));
  world.put(a_job("itm_theirs", JobStatus::completed, "somebody"));
  RawClient client{world.port};
  EXPECT_EQ(client.ask(get(world, "/api/v1/items/itm_mine")).status, 200U);

  const std::string id = "X-Request-Id: r\r\n";
  for (const char* more : {"", "/events", "/audit", "/media", "/transcript.srt"}) {
    const Answer theirs = client.ask(get(world, "/api/v1/items/itm_theirs" + std::string{more}, id));
    const Answer none = client.ask(get(world, "/api/v1/items/itm_none" + std::string{more}, id));
    EXPECT_EQ(theirs.status, 404U) << more;
    EXPECT_EQ(theirs.body, none.body) << more;
  }
  for (const char* action : {"/cancel", "/retry"}) {
    EXPECT_EQ(client.ask(request(world, "POST", "/api/v1/items/itm_theirs" + std::string{action})).status,
              404U);
  }
  EXPECT_TRUE(world.on_thread([&] { return world.retried.empty(); }));
}

TEST(Items, ListsPageByPageAndEndsWithANullCursor) {
  World world;
  for (int i = 0; i < 5; ++i)
    world.put(a_job("itm_" + std::to_string(i), i == 2 ? JobStatus::failed : JobStatus::pending));
  world.put(a_job("itm_9", JobStatus::pending, "somebody"));
  RawClient client{world.port};

  std::string seen;
  std::string target = "/api/v1/items?limit=2&status=pending";
  for (int page = 0; page < 5 && !target.empty(); ++page) {
    const Answer answer = client.ask(get(world, target));
    ASSERT_EQ(answer.status, 200U) << answer.body;
    const json::value body = json::parse(answer.body);
    for (const auto& item : body.at("data").as_array()) seen += std::string{item.at("id").as_string()} + " ";
    const std::string link = answer.field("Link");
    EXPECT_EQ(link.empty(), body.at("next_cursor").is_null());
    target = link.empty() ? "" : link.substr(1, link.find('>') - 1);
  }
  EXPECT_EQ(seen, "itm_4 itm_3 itm_1 itm_0 ");
  EXPECT_EQ(client.ask(get(world, "/api/v1/items?cursor=x")).status, 400U);
}

TEST(Items, AnUnchangedItemNeedNotBeSentAgain) {
  World world;
  world.put(a_job("itm_1"));
  RawClient client{world.port};
  const Answer first = client.ask(get(world, "/api/v1/items/itm_1"));
  const std::string etag = first.field("ETag");
  ASSERT_FALSE(etag.empty());

  const Answer same =
      client.ask(get(world, "/api/v1/items/itm_1", "If-None-Match: \"other\", " + etag + "\r\n"));
  EXPECT_EQ(same.status, 304U);
  EXPECT_EQ(same.body, "");
  world.on_thread([&] { ++world.store.jobs[ItemId{"itm_1"}].version; });
  EXPECT_EQ(client.ask(get(world, "/api/v1/items/itm_1", "If-None-Match: " + etag + "\r\n")).status, 200U);
}

TEST(Items, ARequestThatPrefersToWaitIsAnsweredByTheChange) {
  World world;
  world.put(a_job("itm_1"));
  world.put(a_job("itm_2", JobStatus::completed));
  RawClient over{world.port};
  EXPECT_EQ(over.ask(get(world, "/api/v1/items/itm_2", "Prefer: wait=30\r\n")).status, 200U)
      << "it is over: no wait";

  RawClient client{world.port};
  (void)client.send(get(world, "/api/v1/items/itm_1", "Prefer: respond-async, wait=30\r\n"));
  while (world.on_thread([&] { return world.hub.watchers_count(); }) == 0) std::this_thread::yield();
  world.happen(1, "itm_2", "job.completed");
  world.on_thread([&] { ++world.store.jobs[ItemId{"itm_1"}].version; });
  world.happen(2, "itm_1", "stage.started");
  const Answer answer = client.receive();
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(json::parse(answer.body).at("version"), 2);
  EXPECT_EQ(answer.field("Preference-Applied"), "wait=30");
}

TEST(Items, ActionsSayWhatBecameOfTheItem) {
  World world;
  world.put(a_job("itm_1"));
  world.put(a_job("itm_2", JobStatus::failed));
  RawClient client{world.port};
  const Answer cancelled = client.ask(request(world, "POST", "/api/v1/items/itm_1/cancel"));
  EXPECT_EQ(json::parse(cancelled.body).at("status"), "cancelled");
  EXPECT_EQ(client.ask(request(world, "POST", "/api/v1/items/itm_1/cancel")).status, 409U);

  const std::string body = "{\"from_stage\":\"stt\"}";
  const std::string fields =
      "Content-Type: application/json; charset=utf-8\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\n";
  const Answer retried = client.ask(request(world, "POST", "/api/v1/items/itm_2/retry", fields) + body);
  EXPECT_EQ(json::parse(retried.body).at("status"), "pending") << retried.body;
  EXPECT_EQ(world.on_thread([&] { return world.retried; }), (std::vector<std::string>{"itm_2 from stt"}));
}

TEST(Items, GapsAreFilledAllOrOneAndNotBySomebodyElse) {
  World world;
  world.put(a_job("itm_1", JobStatus::completed));
  world.put(a_job("itm_2", JobStatus::completed));
  RawClient client{world.port};
  const auto fill = [&](const std::string& item, const std::string& body) {
    const std::string fields =
        "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    return client.ask(request(world, "POST", "/api/v1/items/" + item + "/gaps/fill", fields) + body);
  };
  EXPECT_EQ(fill("itm_1", R"({"start_s":13})").status, 409U);
  EXPECT_EQ(fill("itm_1", R"({"start_s":-1})").status, 400U);
  EXPECT_EQ(fill("itm_1", R"({"start_s":"x"})").status, 400U);
  EXPECT_EQ(fill("itm_9", "{}").status, 404U);
  EXPECT_EQ(json::parse(fill("itm_1", R"({"start_s":1.5})").body).at("status"), "pending");
  EXPECT_EQ(fill("itm_2", "{}").status, 200U);
  EXPECT_EQ(world.on_thread([&] { return world.filled; }), (std::vector<std::string>{"itm_1 at 1500", "itm_2 at -1"}));
}

TEST(Items, FG_2_ARedoCanNameAFullerMode) {
  World world;
  world.put(a_job("itm_1", JobStatus::completed));
  world.put(a_job("itm_theirs", JobStatus::completed, "somebody"));
  RawClient client{world.port};
  const auto redo = [&](const std::string& id, const std::string& body) {
    const std::string fields =
        "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    return client.ask(request(world, "POST", "/api/v1/items/" + id + "/redo", fields) + body);
  };
  EXPECT_EQ(redo("itm_1", "{}").status, 409U) << "nothing of it was done in a lesser way";
  EXPECT_EQ(redo("itm_1", R"({"mode":7})").status, 400U);
  EXPECT_EQ(redo("itm_1", R"({"mode":"nonsense"})").status, 422U);
  EXPECT_EQ(redo("itm_theirs", R"({"mode":"full"})").status, 404U);
  EXPECT_EQ(redo("itm_1", R"({"mode":"full"})").status, 200U);
  EXPECT_EQ(world.on_thread([&] { return world.retried; }),
            (std::vector<std::string>{"itm_1 from what is missing of full"}));
}

TEST(Items, WrongMethodsAreToldTheRightOnes) {
  World world;
  RawClient client{world.port};
  const Answer answer = client.ask(request(world, "DELETE", "/api/v1/items"));
  EXPECT_EQ(answer.status, 405U);
  EXPECT_EQ(answer.field("Allow"), "POST, GET, HEAD");
  EXPECT_EQ(client.ask(get(world, "/nowhere")).status, 404U);
  EXPECT_EQ(client.ask(request(world, "BREW", "/livez")).status, 405U);
}

TEST(Items, HeadGivesTheHeadersOfGet) {
  World world;
  RawClient client{world.port};
  const Answer head = client.ask(request(world, "HEAD", "/api/v1/recipes"));
  const Answer whole = client.ask(get(world, "/api/v1/recipes"));
  EXPECT_EQ(head.status, 200U);
  EXPECT_EQ(head.field("Content-Length"), std::to_string(whole.body.size()));
}

TEST(Items, LAB_3_MyVideosHoldsOnlyMyOwn) {
  World world;
  world.put(a_job("itm_1", JobStatus::completed));
  world.put(a_job("itm_2", JobStatus::completed, "somebody"));
  world.on_thread(
      [&] { world.store.stored_results[ItemId{"itm_1"}] = {{"llama", "rating", "{\"score\":8.5}"}}; });
  RawClient client{world.port};
  const json::value groups = json::parse(client.ask(get(world, "/my-videos")).body);

  EXPECT_EQ(groups.at("completed").as_array().size(), 1U);
  EXPECT_EQ(groups.at("completed").at(0).at("rating"), "8.5/10");
  EXPECT_EQ(groups.at("truncated"), false);
}

void put_transcribed(World& world) {
  world.put(a_job("itm_1", JobStatus::completed));
  world.on_thread([&world] {
    world.store.stored_segments[ItemId{"itm_1"}] = {
        {.start_ms = 0, .end_ms = 1500, .text = " <b>Hi</b> & bye"}};
    world.store.stored_results[ItemId{"itm_1"}] = {
        {"stt", "transcript",
         R"({"language":"en","gaps":[{"start_s":1.501,"end_s":62.25,"cause":"a loop"}]})"}};
  });
}

TEST(Transcripts, AreGivenAsFilesOfEachKind) {
  World world;
  put_transcribed(world);
  world.put(a_job("itm_2"));
  RawClient client{world.port};
  const Answer vtt = client.ask(get(world, "/api/v1/items/itm_1/transcript.vtt"));
  EXPECT_EQ(vtt.body, "WEBVTT\n\n1\n00:00:00.000 --> 00:00:01.500\n&lt;b&gt;Hi&lt;/b&gt; &amp; bye\n\n");
  EXPECT_EQ(vtt.field("Content-Type"), "text/vtt; charset=utf-8");
  EXPECT_EQ(vtt.field("Content-Disposition"), "attachment; filename=\"ana.vtt\"");
  EXPECT_EQ(client.ask(get(world, "/api/v1/items/itm_1/transcript.srt")).body,
            "1\n00:00:00,000 --> 00:00:01,500\n<b>Hi</b> & bye\n\n");
  EXPECT_EQ(client.ask(get(world, "/api/v1/items/itm_1/transcript.txt")).body,
            "<b>Hi</b> & bye\n[Not transcribed from 00:00:01.501 to 00:01:02.250: a loop]\n");
  const auto file = json::parse(client.ask(get(world, "/api/v1/items/itm_1/transcript.json")).body);
  const auto item = json::parse(client.ask(get(world, "/api/v1/items/itm_1")).body);
  EXPECT_EQ(file.at("language"), "en");
  EXPECT_EQ(file.at("gaps"), item.at("result").at("transcript").at("gaps"));
  EXPECT_EQ(client.ask(get(world, "/api/v1/items/itm_1/transcript.exe")).status, 404U);
  EXPECT_EQ(client.ask(get(world, "/api/v1/items/itm_2/transcript.vtt")).status, 409U) << "not ready";
}

TEST(Media, IsADownloadOfTheVeryBytesAndOfRangesOfThem) {
  World world;
  const std::string file = testing::wav(700'000);
  Job job = a_job("itm_1", JobStatus::completed);
  job.input.bytes = file.size();
  job.input.name = "../<script>\".html";
  job.input.media_type = "audio/wav";
  world.put(job);
  world.on_thread([&] { world.blobs.sealed[BlobId{"b"}] = file; });
  RawClient client{world.port};

  const Answer whole = client.ask(get(world, "/api/v1/items/itm_1/media"));
  EXPECT_EQ(whole.body, file);
  EXPECT_EQ(whole.field("Content-Type"), "audio/wav");
  EXPECT_EQ(whole.field("Content-Disposition"),
            "attachment; filename=\"<script>_.html\"; filename*=UTF-8''%3Cscript%3E%22.html");
  EXPECT_EQ(whole.field("X-Content-Type-Options"), "nosniff");
  EXPECT_TRUE(whole.field("Content-Security-Policy").starts_with("sandbox"));

  const Answer range = client.ask(get(world, "/api/v1/items/itm_1/media", "Range: bytes=8-11\r\n"));
  EXPECT_EQ(range.status, 206U);
  EXPECT_EQ(range.body, "WAVE");
  EXPECT_EQ(range.field("Content-Range"), "bytes 8-11/700000");
  EXPECT_EQ(client.ask(get(world, "/api/v1/items/itm_1/media", "Range: bytes=-5\r\n")).body.size(), 5U);
  const Answer outside = client.ask(get(world, "/api/v1/items/itm_1/media", "Range: bytes=700000-\r\n"));
  EXPECT_EQ(outside.status, 416U);
  EXPECT_EQ(outside.field("Content-Range"), "bytes */700000");
  EXPECT_EQ(
      client.ask(get(world, "/api/v1/items/itm_1/media", "Range: bytes=0-3\r\nIf-Range: \"old\"\r\n")).status,
      200U);
}

TEST(Media, AFileThatIsGoneIsToldAsSuch) {
  World world;
  world.put(a_job("itm_1", JobStatus::completed));
  RawClient client{world.port};
  const Answer answer = client.ask(get(world, "/api/v1/items/itm_1/media"));
  EXPECT_EQ(answer.status, 500U);
  EXPECT_EQ(json::parse(answer.body).at("code"), "HF-STO-03");
}

TEST(Health, SaysWhetherItWorksAndWhetherItCanTakeAnUpload) {
  World world;
  RawClient client{world.port};
  EXPECT_EQ(client.ask(get(world, "/livez")).status, 200U);
  EXPECT_EQ(client.ask(get(world, "/readyz")).status, 200U);
  EXPECT_EQ(client.ask(get(world, "/api/v1/status")).status, 200U);
  const Answer pass = client.ask(get(world, "/health"));
  EXPECT_EQ(pass.status, 200U);
  EXPECT_EQ(pass.field("Content-Type"), "application/health+json");

  world.on_thread([&] { world.health = {{"status", "warn"}}; });
  EXPECT_EQ(client.ask(get(world, "/health")).status, 200U);
  world.on_thread([&] { world.blobs.open_error = Error{ErrorClass::transient, "HF-STO-01", "away"}; });
  EXPECT_EQ(client.ask(get(world, "/readyz")).status, 503U);
  EXPECT_EQ(client.ask(get(world, "/livez")).status, 200U);
  world.on_thread([&] { world.health = {{"status", "fail"}}; });
  EXPECT_EQ(client.ask(get(world, "/health")).status, 503U);
}

TEST(Problems, EveryCodeHasItsHelpForPeopleAndPrograms) {
  World world;
  RawClient client{world.port};
  const Answer data = client.ask(get(world, "/problems/HF-UPL-01"));
  EXPECT_EQ(json::parse(data.body).at("code"), "HF-UPL-01");
  const Answer page =
      client.ask(get(world, "/problems/HF-UPL-01", "Accept: text/html,application/xhtml+xml;q=0.9\r\n"));
  EXPECT_TRUE(page.body.starts_with("<!doctype html>"));
  EXPECT_EQ(client.ask(get(world, "/problems/HF-ZZZ-99")).status, 404U);
}

TEST(Page, VS_2_NothingOnItComesFromAnotherOrigin) {
  World world;
  RawClient client{world.port};
  for (const char* target : {"/", "/app.css", "/app.js", "/icon.svg"}) {
    const Answer answer = client.ask(get(world, target));
    EXPECT_EQ(answer.status, 200U) << target;
    std::string text = answer.body;
    const std::string name_of_svg = "http://www.w3.org/2000/svg";
    for (auto at = text.find(name_of_svg); at != std::string::npos; at = text.find(name_of_svg))
      text.erase(at, name_of_svg.size());
    EXPECT_EQ(text.find("http://"), std::string::npos) << target;
    EXPECT_EQ(text.find("https://"), std::string::npos) << target;
    EXPECT_EQ(text.find("\"//"), std::string::npos) << target;
    EXPECT_EQ(client.ask(get(world, target, "If-None-Match: " + answer.field("ETag") + "\r\n")).status, 304U)
        << target;
  }
  EXPECT_EQ(client.ask(get(world, "/app.js")).field("Content-Type"), "text/javascript; charset=utf-8");
}

TEST(Page, NeverMakesMarkupOutOfData) {
  World world;
  RawClient client{world.port};
  const std::string script = client.ask(get(world, "/app.js")).body;
  for (const char* sink : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(",
                           "new Function", "setTimeout(\"", "DOMParser", "srcdoc"}) {
    EXPECT_EQ(script.find(sink), std::string::npos) << sink;
  }
  const std::string page = client.ask(get(world, "/")).body;
  EXPECT_EQ(page.find("style="), std::string::npos) << "the policy forbids it";
  EXPECT_EQ(page.find("onclick"), std::string::npos);
  EXPECT_EQ(page.find("<script>"), std::string::npos);
  EXPECT_LT(script.size(), 45'000U);
}

TEST(Page, HostileNamesComeBackAsTextOnly) {
  World world;
  Job job = a_job("itm_1", JobStatus::failed);
  job.input.name = "\"><img src=x onerror=alert(1)>\xE2\x80\xAE.mp4";
  job.messages = {"</script><script>alert(2)</script>"};
  world.put(job);
  RawClient client{world.port};
  for (const char* target : {"/api/v1/items", "/api/v1/items/itm_1", "/my-videos"}) {
    const Answer answer = client.ask(get(world, target, "Accept: text/html\r\n"));
    EXPECT_EQ(answer.field("Content-Type"), "application/json") << target;
    EXPECT_EQ(answer.field("X-Content-Type-Options"), "nosniff") << target;
    EXPECT_NE(answer.body.find("onerror=alert(1)>"), std::string::npos) << target;
    EXPECT_NO_THROW((void)json::parse(answer.body));
  }
  const Answer problem = client.ask(get(world, "/api/v1/items?status=%3Cscript%3Ealert(1)%3C/script%3E"));
  EXPECT_EQ(problem.field("Content-Type"), "application/problem+json");
}

TEST(Items, VS_9_AnItemSaysWhatIsNoLongerKeptAndItsDownloadsAreGone) {
  World world;
  Job job = a_job("itm_1", JobStatus::completed);
  job.over_at = WallTime{milliseconds{1'770'000'000'000}};
  job.file_expired_at = job.results_expired_at = *job.over_at + std::chrono::hours{24};
  world.put(job);
  RawClient client{world.port};

  const json::value item = json::parse(client.ask(get(world, "/api/v1/items/itm_1")).body);
  EXPECT_EQ(item.at("retention").at("file_gone_at"), "2026-02-03T02:40:00.000Z");
  EXPECT_TRUE(item.at("retention").at("file_until").is_null());
  for (const char* gone : {"/media", "/transcript.srt"}) {
    const Answer answer = client.ask(get(world, "/api/v1/items/itm_1" + std::string{gone}));
    EXPECT_EQ(answer.status, 410U) << gone;
    EXPECT_EQ(json::parse(answer.body).at("code"), "HF-ITM-09") << gone;
  }
}

}  // namespace
}  // namespace holdfast::web
