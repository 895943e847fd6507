#include <gmock/gmock.h>

#include "adapters/process/pool_test_kit.hpp"

namespace holdfast {
namespace {

namespace fs = std::filesystem;
using pool_kit::WorkerPoolTest;
using ::testing::HasSubstr;

/// The stub's answer to "finish" has its process; without it the answer is nonsense.
Result<void> judge_stub(std::string_view answer) {
  if (answer.contains("\"pid\"")) return {};
  return fail(ErrorClass::dependency, "HF-ENG-09", "the model answered nonsense");
}

/// A worker that is asked something to know that it works.
class Asked : public WorkerPoolTest {
 protected:
  static ResidentConfig asked_with(const std::string& deed, milliseconds every = milliseconds{3'600'000}) {
    ResidentConfig config = stub();
    config.inference = TinyInference{.request = R"({"do":")" + deed + R"("})", .judge = &judge_stub};
    config.asked = {.every = every, .again = milliseconds{20}, .answer_max = milliseconds{200}};
    return config;
  }
  /// A worker whose answer changes: the deed is taken from a file each time that it starts.
  ResidentConfig changing(milliseconds every = milliseconds{3'600'000}) {
    ResidentConfig config = asked_with("finish", every);
    config.command = {"/bin/sh", "-c", "exec " HF_STUB_WORKER " $(cat " + (root_ / "how").string() + ")"};
    return config;
  }
  void becomes(const std::string& how) const {
    std::ofstream{root_ / "how.new"} << how;
    fs::rename(root_ / "how.new", root_ / "how");
  }
  Result<void> probe() { return wait(pool_->probe(WorkerKind::speech)); }
  void pass(int ms) { ASSERT_TRUE(wait(clock_.sleep_until(clock_.mono_now() + milliseconds{ms}))); }
};

TEST_F(Asked, FR_4_AModelIsAskedAtTheFirstLookAndNotAgainWhileAllIsWell) {
  make_pool(asked_with("finish"));
  for (int looks = 0; looks < 3; ++looks) ASSERT_TRUE(probe());

  EXPECT_EQ(status().inferences.count(), 1U);
  EXPECT_EQ(log_.count("worker_started"), 1);
  EXPECT_EQ(status().state, "stopped") << "P8: no memory is kept for it";
}

TEST_F(Asked, FR_4_NonsenseMeansDownAndWorkWaitsUntilAnAnswerIsRight) {
  becomes("nonsense");
  make_pool(changing());
  const auto probed = probe();
  const auto work = begin(asked("finish"));

  for (const auto* answer : {&probed, &work}) {
    ASSERT_FALSE(*answer);
    EXPECT_EQ(answer->error().code(), "HF-ENG-09");
    EXPECT_EQ(answer->error().error_class(), ErrorClass::dependency) << "held, and nothing is charged";
  }
  EXPECT_EQ(status().inferences.count(), 0U) << "times are those of right answers";

  becomes("ready");
  EXPECT_TRUE(probe()) << "asked again at the next look";
  EXPECT_TRUE(whole("finish"));
}

TEST_F(Asked, FR_4_AModelThatGoesOnAnsweringNonsenseIsAskedAfterPausesThatGrow) {
  becomes("nonsense");
  ResidentConfig config = changing();
  config.asked.again = milliseconds{3'600'000};
  make_pool(std::move(config));
  for (int looks = 0; looks < 5; ++looks) EXPECT_FALSE(probe());
  EXPECT_EQ(log_.count("worker_started"), 2) << "at once after the first failure, and then not for an hour";
}

TEST_F(Asked, FR_4_OneThatDoesNotAnswerInTimeIsDownAndEnded) {
  becomes("ready");
  ResidentConfig config = asked_with("hang");
  make_pool(config);
  const auto hung = probe();
  ASSERT_FALSE(hung);
  EXPECT_EQ(hung.error().code(), kWorkerHung);
  EXPECT_EQ(status().state, "stopped");
  EXPECT_FALSE(probe());
}

TEST_F(Asked, FR_4_AStoppedWorkerThatRestedIsFoundDownAndComesBackAsANewProcess) {
  make_pool(asked_with("finish", milliseconds{30}));
  ASSERT_TRUE(whole("finish"));
  const int pid = status().pid;
  ::kill(pid, SIGSTOP);
  pass(40);

  const auto down = probe();
  const auto back = probe();

  ASSERT_FALSE(down);
  EXPECT_EQ(down.error().code(), kWorkerHung);
  EXPECT_TRUE(back);
  until_gone(pid);
}

TEST_F(Asked, FR_4_LAB_6_AWorkerAtWorkIsNotAskedAndWorkThatEndsWellCounts) {
  make_pool(asked_with("finish"));
  ASSERT_TRUE(begin(asked("progress_for_ever")));
  EXPECT_TRUE(probe()) << "healthy without being asked";
  EXPECT_EQ(status().state, "busy");
  EXPECT_EQ(status().inferences.count(), 0U);
  run_.reset();

  ASSERT_TRUE(whole("finish"));
  const int pid = status().pid;
  EXPECT_TRUE(probe());
  EXPECT_EQ(status().inferences.count(), 0U) << "its work has just shown it";
  EXPECT_EQ(status().pid, pid) << "and what runs is left running";
}

TEST_F(Asked, FR_4_AfterADeathAtWorkItIsAskedAtTheNextLook) {
  make_pool(asked_with("finish"));
  ASSERT_TRUE(probe());
  ASSERT_FALSE(whole("crash"));
  ASSERT_TRUE(probe());
  EXPECT_EQ(status().inferences.count(), 2U);
}

TEST_F(Asked, FR_4_WorkThatComesMeanwhileWaitsForTheAnswer) {
  ResidentConfig config = asked_with("finish");
  config.command = {"/bin/sh", "-c", "sleep 0.1; exec " HF_STUB_WORKER};
  make_pool(std::move(config));
  std::optional<Result<void>> probed;
  asio::co_spawn(io_, pool_->probe(WorkerKind::speech),
                 [&probed](const std::exception_ptr&, Result<void> got) { probed.emplace(std::move(got)); });
  while (status().state != "starting") pass(1);

  EXPECT_TRUE(whole("finish"));

  EXPECT_TRUE(probed && *probed);
  EXPECT_EQ(log_.count("worker_started"), 1) << "and goes on with the same process";
}

TEST_F(Asked, FR_4_GoingDownDoesNotWaitForAnAnswer) {
  ResidentConfig config = asked_with("hang");
  config.asked.answer_max = milliseconds{60'000};
  make_pool(std::move(config));
  std::optional<Result<void>> probed;
  asio::co_spawn(io_, pool_->probe(WorkerKind::speech),
                 [&probed](const std::exception_ptr&, Result<void> got) { probed.emplace(std::move(got)); });
  while (status().state != "checking") pass(1);

  pool_->stop_reading();
  const MonoTime last = clock_.mono_now() + milliseconds{10'000};
  while (!probed && clock_.mono_now() < last) pass(5);

  ASSERT_TRUE(probed && !*probed);
  EXPECT_EQ(probed->error().error_class(), ErrorClass::canceled) << "nothing was found out";
}

TEST_F(Asked, FR_4_WhereItIsNotWantedNothingIsEverAsked) {
  make_pool(asked_with("hang", milliseconds{0}));
  EXPECT_TRUE(probe());
  EXPECT_EQ(status().state, "stopped");
  EXPECT_EQ(log_.lines.size(), 0U);
}

TEST_F(Asked, FG_14_ALookTriesSomethingLargerWhenItIsTime) {
  ResidentConfig config = asked_with("finish");
  config.name = "large";
  config.command = {"/bin/sh", "-c", "test -e " + (root_ / "memory").string() + " && exec " HF_STUB_WORKER
                                     "; exec " HF_STUB_WORKER " no_memory"};
  config.smaller = {{.name = "small", .command = stub().command}};
  config.ladder = {.up_after = milliseconds{20}, .doublings_max = 0};
  make_pool(std::move(config));
  ASSERT_TRUE(probe());
  EXPECT_EQ(status().runs, "small");
  std::ofstream{root_ / "memory"} << "";
  pass(30);
  ASSERT_TRUE(probe());
  EXPECT_EQ(status().runs, "large");
}

}  // namespace
}  // namespace holdfast
