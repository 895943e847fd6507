#include "flow/queue/tell_settled.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast::queue {
namespace {

using testing::ElementsAre;

/// Keeps what was written: "warn dead_letter item=itm_1 ...".
class KeptLog final : public Log {
 public:
  void write(LogLevel level, std::string_view event, const std::vector<LogField>& fields) override {
    std::string line = std::to_string(static_cast<int>(level)) + ' ' + std::string{event};
    for (const auto& [key, value] : fields) line += ' ' + std::string{key} + '=' + value;
    lines.push_back(std::move(line));
  }
  std::vector<std::string> lines;
};

Job a_job() {
  Job job{.id = ItemId{"itm_1"}, .status = JobStatus::processing};
  job.input.name = "my secret.wav";
  job.stages = {{.name = "stt", .attempts = 2}};
  return job;
}

std::vector<std::string> told(const Job& after) {
  KeptLog log;
  tell_settled(&log, a_job(), after);
  return std::move(log.lines);
}

TEST(TellSettled, FR_7_SaysHowAnAttemptEndedWithoutWhatTheFailureSays) {
  Job after = a_job();
  EXPECT_THAT(told(after), ElementsAre("0 attempt_settled item=itm_1 stage=stt attempt=2"));

  after.status = JobStatus::failed;
  after.error = Failure{ErrorClass::permanent, "HF-MED-01", "what was said"};
  EXPECT_THAT(told(after), ElementsAre("2 dead_letter item=itm_1 stage=stt attempt=2 code=HF-MED-01"));

  after.status = JobStatus::pending;
  EXPECT_THAT(told(after), ElementsAre("1 attempt_failed item=itm_1 stage=stt attempt=2 code=HF-MED-01"));

  after.held_for = "HF-ENG-02";
  after.error->code = "HF-ENG-02";
  EXPECT_THAT(told(after), ElementsAre("1 job_held item=itm_1 stage=stt attempt=2 code=HF-ENG-02"));
}

TEST(TellSettled, LAB_9_SaysThatAWorkerDied) {
  Job after = a_job();
  after.status = JobStatus::pending;
  after.error = Failure{ErrorClass::transient, "HF-ENG-01", "signal 11"};
  EXPECT_THAT(told(after), ElementsAre("2 worker_died item=itm_1 stage=stt attempt=2 code=HF-ENG-01"));

  after.status = JobStatus::failed;
  EXPECT_THAT(told(after), ElementsAre("2 worker_died item=itm_1 stage=stt attempt=2 code=HF-ENG-01",
                                       "2 dead_letter item=itm_1 stage=stt attempt=2 code=HF-ENG-01"));
}

}  // namespace
}  // namespace holdfast::queue
