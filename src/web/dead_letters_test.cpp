#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "web/fake_world.hpp"
#include "web/raw_client.hpp"
#include "web/routes/routes.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;
using testing::a_job;
using testing::Answer;
using testing::RawClient;
using testing::World;

const std::string kBase = "/api/failure-recovery";

/// A world seen by an operator.
class DeadLetters : public ::testing::Test {
 protected:
  DeadLetters() {
    for (int i = 1; i <= 4; ++i) put(i, i == 4 ? "HF-MED-03" : "HF-ENG-05", i == 3 ? "eve" : "ana");
    world.put(a_job("itm_9", JobStatus::pending, "ana"));
  }

  void put(int i, const std::string& code, const std::string& owner) {
    Job job = a_job("itm_" + std::to_string(i), JobStatus::failed, owner);
    job.stages = {{.name = "upload", .kind = "upload", .state = StageState::completed},
                  {.name = "convert", .kind = "convert", .state = StageState::completed},
                  {.name = "stt", .kind = "transcribe", .state = StageState::failed, .attempts = 2}};
    job.stages[2].finished_at = WallTime{milliseconds{1'700'000'000'000 + i * 1000}};
    job.stage = 2;
    job.error = Failure{ErrorClass::permanent, code, "inside"};
    job.input.blob = BlobId{"b" + std::to_string(i)};
    world.put(job);
    world.on_thread([&] { world.blobs.sealed[job.input.blob] = "0123456789"; });
  }

  Answer ask(const std::string& method, const std::string& path, const std::string& body = "") {
    std::string request = method + " " + kBase + path + " HTTP/1.1\r\nHost: " + world.host() + "\r\n";
    if (!body.empty()) request += "Content-Type: application/json\r\n";
    if (method != "GET") request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    RawClient client{world.port};
    return client.ask(request + "\r\n" + body);
  }
  json::value get(const std::string& path) {
    const Answer answer = ask("GET", path);
    EXPECT_EQ(answer.status, 200U) << path << ": " << answer.body;
    return json::parse(answer.body);
  }
  json::value post(const std::string& path, const std::string& body, unsigned status = 200) {
    const Answer answer = ask("POST", path, body);
    EXPECT_EQ(answer.status, status) << path << ": " << answer.body;
    return json::parse(answer.body);
  }
  /// "422 HF-ITM-08".
  std::string refusal(const std::string& method, const std::string& path, const std::string& body = "") {
    const Answer answer = ask(method, path, body);
    EXPECT_EQ(answer.field("Content-Type"), "application/problem+json") << answer.body;
    return std::to_string(answer.status) + " " + std::string{json::parse(answer.body).at("code").as_string()};
  }
  static std::string ids(const json::value& list) {
    std::string out;
    for (const auto& item : list.at("data").as_array()) out += std::string{item.at("id").as_string()} + " ";
    return out;
  }
  Job job(const std::string& id) {
    return world.on_thread([&] { return world.store.jobs[ItemId{id}]; });
  }

  World world{{}, 4ULL << 30U, testing::Visitors::one_superuser};
};

TEST_F(DeadLetters, FR_6_AreListedForAllOwnersPageByPageAndFiltered) {
  EXPECT_EQ(ids(get("/dead-letters")), "itm_4 itm_3 itm_2 itm_1 ");
  EXPECT_EQ(ids(get("/dead-letters?owner=eve")), "itm_3 ");
  EXPECT_EQ(ids(get("/dead-letters?code=HF-MED-03&kind=transcribe")), "itm_4 ");
  EXPECT_EQ(ids(get("/dead-letters?stage=convert")), "");
  EXPECT_EQ(ids(get("/dead-letters?failed_from=2023-11-14T22:13:22Z&failed_until=2023-11-14T22:13:23Z")),
            "itm_3 itm_2 ");
  EXPECT_EQ(ids(get("/dead-letters?discarded=true")), "");

  const json::value first = get("/dead-letters?limit=3");
  EXPECT_EQ(ids(first), "itm_4 itm_3 itm_2 ");
  const std::string cursor{first.at("next_cursor").as_string()};
  const json::value second = get("/dead-letters?limit=3&cursor=" + cursor);
  EXPECT_EQ(ids(second), "itm_1 ");
  EXPECT_TRUE(second.at("next_cursor").is_null());
  EXPECT_EQ(refusal("GET", "/dead-letters?owner=eve&cursor=" + cursor), "400 HF-REQ-01") << "of another list";
}

TEST_F(DeadLetters, VS_9_SayUntilWhenEachCanBeTriedAgain) {
  EXPECT_TRUE(get("/dead-letters").at("data").at(0).at("retention").at("file_until").is_null()) << "kept for good";
  world.on_thread([this] {
    world.keep.ages.dead_letters = std::chrono::hours{24};
    for (auto& [id, job] : world.store.jobs) job.over_at = WallTime{milliseconds{1'700'000'000'000}};
  });

  for (const auto& letter : get("/dead-letters").at("data").as_array())
    EXPECT_EQ(letter.at("retention").at("file_until"), "2023-11-15T22:13:20.000Z");
  EXPECT_EQ(get("/dead-letters/itm_1").at("retention").at("results_until"), "2023-11-15T22:13:20.000Z");
}

TEST_F(DeadLetters, HostilePagingAndFiltersAreRefused) {
  for (const char* query : {"limit=-1", "limit=0", "limit=201", "limit=99999999999999999999", "limit=ten", "limit=1e2",
                            "cursor=x", "cursor=-5", "failed_from=yesterday", "failed_until=1", "discarded=perhaps"}) {
    EXPECT_EQ(refusal("GET", std::string{"/dead-letters?"} + query), "400 HF-REQ-01") << query;
  }
  for (const char* query : {"limit=-1", "limit=999", "cursor=1", "cursor=abc"}) {
    EXPECT_EQ(refusal("GET", std::string{"/audit?"} + query), "400 HF-REQ-01") << query;
    EXPECT_EQ(refusal("GET", std::string{"/items?"} + query), "400 HF-REQ-01") << query;
  }
  EXPECT_EQ(refusal("GET", "/items?status=odd"), "400 HF-REQ-01");
}

TEST_F(DeadLetters, FR_6_AreGroupedByCauseWithWordsForIt) {
  const json::value groups = get("/dead-letters/groups");

  ASSERT_EQ(groups.at("data").as_array().size(), 2U);
  const json::value& first = groups.at("data").at(0);
  EXPECT_EQ(first.at("code"), "HF-ENG-05");
  EXPECT_EQ(first.at("count"), 3);
  EXPECT_EQ(first.at("title"), "Set aside");
  EXPECT_EQ(first.at("first_at"), "2023-11-14T22:13:21.000Z");
  EXPECT_EQ(first.at("samples").at(0), "itm_3");
}

TEST_F(DeadLetters, FR_6_IsInspectedWithItsHistoryAndWhatIsKeptOfIt) {
  world.on_thread([this] {
    world.store.log.push_back({.seq = 1, .item = ItemId{"itm_1"}, .entry = {.type = "job.created"}});
    world.store.stored_segments[ItemId{"itm_1"}] = {{.text = "canary of what was said"}};
  });
  const Answer answer = ask("GET", "/dead-letters/itm_1");
  const json::value found = json::parse(answer.body);

  EXPECT_EQ(found.at("history").at(0).at("type"), "job.created");
  EXPECT_EQ(found.at("original_stored"), true);
  EXPECT_EQ(found.at("finished_stages").as_array().size(), 2U);
  EXPECT_EQ(found.at("segments_count"), 1);
  EXPECT_EQ(found.at("queue_type"), "transcribe");
  EXPECT_EQ(answer.body.find("canary"), std::string::npos) << "FR_7: nothing of what was said";
  EXPECT_EQ(refusal("GET", "/dead-letters/itm_9"), "404 HF-ITM-06") << "it has not failed";
  EXPECT_EQ(refusal("GET", "/dead-letters/itm_none"), "404 HF-ITM-06");
}

TEST_F(DeadLetters, FR_6_IsRetriedFromAStage) {
  EXPECT_EQ(post("/dead-letters/itm_1/retry", R"({"from_stage":"stt"})").at("status"), "pending");
  EXPECT_EQ(world.on_thread([this] { return world.retried.at(0); }), "itm_1 from stt");
  EXPECT_EQ(refusal("POST", "/dead-letters/itm_2/retry", R"({"from_stage":"nonsense"})"), "422 HF-ITM-04");
  EXPECT_EQ(refusal("POST", "/dead-letters/itm_2/retry", R"({"from_stage":5})"), "400 HF-REQ-01");
  EXPECT_EQ(refusal("POST", "/dead-letters/itm_9/retry"), "404 HF-ITM-06");
}

TEST_F(DeadLetters, FR_6_IsDiscardedForAReasonThatItsOwnerSees) {
  EXPECT_EQ(refusal("POST", "/dead-letters/itm_1/discard"), "400 HF-REQ-01");
  EXPECT_EQ(refusal("POST", "/dead-letters/itm_1/discard", R"({"reason":""})"), "400 HF-REQ-01");
  EXPECT_EQ(refusal("POST", "/dead-letters/itm_1/discard", R"({"reason":")" + std::string(501, 'x') + "\"}"),
            "400 HF-REQ-01");

  const json::value item = post("/dead-letters/itm_1/discard", R"({"reason":"sent twice"})");

  EXPECT_EQ(item.at("status"), "failed");
  EXPECT_EQ(item.at("discarded"), "sent twice");
  EXPECT_EQ(ids(get("/dead-letters?discarded=true")), "itm_1 ");
  EXPECT_EQ(refusal("POST", "/dead-letters/itm_1/discard", R"({"reason":"again"})"), "409 HF-ITM-07");
  EXPECT_EQ(refusal("GET", "/dead-letters/itm_1/file"), "409 HF-ITM-07");
  EXPECT_EQ(world.on_thread([this] { return world.store.log.back().entry.detail; }), "local: sent twice");
}

TEST_F(DeadLetters, LAB_13_TheFileIsExportedAndAResultEnteredByHand) {
  const Answer file = ask("GET", "/dead-letters/itm_1/file");
  EXPECT_EQ(file.status, 200U);
  EXPECT_EQ(file.body, "0123456789");
  EXPECT_EQ(refusal("POST", "/dead-letters/itm_1/result", "{}"), "422 HF-ITM-08");
  EXPECT_EQ(refusal("POST", "/dead-letters/itm_1/result", R"({"results":{"dance":{}}})"), "422 HF-ITM-08");
  EXPECT_EQ(refusal("POST", "/dead-letters/itm_1/result", R"({"results":7})"), "400 HF-REQ-01");

  const json::value item = post("/dead-letters/itm_1/result", R"({"results":{"transcript":{"text":"Hello."}}})");

  EXPECT_EQ(item.at("status"), "completed");
  const auto made = world.on_thread([this] { return world.store.stored_results[ItemId{"itm_1"}].at(0).json; });
  EXPECT_EQ(json::parse(made).at("by_hand").at("operator"), "local");
  EXPECT_EQ(world.on_thread([this] { return world.store.stored_segments[ItemId{"itm_1"}].at(0).text; }), "Hello.");
  EXPECT_EQ(refusal("POST", "/dead-letters/itm_1/result", R"({"results":{"transcript":{"text":"x"}}})"),
            "404 HF-ITM-06");
}

TEST_F(DeadLetters, FR_6_ManyAreRetriedAfterALook) {
  const json::value look = post("/dead-letters/retry", R"({"filter":{"code":"HF-ENG-05"},"dry_run":true})");
  EXPECT_EQ(look.at("matched"), 3);
  EXPECT_EQ(look.at("sample").as_array().size(), 3U);
  EXPECT_EQ(job("itm_1").status, JobStatus::failed) << "nothing was changed";

  const json::value begun = post("/dead-letters/retry", R"({"filter":{"code":"HF-ENG-05"}})", 202);
  const std::string id{begun.at("id").as_string()};
  while (get("/redrives/" + id).at("state") != "done") std::this_thread::yield();

  EXPECT_EQ(get("/redrives/" + id).at("retried"), 3);
  EXPECT_EQ(job("itm_1").status, JobStatus::pending);
  EXPECT_EQ(job("itm_4").status, JobStatus::failed);
  EXPECT_EQ(get("/redrives").at("data").as_array().size(), 1U);
}

TEST_F(DeadLetters, FR_6_ARedriveIsStopped) {
  const json::value begun = post("/dead-letters/retry", R"({"per_minute":1})", 202);
  const std::string id{begun.at("id").as_string()};

  const Answer stopped = ask("DELETE", "/redrives/" + id);

  EXPECT_EQ(stopped.status, 200U) << stopped.body;
  EXPECT_EQ(json::parse(stopped.body).at("state"), "stopped");
  EXPECT_EQ(refusal("DELETE", "/redrives/rdr_none"), "404 HF-QUE-02");
  EXPECT_EQ(refusal("GET", "/redrives/rdr_none"), "404 HF-QUE-02");
}

TEST_F(DeadLetters, ABulkRequestWithAMistakeInItTouchesNothing) {
  for (const char* body :
       {R"({"filter":{"recipie":"x"}})", R"({"filters":{}})", R"({"filter":[]})", R"({"per_minute":-1})",
        R"({"per_minute":1e9})", R"({"dry_run":"yes"})", R"({"filter":{"failed_from":"now"}})", "[]"}) {
    EXPECT_EQ(refusal("POST", "/dead-letters/retry", body), "400 HF-REQ-01") << body;
  }
  for (const char* body : {R"({"filter":{"recipie":"x"},"reason":"r","dry_run":false})", R"({"dry_run":false})"})
    EXPECT_EQ(refusal("POST", "/dead-letters/purge", body), "400 HF-REQ-01") << body;
  EXPECT_EQ(ids(get("/dead-letters")), "itm_4 itm_3 itm_2 itm_1 ");
  EXPECT_TRUE(get("/redrives").at("data").as_array().empty());
}

TEST_F(DeadLetters, FR_6_APurgeOnlyLooksUnlessItIsToldOtherwise) {
  EXPECT_EQ(post("/dead-letters/purge", R"({"reason":"old"})").at("matched"), 4);
  EXPECT_EQ(ids(get("/dead-letters")), "itm_4 itm_3 itm_2 itm_1 ");

  const json::value done =
      post("/dead-letters/purge", R"({"filter":{"owner":"ana"},"reason":"old","dry_run":false})");

  EXPECT_EQ(done.at("discarded"), 3);
  EXPECT_EQ(done.at("remaining"), 0);
  EXPECT_EQ(ids(get("/dead-letters")), "itm_3 ");
}

TEST_F(DeadLetters, FR_6_ThePipelineOfAnItemIsFoundByItsIdOrItsKey) {
  const json::value status = get("/pipeline-status/itm_1");
  EXPECT_EQ(status.at("stages").at(2).at("attempts"), 2);
  EXPECT_EQ(status.at("wait").at("state"), "over");
  EXPECT_EQ(status.at("error").at("code"), "HF-ENG-05");
  world.on_thread([this] {
    world.store.jobs[ItemId{"itm_1"}].job_key = world.store.jobs[ItemId{"itm_3"}].job_key = "talk-7";
    world.store.jobs[ItemId{"itm_9"}].job_key = "talk-9";
  });
  EXPECT_EQ(get("/pipeline-status/talk-9").at("item"), "itm_9");
  EXPECT_EQ(refusal("GET", "/pipeline-status/talk-7"), "400 HF-REQ-01") << "of two owners";
  EXPECT_EQ(get("/pipeline-status/talk-7?owner=eve").at("item"), "itm_3");
  EXPECT_EQ(refusal("GET", "/pipeline-status/none"), "404 HF-ITM-06");
}

TEST_F(DeadLetters, FR_6_QueuesOverviewAndFiguresAreTold) {
  world.on_thread([this] { world.store.stats = {{.kind = "transcribe", .pending = 1, .failed = 4}}; });

  EXPECT_EQ(get("/queue-stats").at("data").at(0).at("failed"), 4);
  EXPECT_EQ(get("/queue-stats/transcribe").at("dead_letters").as_array().size(), 2U);
  EXPECT_EQ(get("/queue-stats/convert").at("pending"), 0) << "empty, and still a queue";
  EXPECT_EQ(refusal("GET", "/queue-stats/dance"), "404 HF-QUE-01");
  const json::value overview = get("/system-overview");
  EXPECT_EQ(overview.at("status"), "pass");
  EXPECT_EQ(overview.at("dead_letters").at("count"), 4);
  EXPECT_EQ(overview.at("recovery").at("stuck"), 2);
  EXPECT_EQ(get("/metrics").at("dead_letters"), 4);
  EXPECT_EQ(post("/recovery/transcribe/trigger", "").at("released"), 3);
  EXPECT_EQ(refusal("POST", "/recovery/dance/trigger"), "404 HF-QUE-01");
  const json::value looked = post("/cleanup", R"({"dry_run":true})");
  EXPECT_EQ(looked.at("staged_removed"), 4);
  EXPECT_EQ(looked.at("retention").at("files"), 7);
  EXPECT_EQ(looked.at("retention").at("dead_letters"), 8);
  EXPECT_EQ(post("/cleanup", "").at("staged_removed"), 4);
}

TEST_F(DeadLetters, FR_6_ItemsAndAuditAreThoseOfAllOwners) {
  for (std::uint64_t seq = 1; seq <= 3; ++seq) world.happen(seq, "itm_" + std::to_string(seq), "job.created", "ana");
  EXPECT_EQ(ids(get("/items?limit=2")), "itm_9 itm_4 ");
  EXPECT_EQ(ids(get("/items?owner=eve&status=failed")), "itm_3 ");
  EXPECT_EQ(get("/items/itm_1").at("history").at(0).at("type"), "job.created");

  const json::value first = get("/audit?limit=2");
  EXPECT_EQ(first.at("data").at(1).at("item"), "itm_2");
  const std::string cursor{first.at("next_cursor").as_string()};
  const json::value second = get("/audit?limit=2&cursor=" + cursor);
  EXPECT_EQ(second.at("data").at(0).at("seq"), 3);
  EXPECT_TRUE(second.at("next_cursor").is_null());
}

TEST_F(DeadLetters, FR_3_RulesAreReplacedAsAWholeOrNotAtAll) {
  EXPECT_EQ(get("/rules").at("in_force").at("convert").at("attempts_max"), 9);

  const Answer put = ask("PUT", "/rules", R"({"transcribe":{"attempts_max":5,"no_progress_ms":60000}})");
  EXPECT_EQ(put.status, 200U) << put.body;
  EXPECT_EQ(get("/rules").at("changed_by"), "local");
  EXPECT_EQ(get("/rules").at("in_force").at("transcribe").at("no_progress_ms"), 60'000);

  for (const char* body :
       {R"({"convert":{"attempts_max":2},"dance":{}})", R"({"convert":{"attempts_max":0}})",
        R"({"convert":{"attempts":2}})", R"({"convert":7})", R"({"convert":{"crashes_max":"two"}})"}) {
    EXPECT_EQ(refusal("PUT", "/rules", body), "422 HF-QUE-03") << body;
  }
  world.on_thread([this] { world.states.error = Error{ErrorClass::transient, "HF-STO-01", "away"}; });
  EXPECT_EQ(refusal("PUT", "/rules", "{}"), "503 HF-STO-01");
  EXPECT_EQ(get("/rules").at("in_force").at("transcribe").at("attempts_max"), 5) << "the old ones stay in force";
}

TEST_F(DeadLetters, FR_6_EveryRouteIsForSuperusers) {
  std::size_t found = 0;
  for (const Route& route : all_routes()) {
    if (!route.path.starts_with(kBase)) continue;
    ++found;
    EXPECT_EQ(route.access, Access::superuser) << route.method << " " << route.path;
  }
  EXPECT_GE(found, 19U);
}

}  // namespace
}  // namespace holdfast::web
