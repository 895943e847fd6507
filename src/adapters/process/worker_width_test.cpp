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
  /// Whoever still waits has to be gone before the pool goes.
  void TearDown() override {
    for (const auto& waiting : waiting_) {
      waiting->stop.emit(asio::cancellation_type::terminal);
      while (!waiting->started->has_value()) pass(5);
      waiting->started->reset();
    }
    runs_.clear();
    WorkerPoolTest::TearDown();
  }
  void pass(int time) { EXPECT_TRUE(wait(clock_.sleep_until(clock_.mono_now() + milliseconds{time}))); }
  /// Begins work that does not end; false: it waits for a worker.
  bool begins() {
    auto one = std::make_unique<Waiting>();
    one->started = spawn(asked("hang"), &one->stop);
    const MonoTime last = clock_.mono_now() + milliseconds{kPatience};
    while (!one->started->has_value() && clock_.mono_now() < last) pass(5);
    if (!one->started->has_value()) {
      waiting_.push_back(std::move(one));
      return false;
    }
    EXPECT_TRUE(**one->started) << (**one->started).error().what();
    runs_.push_back(std::move(***one->started));
    return true;
  }
  [[nodiscard]] std::size_t running() const {
    const auto all = pool_->status();
    return static_cast<std::size_t>(std::ranges::count_if(all, [](const WorkerStatus& one) { return one.pid != 0; }));
  }

  struct Waiting {
    std::shared_ptr<Started> started;
    asio::cancellation_signal stop;
  };
  static constexpr int kPatience = 300;  ///< longer than a stub takes to start
  std::vector<std::unique_ptr<WorkRun>> runs_;
  std::vector<std::unique_ptr<Waiting>> waiting_;
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
  const std::string starts = (root_ / "starts").string();
  std::ofstream{root_ / "not_the_second"} << "#!/bin/sh\necho >> " << starts << "\n[ $(wc -l < " << starts
                                          << ") = 2 ] && exec " << HF_STUB_WORKER << " lacks\nexec "
                                          << HF_STUB_WORKER << "\n";
  std::filesystem::permissions(root_ / "not_the_second", std::filesystem::perms::owner_all);
  ResidentConfig config = stub();
  config.command = {root_ / "not_the_second"};
  config.program = root_ / "not_the_second";
  make_wide(2, 2, config);
  ASSERT_TRUE(begins());
  EXPECT_FALSE(begins()) << "it waits for the first: nothing is held because a second one lacks something";
  runs_.clear();
  take(*waiting_.front()->started);
  EXPECT_TRUE(run_);
}

TEST_F(WorkerWidth, AFurtherOneThatCouldNotBeHadIsTriedAgainAfterAWhile) {
  const std::string starts = (root_ / "starts").string();
  std::ofstream{root_ / "not_the_second"} << "#!/bin/sh\necho >> " << starts << "\n[ $(wc -l < " << starts
                                          << ") = 2 ] && exec " << HF_STUB_WORKER << " lacks\nexec "
                                          << HF_STUB_WORKER << "\n";
  std::filesystem::permissions(root_ / "not_the_second", std::filesystem::perms::owner_all);
  ResidentConfig config = stub();
  config.command = {root_ / "not_the_second"};
  config.program = root_ / "not_the_second";
  config.try_again = milliseconds{1};
  make_wide(2, 2, config);
  ASSERT_TRUE(begins());
  ASSERT_FALSE(begins());
  EXPECT_TRUE(begins()) << "the width is not lost for good";
  EXPECT_EQ(running(), 2U);
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
