#include "worker/speech_frames.hpp"

#include <gmock/gmock.h>

#include <boost/json.hpp>

namespace holdfast::worker::speech_frames {
namespace {

namespace json = boost::json;

TEST(SpeechFrames, ReadARequest) {
  const auto request = parse_request(
      R"({"type":"transcribe","id":7,"from_ms":30000,"language":"de","beam_size":5,"word_times":false})");

  ASSERT_TRUE(request) << request.error().what();
  EXPECT_EQ(request->id, 7);
  EXPECT_EQ(request->from_ms, 30'000);
  EXPECT_EQ(request->language, "de");
  EXPECT_EQ(request->beam_size, 5U);
  EXPECT_FALSE(request->word_times);
}

TEST(SpeechFrames, TakeWhatIsLeftOutAsUsual) {
  const auto request = parse_request(R"({"type":"transcribe","id":1})");

  EXPECT_EQ(request->language, "auto");
  EXPECT_EQ(request->beam_size, 1U);
  EXPECT_TRUE(request->word_times);
}

TEST(SpeechFrames, RefuseWhatIsBeyondALimit) {
  for (const char* frame :
       {"", "[]", "{", R"({"type":"generate"})", R"({"type":"transcribe","from_ms":-1})",
        R"({"type":"transcribe","from_ms":1.5})", R"({"type":"transcribe","beam_size":9})",
        R"({"type":"transcribe","language":7})", R"({"type":"transcribe","language":""})",
        R"({"type":"transcribe","spans":7})", R"({"type":"transcribe","spans":[7]})",
        R"({"type":"transcribe","spans":[{"start_ms":1}]})", R"({"type":"transcribe","spans":[{"end_ms":1}]})",
        R"({"type":"transcribe","spans":[{"start_ms":5,"end_ms":5}]})",
        R"({"type":"transcribe","spans":[{"start_ms":1,"end_ms":5},{"start_ms":4,"end_ms":6}]})",
        R"({"type":"transcribe","word_times":1})", R"({"type":"transcribe","id":"x"})"}) {
    const auto request = parse_request(frame);
    ASSERT_FALSE(request) << frame;
    EXPECT_EQ(request.error().code(), "HF-SRV-01") << frame;
  }
}

TEST(SpeechFrames, KnowTheIdOfARequestThatIsRefused) {
  EXPECT_EQ(id_of(R"({"type":"transcribe","id":9,"from_ms":-1})"), 9);
  EXPECT_EQ(id_of("nonsense"), 0);
}

TEST(SpeechFrames, ReadAndTellSpans) {
  const auto request =
      parse_request(R"({"type":"transcribe","spans":[{"start_ms":1,"end_ms":5},{"start_ms":5,"end_ms":6}]})");
  ASSERT_TRUE(request) << request.error().what();
  EXPECT_EQ(request->spans, (std::vector<speech::Region>{{1, 5}, {5, 6}}));

  const SpeechReport report{.spans = {{.span = {1, 5}, .segments = {{1, 2, "x", 0.5, {}}}, .gaps = {{2, 5, "why"}}}}};
  const auto span = json::parse(finished(3, report)).at("body").at("spans").at(0);
  EXPECT_EQ(span.at("start_ms"), 1);
  EXPECT_EQ(span.at("segments").at(0).at("text"), "x");
  EXPECT_EQ(span.at("gaps").at(0).at("cause"), "why");
}

TEST(SpeechFrames, TellAWindow) {
  const WindowDone window{
      .segments = {{.start_ms = 10,
                    .end_ms = 20,
                    .text = "Hé",
                    .confidence = 0.123456,
                    .words = {{.start_ms = 10, .end_ms = 20, .text = "Hé", .probability = 1}}}},
      .gaps = {{.start_ms = 1, .end_ms = 2, .cause = "why"}},
      .position_ms = 30'000,
      .language = "fr"};

  const auto frame = json::parse(segments(3, window)).as_object();

  EXPECT_EQ(frame.at("type"), "segments");
  EXPECT_EQ(frame.at("id"), 3);
  EXPECT_EQ(frame.at("position_ms"), 30'000);
  const auto& segment = frame.at("segments").at(0).as_object();
  EXPECT_EQ(segment.at("text"), "Hé");
  EXPECT_DOUBLE_EQ(segment.at("confidence").as_double(), 0.1235);
  EXPECT_EQ(segment.at("words").at(0).at("end_ms"), 20);
  EXPECT_EQ(frame.at("gaps").at(0).at("cause"), "why");
}

TEST(SpeechFrames, LeaveTheGapsToTheWindows) {
  const SpeechReport report{.language = "fr", .duration_ms = 11'000, .speech_ms = 9'800};

  const auto frame = json::parse(finished(3, report)).as_object();

  const auto& body = frame.at("body").as_object();
  EXPECT_EQ(body.at("language"), "fr");
  EXPECT_EQ(body.at("duration_ms"), 11'000);
  EXPECT_EQ(body.at("speech_ms"), 9'800);
  EXPECT_FALSE(body.contains("gaps")) << "after a resumption they would be those of the last run alone";
}

TEST(SpeechFrames, TellAFailureWithAndWithoutARequest) {
  const Error error{ErrorClass::canceled, "HF-X-01", "bad\x01 \xFF thing"};

  const auto frame = json::parse(failed(4, error)).as_object();

  EXPECT_EQ(frame.at("class"), "transient");
  EXPECT_EQ(frame.at("message"), "bad  thing");
  EXPECT_EQ(frame.at("id"), 4);
  EXPECT_FALSE(json::parse(failed(std::nullopt, error)).as_object().contains("id"));
}

}  // namespace
}  // namespace holdfast::worker::speech_frames
