#include "core/retention/retention.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/job/decide.hpp"

namespace holdfast::retention {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using enum JobStatus;

constexpr WallTime kEnd{milliseconds{1'770'000'000'000}};
const Ages kAges{.files = 24h, .transcripts = 24h * 30, .dead_letters = 24h * 7, .items = 24h * 60};

Job over_job(JobStatus status) {
  Job job{.id = ItemId{"itm_1"}, .recipe = "voicesync", .status = status, .version = 1, .over_at = kEnd};
  job.input.blob = BlobId{"b"};
  job.stages = {{.name = "upload", .kind = "upload", .state = StageState::completed},
                {.name = "convert", .kind = "convert"},
                {.name = "stt", .kind = "transcribe"},
                {.name = "mistral", .kind = "generate"}};
  job.stage = status == completed ? 4 : 2;
  return job;
}

bool nothing(const Due& due) { return !due.file && !due.results && !due.item; }

TEST(Retention, VS_9_AFileIsDueExactlyWhenItsAgeIsOverCountedFromTheEndOfTheWork) {
  const Job job = over_job(completed);

  EXPECT_TRUE(nothing(due(job, kAges, kEnd + 24h - 1ms)));
  const Due found = due(job, kAges, kEnd + 24h);
  EXPECT_TRUE(found.file);
  EXPECT_FALSE(found.results || found.item) << "transcripts have their own, longer age";
  EXPECT_EQ(rule_of(found), "24 h after the end of the work");
}

TEST(Retention, VS_9_NothingOfAnItemThatIsNotOverIsEverDue) {
  for (const JobStatus status : {pending, processing}) {
    Job job = over_job(status);
    job.over_at.reset();
    job.created_at = kEnd - 24h * 1000;
    EXPECT_TRUE(nothing(due(job, kAges, kEnd + 24h * 1000))) << to_word(status);
  }
}

TEST(Retention, VS_9_ADeadLetterKeepsItsFileForItsOwnLongerAge) {
  const Job job = over_job(failed);

  EXPECT_TRUE(nothing(due(job, kAges, kEnd + 24h * 6)));
  const Due found = due(job, kAges, kEnd + 24h * 7);
  EXPECT_TRUE(found.file && found.results);
}

TEST(Retention, VS_9_WhatIsKeptIsNeverDue) {
  for (const JobStatus status : {completed, failed, cancelled})
    EXPECT_TRUE(nothing(due(over_job(status), {}, kEnd + 24h * 10'000)));
}

TEST(Retention, FR_10_ARecordIsDueOnlyWhenEverythingElseOfItIsGone) {
  Job job = over_job(completed);
  EXPECT_FALSE(due(job, kAges, kEnd + 24h * 60).item);

  job.file_expired_at = job.results_expired_at = kEnd + 24h;
  EXPECT_FALSE(due(job, kAges, kEnd + 24h * 60 - 1ms).item);
  EXPECT_TRUE(due(job, kAges, kEnd + 24h * 60).item);
}

TEST(Retention, ADiscardedItemHasNothingButItsRecord) {
  Job job = over_job(failed);
  job.discarded = "no use";

  EXPECT_EQ(kept(job), 0U);
  EXPECT_TRUE(nothing(due(job, kAges, kEnd + 24h * 59)));
  EXPECT_TRUE(due(job, kAges, kEnd + 24h * 60).item);
}

TEST(Retention, TheSearchesFindWhateverIsDue) {
  for (const JobStatus status : {pending, processing, completed, failed, cancelled}) {
    for (const bool file_gone : {false, true}) {
      for (const bool results_gone : {false, true}) {
        for (const auto passed : {1h, 24h, 24h * 7, 24h * 30, 24h * 60}) {
          Job job = over_job(status);
          if (!is_terminal(status)) job.over_at.reset();
          if (file_gone) job.file_expired_at = kEnd;
          if (results_gone) job.results_expired_at = kEnd;
          bool found = false;
          for (const Search& search : searches(kAges))
            found |= search.status == status && search.kept == kept(job) && search.age <= passed;
          EXPECT_EQ(found, !nothing(due(job, kAges, kEnd + passed))) << to_word(status) << ' ' << kept(job);
        }
      }
    }
  }
}

TEST(Retention, FR_7_AgesThatContradictEachOtherAreNamed) {
  const auto said = [](Ages ages, Age audit = {}, Age management = {}) {
    return contradiction({.ages = ages, .audit = audit, .management_audit = management});
  };
  EXPECT_EQ(said(kAges, 24h * 60, 24h * 60), "");
  EXPECT_EQ(said({}, 24h), "") << "an item that is kept keeps its trail";
  Ages ages = kAges;
  ages.dead_letters = 1h;
  EXPECT_THAT(said(ages), HasSubstr("retention.dead_letters (1 h) must not be shorter than retention.files (24 h)"));
  ages = kAges;
  ages.files.reset();
  ages.dead_letters.reset();
  EXPECT_THAT(said(ages), HasSubstr("retention.items (60 d) must not be shorter than retention.files (keep)"));
  ages = kAges;
  ages.transcripts = 24h * 61;
  EXPECT_THAT(said(ages), HasSubstr("than retention.transcripts (61 d)"));
  EXPECT_THAT(said(kAges, 24h * 59),
              HasSubstr("retention.audit (59 d) must not be shorter than retention.items (60 d)"));
  EXPECT_THAT(said(kAges, 24h * 90, 24h * 89), HasSubstr("retention.management_audit (89 d)"));
  EXPECT_THAT(said(kAges, {}, 24h * 89), HasSubstr("than retention.audit (keep)"));
  Policy policy{.recipes = {{"voicesync", ages}}};
  EXPECT_THAT(contradiction(policy), HasSubstr("recipe voicesync: retention.items"));
}

TEST(Retention, FR_7_ARecipeWinsOverTheServer) {
  const Ages ages = laid_over({.files = 1h, .transcripts = 2h}, {.files = Age{24h}, .transcripts = Age{}});
  EXPECT_EQ(to_text(ages.files) + ", " + to_text(ages.transcripts), "24 h, keep");
}

TEST(Retention, AgesAreWrittenAsPeopleSayThem) {
  EXPECT_EQ(to_text(24h), "24 h");
  EXPECT_EQ(to_text(24h * 90), "90 d");
  EXPECT_EQ(to_text(90min), "90 min");
  EXPECT_EQ(to_text(1500ms), "1500 ms");
  EXPECT_EQ(to_text({}), "keep");
}

TEST(Retention, FR_10_TheAuditIsCutByWholeDays) {
  EXPECT_EQ(coarse_cutoff(24h * 1000, kEnd), coarse_cutoff(24h * 1000, kEnd + 10min));
  EXPECT_LE(coarse_cutoff(24h * 1000, kEnd), kEnd - 24h * 1000);
  EXPECT_GE(coarse_cutoff(2s, kEnd), kEnd - 2s - 20ms);
}

TEST(Retention, AnItemSaysUntilWhenWhatIsKept) {
  const Outlook found = outlook(over_job(failed), kAges);
  EXPECT_EQ(found.file_until, kEnd + 24h * 7);
  EXPECT_EQ(found.results_until, kEnd + 24h * 7);
  EXPECT_EQ(found.item_until, kEnd + 24h * 60);
  Job working = over_job(processing);
  working.over_at.reset();
  EXPECT_FALSE(outlook(working, kAges).file_until || outlook(over_job(completed), {}).file_until);
}

}  // namespace
}  // namespace holdfast::retention
