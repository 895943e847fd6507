#include "flow/stages/transcribe/transcribe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace holdfast::stages {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

StageInput a_converted_item() {
  StageInput input{.config = {.name = "stt", .kind = "transcribe"}};
  input.job.id = ItemId{"itm_1"};
  input.job.stages = {
      {.name = "upload", .kind = "upload"},
      {.name = "convert", .kind = "convert", .output = R"({"audio":"a0d10","duration_ms":600000})"},
      {.name = "stt", .kind = "transcribe"}};
  input.job.stage = 2;
  input.config.time_max = milliseconds{60'000};
  return input;
}

boost::json::value published(const Result<decide::StageOutcome>& outcome) {
  EXPECT_EQ(outcome.value().publish.at(0).name, "transcript");
  return boost::json::parse(outcome.value().publish.at(0).json);
}

TEST(Transcribe, VS_1_AsksTheSpeechWorkerForTheConvertedSound) {
  const auto plan = Transcribe{}.prepare(a_converted_item());

  const auto& request = std::get<WorkRequest>(plan.value());
  EXPECT_EQ(request.worker, WorkerKind::speech);
  EXPECT_EQ(request.input, BlobId{"a0d10"});
  EXPECT_EQ(boost::json::parse(request.body).at("from_ms"), 0);
}

TEST(Transcribe, AsksForTheLanguageAndTheBeamThatAreConfigured) {
  auto input = a_converted_item();
  const auto asked = [&] {
    return boost::json::parse(std::get<WorkRequest>(Transcribe{}.prepare(input).value()).body);
  };
  EXPECT_EQ(asked().at("language"), "auto");
  EXPECT_EQ(asked().at("beam_size"), 5);

  input.config.language = "de";
  input.config.beam_size = 2;

  EXPECT_EQ(asked().at("language"), "de");
  EXPECT_EQ(asked().at("beam_size"), 2);
}

TEST(Transcribe, TheLanguageThatItsSenderNamesIsTheOneThatIsAskedFor) {
  auto input = a_converted_item();
  input.config.language = "de";
  const auto asked = [&] {
    return boost::json::parse(std::get<WorkRequest>(Transcribe{}.prepare(input).value()).body).at("language");
  };
  input.job.input.payload = R"({"language":"fr"})";
  EXPECT_EQ(asked(), "fr");
  for (const char* other : {"{}", "no JSON", R"({"language":7})"}) {
    input.job.input.payload = other;
    EXPECT_EQ(asked(), "de");
  }
}

TEST(Transcribe, GoesOnAtTheCheckpoint) {
  auto input = a_converted_item();
  input.job.stages[2].position_ms = 30'000;

  const auto plan = Transcribe{}.prepare(input);

  EXPECT_EQ(boost::json::parse(std::get<WorkRequest>(plan.value()).body).at("from_ms"), 30'000);
}

TEST(Transcribe, GivesALongRecordingMoreTime) {
  auto input = a_converted_item();
  input.config.time_budget_rtf = 3;

  EXPECT_EQ(std::get<WorkRequest>(Transcribe{}.prepare(input).value()).time_max, milliseconds{1'800'000});

  input.config.time_budget_rtf = 0.01;
  EXPECT_EQ(std::get<WorkRequest>(Transcribe{}.prepare(input).value()).time_max, milliseconds{60'000});
}

TEST(Transcribe, CannotWorkWithoutASound) {
  auto input = a_converted_item();
  for (const auto* output : {"", "{}", "null", R"({"audio":5})"}) {
    input.job.stages[1].output = output;
    EXPECT_EQ(Transcribe{}.prepare(input).error().error_class(), ErrorClass::permanent) << output;
  }
  input.job.stages.erase(input.job.stages.begin() + 1);
  input.job.stage = 1;
  EXPECT_EQ(Transcribe{}.prepare(input).error().code(), "HF-STO-03");
}

TEST(Transcribe, PublishesWhatIsKnownOfTheTranscript) {
  auto input = a_converted_item();
  input.segments = {{.start_ms = 0, .end_ms = 1000, .text = "Hello."}};
  input.gaps = {{.start_ms = 1500, .end_ms = 2000, .cause = "engine"}};
  const Finished answer{.body = R"({"language":"en","language_probability":0.98,"duration_ms":11000})"};

  const auto outcome = Transcribe{}.conclude(input, answer);

  const auto transcript = published(outcome);
  EXPECT_EQ(transcript.at("language"), "en");
  EXPECT_DOUBLE_EQ(transcript.at("duration_s").as_double(), 11.0);
  EXPECT_DOUBLE_EQ(transcript.at("gaps").at(0).at("start_s").as_double(), 1.5);
  EXPECT_EQ(transcript.at("gaps").at(0).at("cause"), "engine");
  EXPECT_EQ(transcript.at("no_speech"), false);
  EXPECT_FALSE(transcript.as_object().contains("segments"));
  EXPECT_EQ(outcome.value().duration_ms, 11'000);
  EXPECT_THAT(outcome.value().warnings, ElementsAre("1 part of the recording could not be transcribed"));
}

TEST(Transcribe, SaysThatNobodySpoke) {
  auto input = a_converted_item();
  input.segments = {{.text = " \n"}};

  const auto outcome = Transcribe{}.conclude(input, {.body = R"({"duration_ms":3000})"});

  EXPECT_EQ(published(outcome).at("no_speech"), true);
  EXPECT_THAT(published(outcome).at("gaps").as_array(), IsEmpty());
  EXPECT_THAT(outcome.value().warnings, ElementsAre("no speech"));
}

StageInput an_item_with_a_gap_to_fill() {
  auto input = a_converted_item();
  input.job.stages[2].position_ms = 600'000;
  input.job.stages[2].fill = {{1'500, 6'000}};
  input.segments = {{.start_ms = 0, .end_ms = 1000, .text = "Hello."}};
  input.gaps = {{1'500, 6'000, "a loop"}};
  input.results = {{"stt", "transcript", R"({"language":"de","duration_s":600.0,"gaps":[],"no_speech":false,"by":1})"}};
  return input;
}

TEST(Transcribe, AsksForTheGapsThatAreToBeFilledInTheLanguageOfTheTranscript) {
  const auto plan = Transcribe{}.prepare(an_item_with_a_gap_to_fill());

  const auto asked = boost::json::parse(std::get<WorkRequest>(plan.value()).body);
  EXPECT_EQ(asked.at("spans").as_array().size(), 1U);
  EXPECT_EQ(asked.at("spans").at(0).at("end_ms"), 6'000);
  EXPECT_EQ(asked.at("language"), "de");
}

TEST(Transcribe, PutsWhatWasHeardOfAGapIntoTheTranscriptAndChangesNothingElse) {
  const Finished answer{.body = R"({"spans":[{"start_ms":1500,"end_ms":6000,"gaps":[],"segments":[
    {"start_ms":2000,"end_ms":3000,"text":"new","confidence":0.5,
     "words":[{"start_ms":2000,"end_ms":3000,"text":"new","probability":0.5}]}]}]})"};

  const auto outcome = Transcribe{}.conclude(an_item_with_a_gap_to_fill(), answer);

  ASSERT_TRUE(outcome) << outcome.error().what();
  EXPECT_EQ(outcome->filled.segments_gained, 1U);
  ASSERT_EQ(outcome->filled.whole.segments.size(), 2U);
  EXPECT_EQ(outcome->filled.whole.segments[1].words.at(0).text, "new");
  const auto transcript = published(outcome);
  EXPECT_EQ(transcript.at("by"), 1);
  EXPECT_EQ(transcript.at("language"), "de");
  EXPECT_THAT(transcript.at("gaps").as_array(), IsEmpty());
  EXPECT_THAT(outcome->warnings, IsEmpty());
}

TEST(Transcribe, AGapThatBringsNoTextIsToldWithItsCauseAndThatItWasTriedAgain) {
  const Finished answer{.body = R"({"spans":[{"start_ms":1500,"end_ms":6000,"gaps":[],"segments":[]}]})"};

  const auto outcome = Transcribe{}.conclude(an_item_with_a_gap_to_fill(), answer);

  EXPECT_EQ(outcome->filled.segments_gained, 0U);
  EXPECT_EQ(published(outcome).at("gaps").at(0).at("cause"), "a loop (tried again)");
  EXPECT_THAT(outcome->warnings, ElementsAre("1 part of the recording could not be transcribed"));
}

TEST(Transcribe, DoesNotBelieveAnAnswerAboutGapsThatSaysNothingOfThem) {
  for (const auto* body : {"{}", R"({"spans":7})", R"({"spans":[7]})", R"({"spans":[{"start_ms":5,"end_ms":1}]})",
                           R"({"spans":[{"start_ms":1,"end_ms":2,"segments":[]}]})",
                           R"({"spans":[{"start_ms":1,"end_ms":2,"segments":[{}],"gaps":[]}]})"}) {
    EXPECT_EQ(Transcribe{}.conclude(an_item_with_a_gap_to_fill(), {.body = body}).error().error_class(),
              ErrorClass::transient)
        << body;
  }
}

TEST(Transcribe, DoesNotBelieveAnAnswerThatIsNoObject) {
  for (const auto* body : {"", "[]", "\"x\"", "{"}) {
    EXPECT_EQ(Transcribe{}.conclude(a_converted_item(), {.body = body}).error().error_class(),
              ErrorClass::transient)
        << body;
  }
}

}  // namespace
}  // namespace holdfast::stages
