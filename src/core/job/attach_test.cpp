#include "core/job/attach.hpp"

#include <gtest/gtest.h>

#include "core/job/decide.hpp"
#include "core/job/legal.hpp"

namespace holdfast {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kNow{milliseconds{1'770'000'000'000}};
constexpr milliseconds kWithin{10min};

Job asked(std::string key = "openai/chat/ab") {
  Job job{.id = ItemId{"itm_1"}, .job_key = std::move(key), .owner = "ada", .recipe = "chat", .version = 1};
  job.stages = {{.name = "upload", .kind = "upload", .state = StageState::completed},
                {.name = "chat", .kind = "complete", .bulkhead = "engine"}};
  job.stage = 1;
  return job;
}

Job working() { return decide::claim(asked(), NodeId{"n"}, 30s, kNow)->after; }
Job completed() { return decide::succeed(working(), {}, kNow)->after; }
Job failed() {
  return decide::fail(working(), {ErrorClass::permanent, "HF-LLM-04", ""}, false, {}, 1, kNow)->after;
}

TEST(Attach, ACallWaitsForItsEqualThatIsNotOver) {
  for (const Job& job : {asked(), working(), decide::request_cancel(working(), kNow)->after})
    EXPECT_TRUE(attach::is_repetition(job, kNow + 24h, kWithin));
}

TEST(Attach, ACallTakesWhatNobodyHadYetForAWhile) {
  for (const Job& job : {completed(), failed()}) {
    EXPECT_TRUE(attach::is_repetition(job, kNow, kWithin));
    EXPECT_TRUE(attach::is_repetition(job, kNow + kWithin, kWithin));
    EXPECT_FALSE(attach::is_repetition(job, kNow + kWithin + 1ms, kWithin)) << "whoever asked has given up";
    EXPECT_TRUE(attach::is_repetition(job, kNow - 1h, kWithin)) << "the calendar was set back";
  }
}

TEST(Attach, ACallIsNewWorkWhereThereIsNothingToHave) {
  EXPECT_FALSE(attach::is_repetition(decide::request_cancel(asked(), kNow)->after, kNow, kWithin));
  const Job expired = decide::expire(completed(), {.file = true, .results = true, .rule = "1 s"}, kNow)->after;
  EXPECT_FALSE(attach::is_repetition(expired, kNow, kWithin));
  const Job discarded = decide::discard(failed(), "root", "no use", kNow)->after;
  EXPECT_FALSE(attach::is_repetition(discarded, kNow, kWithin));
}

TEST(Attach, AnItemWhoseAnswerWasHadGivesItsKeyUpAndNothingElse) {
  for (const Job& job : {completed(), failed()}) {
    const auto change = decide::answered(job, "answered", kNow + 1s);

    ASSERT_TRUE(change);
    EXPECT_EQ(change->after.job_key, "");
    EXPECT_EQ(change->after.status, job.status);
    EXPECT_EQ(change->after.over_at, job.over_at);
    ASSERT_EQ(change->audit.size(), 1U);
    EXPECT_EQ(change->audit[0].type, "job.answered");
    EXPECT_TRUE(is_legal(job, change->after));
    EXPECT_FALSE(decide::answered(change->after, "answered", kNow + 2s)) << "once";
  }
}

TEST(Attach, AKeyThatASenderChoseStays) {
  Job own = completed();
  own.job_key = "mine";
  EXPECT_FALSE(decide::answered(own, "answered", kNow));
}

TEST(Attach, NothingThatIsNotOverGivesItsKeyUp) {
  EXPECT_FALSE(decide::answered(working(), "answered", kNow));
  Job without = working();
  without.version += 1;
  without.job_key.clear();
  EXPECT_FALSE(is_legal(working(), without));
  Job other = completed();
  other.version += 1;
  other.job_key = "another";
  EXPECT_FALSE(is_legal(completed(), other)) << "a key never becomes another one";
}

}  // namespace
}  // namespace holdfast
