#include "flow/views/item_view.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "core/transcript/export.hpp"
#include "flow/views/json_text.hpp"

namespace holdfast {
namespace {

namespace json = boost::json;

Job a_job(JobStatus status = JobStatus::processing) {
  Job job{.id = ItemId{"itm_01JDX"}, .job_key = "class-4b/ana", .owner = "local", .recipe = "introductions"};
  job.status = status;
  job.version = 7;
  job.created_at = job.updated_at = WallTime{milliseconds{1'795'321'147'250}};
  job.input = {.name = "ana.mp4", .bytes = 1234, .sha256 = std::string(64, 'a'), .media_type = "video/mp4"};
  job.stages = {{.name = "upload", .title = "Saved", .state = StageState::completed, .attempts = 1},
                {.name = "stt", .kind = "transcribe", .title = "Transcribing"},
                {.name = "llama", .title = "Rating"}};
  job.stage = status == JobStatus::completed ? 3 : 1;
  return job;
}

std::vector<Segment> two_segments() {
  return {{.start_ms = 0,
           .end_ms = 1500,
           .text = " Hello.",
           .confidence = 0.9,
           .words = {{.start_ms = 0, .end_ms = 700, .text = "Hello.", .probability = 0.8}}},
          {.start_ms = 1500, .end_ms = 2250, .text = " I am Ana.", .confidence = 0.7}};
}

const std::vector<StoredResult> kResults{
    {"stt", "transcript", R"({"language":"en","duration_s":2.25,"gaps":[],"no_speech":false})"},
    {"mistral", "form", R"({"name":{"value":"Ana","segments":[1]}})"},
    {"llama", "rating", R"({"score":8.5,"criteria":[{"name":"clarity","score":8.5,"reason":"clear"}]})"}};

TEST(ItemView, HasEveryFieldThatScriptsRelyOn) {
  const json::object item = views::item_object({.job = a_job()}, 0.414);

  for (const char* field :
       {"id", "job_id", "recipe", "owner", "status", "stage", "stages", "retry_count", "requested_mode",
        "mode", "downshift", "messages", "error", "created_at", "updated_at", "input", "result"}) {
    EXPECT_TRUE(item.contains(field)) << field;
  }
  for (const char* field : {"name", "title", "state", "attempts", "started_at", "finished_at", "warnings"}) {
    EXPECT_TRUE(item.at("stages").at(0).as_object().contains(field)) << field;
  }
  for (const char* field : {"name", "bytes", "sha256", "media_type", "duration_s"}) {
    EXPECT_TRUE(item.at("input").as_object().contains(field)) << field;
  }
  EXPECT_EQ(item.at("status"), "processing");
  EXPECT_EQ(item.at("stage"), "stt");
  EXPECT_EQ(item.at("progress"), 0.41);
  EXPECT_EQ(item.at("created_at"), "2026-11-22T04:19:07.250Z");
  EXPECT_TRUE(item.at("result").is_null());
  EXPECT_TRUE(item.at("downshift").is_null());
  EXPECT_TRUE(item.at("error").is_null());
}

TEST(ItemView, ACompletedItemShowsTranscriptFormAndRating) {
  Job job = a_job(JobStatus::completed);
  job.duration_ms = 2250;
  const json::object item = views::item_object({job, two_segments(), {}, kResults, {}}, 0);

  EXPECT_EQ(item.at("stage"), "completed");
  EXPECT_TRUE(item.at("progress").is_null());
  const json::object& transcript = item.at("result").at("transcript").as_object();
  EXPECT_EQ(transcript.at("language"), "en");
  EXPECT_EQ(transcript.at("text"), "Hello. I am Ana.");
  EXPECT_EQ(transcript.at("segments").at(1).at("start_s"), 1.5);
  EXPECT_EQ(transcript.at("segments").at(0).at("words").at(0).at("text"), "Hello.");
  EXPECT_EQ(transcript.at("no_speech"), false);
  EXPECT_EQ(item.at("result").at("form").at("name").at("value"), "Ana");
  EXPECT_EQ(item.at("result").at("rating").at("score"), 8.5);
  EXPECT_EQ(item.at("input").at("duration_s"), 2.25);
}

TEST(ItemView, SegmentsAreTheSameAsInTheJsonFile) {
  const auto segments = two_segments();
  const json::object item = views::item_object({a_job(JobStatus::completed), segments, {}, kResults, {}}, 0);
  const std::string shown = views::to_text(item.at("result").at("transcript").at("segments"));

  EXPECT_NE(transcript::to_json(segments, {}).find("\"segments\":" + shown), std::string::npos) << shown;
}

TEST(ItemView, AnErrorCarriesTheWordsOfTheCatalogueAndNoneOfTheInside) {
  Job job = a_job(JobStatus::failed);
  job.error = Failure{ErrorClass::permanent, "HF-MED-03", "ffprobe: /var/lib/holdfast/blobs/ab: no stream"};
  const json::object item = views::item_object({.job = job}, 0);

  EXPECT_EQ(item.at("error").at("code"), "HF-MED-03");
  EXPECT_EQ(item.at("error").at("retryable"), false);
  EXPECT_EQ(item.at("error").at("message"),
            "Your file is saved unchanged. The video has no sound track, so there is nothing to transcribe.");
  EXPECT_EQ(views::to_text(item).find("/var/lib"), std::string::npos);
}

TEST(ItemView, AResultThatCannotBeReadIsSaidAndNotHidden) {
  const std::vector<StoredResult> broken{{"llama", "rating", "{\"score\":"}};
  const json::object item = views::item_object({.job = a_job(JobStatus::completed), .results = broken}, 0);

  EXPECT_TRUE(item.at("result").at("rating").is_null());
  EXPECT_EQ(item.at("messages").at(0), "The stored result \"rating\" cannot be read.");
}

TEST(ItemView, HostileTextStaysText) {
  Job job = a_job();
  job.input.name = "<img src=x onerror=alert(1)>\"\n\xFF.mp4";
  const json::object item = views::item_object({.job = job}, 0);
  const json::value again = json::parse(views::to_text(item));

  EXPECT_EQ(again.at("input").at("name"), "<img src=x onerror=alert(1)>\"\n\xEF\xBF\xBD.mp4");
}

TEST(MyVideos, LAB_3_GroupsOwnVideosAsCompletedProcessingFailedAndPending) {
  Job failed = a_job(JobStatus::failed);
  failed.error = Failure{ErrorClass::permanent, "HF-MED-03", "inside"};
  failed.retry_count = 3;
  const std::vector<views::VideoRow> videos{{a_job(JobStatus::completed), kResults},
                                            {a_job(), {}},
                                            {failed, {}},
                                            {a_job(JobStatus::cancelled), {}},
                                            {a_job(JobStatus::pending), {}}};
  const json::object groups = views::my_videos_object(videos);

  EXPECT_EQ(groups.size(), 4U);
  EXPECT_EQ(groups.at("completed").as_array().size(), 1U);
  EXPECT_EQ(groups.at("processing").as_array().size(), 1U);
  EXPECT_EQ(groups.at("failed").as_array().size(), 2U) << "cancelled ones are shown there";
  EXPECT_EQ(groups.at("pending").as_array().size(), 1U);
  EXPECT_EQ(groups.at("processing").at(0).at("stage_title"), "Transcribing");
  EXPECT_EQ(groups.at("failed").at(0).at("retry_count"), 3);
  EXPECT_TRUE(groups.at("failed").at(0).at("error_message").is_string());
}

TEST(MyVideos, LAB_5_CompletedOnesShowTheirRatingOutOfTen) {
  const std::vector<views::VideoRow> videos{{a_job(JobStatus::completed), kResults}};

  EXPECT_EQ(views::my_videos_object(videos).at("completed").at(0).at("rating"), "8.5/10");
  EXPECT_EQ(views::rating_word(std::vector<StoredResult>{{"llama", "rating", R"({"score":9})"}}), "9/10");
  EXPECT_EQ(views::rating_word(std::vector<StoredResult>{{"llama", "rating", "null"}}), "");
  EXPECT_EQ(views::rating_word({}), "");
}

TEST(JsonText, WritesNumbersAsPeopleReadThem) {
  EXPECT_EQ(
      views::to_text(json::parse(R"({"a":[8.5,-3,18446744073709551615,1e300,true,null],"b":{},"c":[]})")),
      R"({"a":[8.5,-3,18446744073709551615,1e+300,true,null],"b":{},"c":[]})");
}

TEST(ItemView, TimesAreWrittenInUtcWithMilliseconds) {
  EXPECT_EQ(views::to_rfc3339(WallTime{milliseconds{0}}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(views::to_rfc3339(WallTime{milliseconds{951'868'799'999}}), "2000-02-29T23:59:59.999Z");
}

}  // namespace
}  // namespace holdfast
