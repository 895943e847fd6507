#include <algorithm>

#include "adapters/process/pool_test_kit.hpp"

namespace holdfast {
namespace {

using pool_kit::WorkerPoolTest;

/// Pools in which several workers of one model may be at work.
class WorkerWidth : public WorkerPoolTest {
 protected:
  void make_wide(unsigned width, unsigned width_max, ResidentConfig config = stub()) {
    ProcessPoolConfig all{.width = width, .width_max = width_max};
    all.residents.emplace(WorkerKind::speech, std::move(config));
    const ProcessWorkerPool::Deps deps{io_.get_executor(), clock_, entropy_, *blobs_, files_, &log_};
    pool_ = std::make_unique<ProcessWorkerPool>(deps, std::move(all));
  }
  void TearDown() override {
    runs_.clear();
    WorkerPoolTest::TearDown();
  }
  /// Begins work that does not end; false: it waits for a worker.
  bool begins() {
    const auto started = spawn(asked("hang"));
    const MonoTime last = clock_.mono_now() + milliseconds{kPatience};
    while (!started->has_value() && clock_.mono_now() < last)
      EXPECT_TRUE(wait(clock_.sleep_until(clock_.mono_now() + milliseconds{5})));
    if (!started->has_value()) {
      waiting_.push_back(started);
      return false;
    }
    EXPECT_TRUE(**started) << (**started).error().what();
    runs_.push_back(std::move(***started));
    return true;
  }
  [[nodiscard]] std::size_t running() const {
    const auto all = pool_->status();
    return static_cast<std::size_t>(std::ranges::count_if(all, [](const WorkerStatus& one) { return one.pid != 0; }));
  }

  static constexpr int kPatience = 300;  ///< longer than a stub takes to start
  std::vector<std::unique_ptr<WorkRun>> runs_;
  std::vector<std::shared_ptr<Started>> waiting_;
};

TEST_F(WorkerWidth, FG_10_AsManyAreAtWorkAtOnceAsMayBe) {
  make_wide(2, 3);
  EXPECT_TRUE(begins());
  EXPECT_EQ(running(), 1U) << "a further one is started when there is work for it";
  EXPECT_TRUE(begins());
  EXPECT_EQ(running(), 2U);
  EXPECT_FALSE(begins()) << "two are as many as may be at work now";
  pool_->set_width(3);
  EXPECT_TRUE(begins());
  EXPECT_EQ(running(), 3U);
}

TEST_F(WorkerWidth, FG_10_ThoseBeyondEndWhenTheyHaveDoneWhatTheyAreAt) {
  make_wide(1, 3);
  pool_->set_width(3);
  for (int work = 0; work < 3; ++work) ASSERT_TRUE(begins());
  pool_->set_width(1);
  EXPECT_EQ(running(), 3U) << "what is under way goes on";
  runs_.clear();
  ASSERT_TRUE(whole("finish"));
  EXPECT_EQ(running(), 1U);
}

TEST_F(WorkerWidth, AnIdleOneGoesAtOnce) {
  make_wide(2, 2);
  for (int work = 0; work < 2; ++work) ASSERT_TRUE(begins());
  runs_.clear();
  for (int work = 0; work < 2; ++work) ASSERT_TRUE(begin(asked("finish")));
  run_.reset();
  pool_->set_width(1);
  EXPECT_LE(running(), 1U);
}

TEST_F(WorkerWidth, OneThatRunsIsTakenBeforeOneThatDoesNot) {
  make_wide(3, 3);
  ASSERT_TRUE(whole("finish"));
  const int pid = status().pid;
  ASSERT_TRUE(whole("finish"));
  EXPECT_EQ(running(), 1U);
  EXPECT_EQ(status().pid, pid);
}

TEST_F(WorkerWidth, WhereAFurtherOneCannotBeHadTheFirstDoesItAll) {
  std::ofstream{root_ / "once"} << "#!/bin/sh\nmkdir " << (root_ / "started").string() << " 2>/dev/null && exec "
                                << HF_STUB_WORKER << "\nexec " << HF_STUB_WORKER << " lacks\n";
  std::filesystem::permissions(root_ / "once", std::filesystem::perms::owner_all);
  ResidentConfig config = stub();
  config.command = {root_ / "once"};
  config.program = root_ / "once";
  make_wide(2, 2, config);
  ASSERT_TRUE(begins());
  EXPECT_FALSE(begins()) << "it waits for the first: nothing is held because a second one lacks something";
  runs_.clear();
  take(*waiting_.front());
  EXPECT_TRUE(run_);
}

TEST_F(WorkerWidth, NoMoreThanWereEverAllowed) {
  make_wide(1, 2);
  pool_->set_width(50);
  EXPECT_TRUE(begins());
  EXPECT_TRUE(begins());
  EXPECT_FALSE(begins());
}

}  // namespace
}  // namespace holdfast
