#include <gmock/gmock.h>

#include "adapters/process/pool_test_kit.hpp"

namespace holdfast {
namespace {

using pool_kit::WorkerPoolTest;
using ::testing::HasSubstr;

/// A worker with a smaller one, and that with a smaller one again.
class Smaller : public WorkerPoolTest {
 protected:
  static WorkerStep step(const std::string& name, std::vector<std::string> arguments = {}) {
    return {.name = name, .command = stub(std::move(arguments)).command, .needs_bytes = 100, .warning = "with " + name,
            .smaller_model = true};
  }
  static ResidentConfig two_steps(std::vector<std::string> arguments = {}) {
    ResidentConfig config = stub(std::move(arguments));
    config.name = "large";
    config.needs_bytes = 200;
    config.smaller = {step("small")};
    return config;
  }
  /// The large one has memory again as soon as `root_/memory` is there.
  ResidentConfig large_with_memory_later() {
    ResidentConfig config = two_steps();
    const std::string there = "test -e " + (root_ / "memory").string();
    const std::string script = there + " && exec " HF_STUB_WORKER "; exec " HF_STUB_WORKER " no_memory";
    config.command = {"/bin/sh", "-c", script};
    config.ladder = {.up_after = milliseconds{30}, .doublings_max = 0};
    return config;
  }
  void memory_comes_back() const { std::ofstream{root_ / "memory"} << ""; }
  void time_passes() { ASSERT_TRUE(wait(clock_.sleep_until(clock_.mono_now() + milliseconds{40}))); }
};

TEST_F(Smaller, FG_14_AWorkerThatCannotLoadForWantOfMemoryComesBackSmallerAndTheWorkIsNotCharged) {
  for (const char* how : {"no_memory", "crash_for_memory"}) {
    make_pool(two_steps({how}));
    const auto done = whole("finish");

    ASSERT_TRUE(done) << how << ": " << done.error().what();
    EXPECT_EQ(status().runs, "small") << how;
    EXPECT_EQ(status().smaller, 1U) << how;
    EXPECT_THAT(done->body, HasSubstr(R"("warnings":["with small"])")) << how;
    EXPECT_EQ(log_.count("worker_smaller speech small large HF-ENG-04"), 1) << how;
    log_.lines.clear();
  }
}

TEST_F(Smaller, FG_14_MemoryThatRunsOutInTheMiddleEndsTheAttemptAndTheNextOneRunsSmaller) {
  for (const char* how : {"refuse_for_memory", "crash_for_memory"}) {
    make_pool(two_steps());
    const auto out = whole(how);
    const auto next = whole("segments");

    ASSERT_FALSE(out) << how;
    EXPECT_EQ(out.error().error_class(), ErrorClass::resource) << how;
    EXPECT_EQ(out.error().code(), kOutOfMemory) << how << ": no death that sets the file aside";
    ASSERT_TRUE(next) << how << ": " << next.error().what();
    EXPECT_EQ(status().runs, "small") << how;
  }
}

TEST_F(Smaller, FG_14_EverySegmentSaysWhatItWasMadeWith) {
  make_pool(two_steps({"no_memory"}));
  ASSERT_TRUE(begin(asked("segments")));
  ASSERT_TRUE(next()) << "progress";
  const auto segments = next();
  ASSERT_TRUE(segments);
  EXPECT_EQ(std::get<SegmentsDone>(*segments).warning, "with small");
  EXPECT_TRUE(std::get<SegmentsDone>(*segments).with_less);
  EXPECT_TRUE(pool_->has_less(WorkerKind::speech, {})) << "and so would the next be";
  run_.reset();

  make_pool(two_steps());
  ASSERT_TRUE(begin(asked("segments")));
  ASSERT_TRUE(next());
  const auto large = next();
  EXPECT_EQ(std::get<SegmentsDone>(large.value()).warning, "");
  EXPECT_FALSE(std::get<SegmentsDone>(large.value()).with_less);
  EXPECT_FALSE(pool_->has_less(WorkerKind::speech, {}));
  run_.reset();
}

TEST_F(Smaller, FG_14_WhereNotEvenTheLeastHasRoomTheWorkWaitsUncharged) {
  ResidentConfig config = two_steps({"no_memory"});
  config.smaller = {step("small", {"no_memory"})};
  config.memory_code = "HF-ENG-10";
  config.ladder = {.up_after = milliseconds{30}};
  make_pool(config);

  const auto first = begin(asked("finish"));
  const auto probed = wait(pool_->probe(WorkerKind::speech));

  for (const auto* answer : {&first, &probed}) {
    ASSERT_FALSE(*answer);
    EXPECT_EQ(answer->error().error_class(), ErrorClass::dependency);
    EXPECT_EQ(answer->error().code(), "HF-ENG-10");
    EXPECT_THAT(answer->error().what(), HasSubstr("small is the least that can be run"));
  }
}

TEST_F(Smaller, FG_14_InTheMiddleOfItsWorkTheLeastThereIsEndsTheAttemptAndSaysSo) {
  make_pool(two_steps({"no_memory"}));
  const auto out = whole("refuse_for_memory");
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().error_class(), ErrorClass::resource) << "it may be this file: attempts are counted";
  EXPECT_THAT(out.error().what(), HasSubstr("small is the least that can be run"));
  EXPECT_TRUE(whole("finish"));
}

TEST_F(Smaller, FG_14_ItIsTriedLargerAgainAfterAWhileWhenMemoryIsThere) {
  make_pool(large_with_memory_later());
  ASSERT_TRUE(whole("finish"));
  EXPECT_EQ(status().runs, "small");

  free_memory_ = 249;  // a quarter more than the 200 that it needs would be 250
  memory_comes_back();
  time_passes();
  ASSERT_TRUE(whole("finish"));
  EXPECT_EQ(status().runs, "small") << "not enough is free";

  free_memory_ = 250;
  const auto done = whole("finish");
  ASSERT_TRUE(done);
  EXPECT_EQ(status().runs, "large");
  EXPECT_EQ(status().smaller, 0U);
  EXPECT_EQ(done->body.find("warnings"), std::string::npos);
  EXPECT_EQ(log_.count("worker_larger speech large small"), 1);
}

TEST_F(Smaller, FG_14_ATryThatRunsOutAgainCostsTheWorkNothing) {
  make_pool(large_with_memory_later());
  ASSERT_TRUE(whole("finish"));
  time_passes();

  ASSERT_TRUE(whole("finish")) << "tried, ran out, and went on with the small one";

  EXPECT_EQ(status().runs, "small");
  EXPECT_EQ(log_.count("worker_larger"), 1);
  EXPECT_EQ(log_.count("worker_smaller"), 2);
}

TEST_F(Smaller, FG_14_AStepThatDoesNotWorkIsPassedOver) {
  ResidentConfig config = two_steps({"no_memory"});
  config.smaller = {step("broken", {"lacks"}), step("gone"), step("small")};
  config.smaller[1].files = {{.file = root_ / "nowhere", .bytes = 5}};
  make_pool(config);

  ASSERT_TRUE(whole("finish"));

  EXPECT_EQ(status().runs, "small");
  EXPECT_EQ(log_.count("worker_smaller"), 2) << "the one that is not there was not even tried";
}

TEST_F(Smaller, FG_14_ATextThatIsTooLongOnlyForTheSmallerContextIsNoDeadLetter) {
  make_pool(two_steps());
  const auto large = whole("too_long");
  make_pool(two_steps({"no_memory"}));
  const auto small = whole("too_long");

  ASSERT_FALSE(large || small);
  EXPECT_EQ(large.error().code(), "HF-LLM-04");
  EXPECT_EQ(small.error().error_class(), ErrorClass::resource);
  EXPECT_EQ(status().runs, "small") << "it did not run out of memory";
}

TEST_F(Smaller, FG_14_AnOrdinaryDeathIsNoReasonToRunSmaller) {
  make_pool(two_steps());
  ASSERT_FALSE(whole("crash"));
  ASSERT_TRUE(begin(asked("hang")));
  ::kill(status().pid, SIGKILL);
  const auto killed = next();
  ASSERT_FALSE(killed);
  EXPECT_EQ(killed.error().code(), kWorkerDied);
  EXPECT_EQ(status().runs, "large");
}

}  // namespace
}  // namespace holdfast
