#include "core/media/probe.hpp"

#include <gtest/gtest.h>

namespace holdfast::media {
namespace {

constexpr MediaLimits kLimits{
    .duration_ms_max = 3'600'000, .streams_max = 4, .unpacked_bytes_max = 1'000'000'000};

ProbeFacts good() {
  return {.file_bytes = 1'000'000,
          .streams = 2,
          .has_audio = true,
          .codec = "aac",
          .sample_rate = 48'000,
          .channels = 2,
          .duration_ms = 60'000,
          .duration_of_sound = true};
}
std::string code_of(const Result<void>& result) { return result ? "" : result.error().code(); }

TEST(JudgeProbe, LetsAnOrdinaryRecordingThrough) { EXPECT_EQ(code_of(judge_probe(good(), kLimits)), ""); }

TEST(JudgeProbe, RefusesForOneReasonEach) {
  ProbeFacts nothing = good();
  nothing.streams = 0;
  ProbeFacts many = good();
  many.streams = 5;
  ProbeFacts silent_film = good();
  silent_film.has_audio = false;
  ProbeFacts absurd = good();
  absurd.sample_rate = 1'092'676;
  ProbeFacts lengthy = good();
  lengthy.duration_ms = 3'600'001;
  ProbeFacts bomb = good();
  bomb.channels = 8;
  bomb.duration_ms = 3'000'000;

  EXPECT_EQ(code_of(judge_probe(nothing, kLimits)), "HF-MED-01");
  EXPECT_EQ(code_of(judge_probe(many, kLimits)), "HF-MED-06");
  EXPECT_EQ(code_of(judge_probe(silent_film, kLimits)), "HF-MED-03");
  EXPECT_EQ(code_of(judge_probe(absurd, kLimits)), "HF-MED-05");
  EXPECT_EQ(code_of(judge_probe(lengthy, kLimits)), "HF-MED-04");
  EXPECT_EQ(code_of(judge_probe(bomb, kLimits)), "HF-MED-07");
}

TEST(JudgeProbe, HoldsAtTheLimitAndRefusesOneStepBeyond) {
  ProbeFacts facts = good();
  facts.duration_ms = 3'600'000;
  facts.streams = 4;
  EXPECT_EQ(code_of(judge_probe(facts, kLimits)), "");

  // 48 kHz, 2 channels, 16 bit: 192 bytes a millisecond
  MediaLimits exact = kLimits;
  exact.unpacked_bytes_max = 192U * 60'000U;
  EXPECT_EQ(code_of(judge_probe(good(), exact)), "");
  exact.unpacked_bytes_max -= 1;
  EXPECT_EQ(code_of(judge_probe(good(), exact)), "HF-MED-07");
}

TEST(JudgeProbe, DoesNotBelieveALengthTheFileIsFarTooSmallFor) {
  ProbeFacts claim = good();
  claim.file_bytes = 3'000;
  claim.duration_ms = 100LL * 3600 * 1000;

  EXPECT_EQ(code_of(judge_probe(claim, kLimits)), "") << "decoding will tell";
}

TEST(JudgeProbe, LeavesAnUnknownLengthToTheDecoder) {
  ProbeFacts stream = good();
  stream.duration_ms = -1;
  stream.sample_rate = 0;

  EXPECT_EQ(code_of(judge_probe(stream, kLimits)), "");
}

TEST(JudgeOutput, CountsWhatWasReallyDecoded) {
  const auto made = judge_output({.samples = 960'000}, good(), kLimits);

  ASSERT_TRUE(made);
  EXPECT_EQ(made->duration_ms, 60'000);
  EXPECT_TRUE(made->warnings.empty());
}

TEST(JudgeOutput, RefusesWhenNothingCameOut) {
  const auto made = judge_output({.samples = 0}, good(), kLimits);

  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), "HF-MED-05");
  EXPECT_EQ(made.error().error_class(), ErrorClass::permanent);
}

TEST(JudgeOutput, AcceptsOneSample) { EXPECT_TRUE(judge_output({.samples = 1}, good(), kLimits)); }

TEST(JudgeOutput, WarnsOfAFileThatWasCutShort) {
  const auto made = judge_output({.samples = 480'000, .complete = false}, good(), kLimits);

  ASSERT_TRUE(made);
  ASSERT_EQ(made->warnings.size(), 1U);
  EXPECT_EQ(made->warnings[0],
            "The file says it lasts 60.0 s, but only 30.0 s could be read. It may be cut short.");
}

TEST(JudgeOutput, DoesNotCallAFilmCutShortThatGoesOnAfterItsSound) {
  ProbeFacts film = good();
  film.duration_of_sound = false;

  const auto made = judge_output({.samples = 480'000}, film, kLimits);

  ASSERT_TRUE(made);
  EXPECT_TRUE(made->warnings.empty());
}

TEST(JudgeOutput, WarnsOfDamageThatCostNoLength) {
  const auto made = judge_output({.samples = 960'000, .complete = false}, good(), kLimits);

  ASSERT_TRUE(made);
  EXPECT_EQ(made->warnings.size(), 1U);
}

TEST(JudgeOutput, RefusesWhatTurnsOutTooLong) {
  const auto made = judge_output({.samples = 16'000LL * 3601}, good(), kLimits);

  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), "HF-MED-04");
}

TEST(JudgeKind, TellsAnImageFromWhatCannotBeReadAtAll) {
  EXPECT_EQ(code_of(judge_kind({.family = Family::image})), "HF-MED-03");
  EXPECT_EQ(code_of(judge_kind({.family = Family::playlist})), "HF-MED-01");
  EXPECT_EQ(code_of(judge_kind({})), "HF-MED-01");
  EXPECT_EQ(code_of(judge_kind({.family = Family::video, .demuxer = "mov"})), "");
}

}  // namespace
}  // namespace holdfast::media
