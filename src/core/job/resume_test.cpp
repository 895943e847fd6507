#include "core/job/resume.hpp"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

Job failed_with(std::string code, ErrorClass cls = ErrorClass::transient) {
  return {.id = ItemId{"itm_1"}, .status = JobStatus::failed, .error = Failure{cls, std::move(code), ""}};
}

TEST(Resume, LAB_4_WhatMayBeOverGoesOnWhileThereAreRetriesLeft) {
  for (const char* code : {"HF-ENG-01", "HF-ENG-03", "HF-ENG-04", "HF-LLM-03", "HF-STO-01"})
    EXPECT_TRUE(resumes_at_log_in(failed_with(code), 2)) << code;
  EXPECT_FALSE(resumes_at_log_in(failed_with("HF-ENG-01"), 3));
}

TEST(Resume, LAB_4_WhatWasSetAsideOrCanNeverSucceedStays) {
  for (const char* code : {"HF-ENG-05", "HF-ENG-06", "HF-MED-01", "HF-MED-03", "HF-LLM-04", "HF-STO-03"})
    EXPECT_FALSE(resumes_at_log_in(failed_with(code, ErrorClass::permanent), 0)) << code;
}

TEST(Resume, LAB_4_OnlyAFailedItemIsTouched) {
  for (const auto status : {JobStatus::pending, JobStatus::processing, JobStatus::completed, JobStatus::cancelled}) {
    Job job = failed_with("HF-ENG-01");
    job.status = status;
    EXPECT_FALSE(resumes_at_log_in(job, 0));
  }
}

TEST(Resume, LAB_4_RetriesAreCountedOverTheWholeTrail) {
  std::vector<StoredEvent> trail(5);
  trail[1].entry.type = trail[3].entry.type = "job.retry_requested";
  trail[2].entry.type = "stage.failed";
  EXPECT_EQ(resumes_so_far(trail), 2U);
}

}  // namespace
}  // namespace holdfast
