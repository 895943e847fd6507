#include "core/job/dead_letter.hpp"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

constexpr WallTime at(int second) { return WallTime{milliseconds{1'000'000 + second * 1000}}; }

DeadLetterFacts facts(int n, const std::string& stage, const std::string& code) {
  return {.id = ItemId{"itm_" + std::to_string(n)},
          .owner = "ada",
          .recipe = "introductions",
          .stage = stage,
          .kind = stage == "stt" ? "transcribe" : stage,
          .code = code,
          .failed_at = at(n)};
}

TEST(DeadLetter, FR_6_AreGroupedByCauseTheLargestGroupFirst) {
  DeadLetterGroups groups;
  groups.add(facts(9, "convert", "HF-MED-03"));
  for (const int n : {3, 1, 5, 2, 4}) groups.add(facts(n, "stt", "HF-ENG-05"));
  groups.add(facts(6, "stt", "HF-ENG-04"));

  const auto found = groups.sorted();

  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].code, "HF-ENG-05");
  EXPECT_EQ(found[0].kind, "transcribe");
  EXPECT_EQ(found[0].count, 5U);
  EXPECT_EQ(found[0].first_at, at(1));
  EXPECT_EQ(found[0].last_at, at(5));
  EXPECT_EQ(found[0].samples, (std::vector{ItemId{"itm_5"}, ItemId{"itm_4"}, ItemId{"itm_3"}}));
  EXPECT_EQ(found[1].stage, "convert");
}

TEST(DeadLetter, AFilterLetsThroughWhatItSays) {
  const DeadLetterFacts there = facts(5, "stt", "HF-ENG-05");

  EXPECT_TRUE(matches(DeadLetterFilter{}, there));
  EXPECT_TRUE(matches({.owner = "ada", .recipe = "introductions", .stage = "stt", .kind = "transcribe"}, there));
  EXPECT_FALSE(matches({.owner = "eve"}, there));
  EXPECT_FALSE(matches({.recipe = "voicesync"}, there));
  EXPECT_FALSE(matches({.stage = "convert"}, there));
  EXPECT_FALSE(matches({.kind = "convert"}, there));
  EXPECT_FALSE(matches({.code = "HF-ENG-04"}, there));
  EXPECT_TRUE(matches({.failed_from = at(5), .failed_until = at(5)}, there));
  EXPECT_FALSE(matches({.failed_from = at(6)}, there));
  EXPECT_FALSE(matches({.failed_until = at(4)}, there));
  EXPECT_FALSE(matches({.discarded = true}, there));
}

TEST(DeadLetter, OnlyAFailedJobIsOne) {
  Job job{.id = ItemId{"itm_1"}, .status = JobStatus::pending};
  EXPECT_FALSE(dead_letter_facts(job).has_value());
  job.status = JobStatus::failed;
  job.updated_at = at(2);
  job.discarded = "no use";
  job.stages = {{.name = "stt", .kind = "transcribe", .finished_at = at(1)}};
  job.error = Failure{ErrorClass::permanent, "HF-ENG-05", ""};

  const auto found = dead_letter_facts(job);

  EXPECT_EQ(found->failed_at, at(1)) << "when it failed, not when it was discarded";
  EXPECT_EQ(found->stage + found->code, "sttHF-ENG-05");
  EXPECT_TRUE(matches(DeadLetterFilter{.discarded = true}, job));
  EXPECT_FALSE(matches(DeadLetterFilter{}, job));
}

}  // namespace
}  // namespace holdfast
