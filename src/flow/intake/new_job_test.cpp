#include "flow/intake/new_job.hpp"

#include <gtest/gtest.h>

namespace holdfast::intake {
namespace {

constexpr WallTime kNow{milliseconds{1'767'225'600'000}};
constexpr WallTime kYesterday{kNow - std::chrono::hours{24}};

Transition made(const char* shape, std::optional<WallTime> recorded_at) {
  const Recipe recipe{.name = "r",
                      .stages = {{.name = "upload", .kind = "upload"},
                                 {.name = "stt", .kind = "transcribe"},
                                 {.name = "last", .kind = "generate", .shape = shape}}};
  const Form form{.owner = "ana", .recipe = "r", .recorded_at = recorded_at};
  return new_job(form, recipe, {.sha256 = "ab", .blob = BlobId{"b"}}, kNow, {});
}

TEST(NewJob, FR_1_ARecordingOfWhichMemoriesAreKeptIsASessionFromWhenItWasRecorded) {
  EXPECT_EQ(made("memories", kYesterday).session_at, kYesterday);
  EXPECT_EQ(made("action_items", {}).session_at, kNow) << "nobody said when: it is when it was sent";
  EXPECT_FALSE(made("form", kYesterday).session_at);
}

TEST(NewJob, FR_9_WhatClocksShowedWhereItWasRecordedIsKeptIfItWasSaid) {
  const Recipe recipe{.name = "r",
                      .stages = {{.name = "upload", .kind = "upload"}, {.name = "last", .shape = "memories"}}};
  const Form form{.recipe = "r", .recorded_at = kYesterday, .recorded_offset = std::chrono::minutes{60}};
  EXPECT_EQ(new_job(form, recipe, {.sha256 = "ab"}, kNow, {}).session_offset, std::chrono::minutes{60});
  EXPECT_FALSE(made("memories", kYesterday).session_offset);
}

TEST(NewJob, TheSameFileOfAnotherTimeIsSomethingElse) {
  EXPECT_NE(made("memories", kYesterday).after.fingerprint, made("memories", {}).after.fingerprint);
  EXPECT_EQ(made("memories", kYesterday).after.fingerprint, made("memories", kYesterday).after.fingerprint);
}

}  // namespace
}  // namespace holdfast::intake
