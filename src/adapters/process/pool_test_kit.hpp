#pragma once

#include <gtest/gtest.h>
#include <signal.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <fstream>
#include <optional>

#include "adapters/asio/clock.hpp"
#include "adapters/asio/entropy.hpp"
#include "adapters/process/worker_pool.hpp"

/// For tests of the pool: real processes of a worker that does what it is told.
namespace holdfast::pool_kit {

namespace fs = std::filesystem;

/// Dice that give the longest pause of each doubling of a base up to four times of it.
class LongestPause final : public Entropy {
 public:
  milliseconds base{0};
  std::uint64_t next() override {
    const auto caps = static_cast<std::uint64_t>(base.count());
    return (caps + 1) * (2 * caps + 1) * (4 * caps + 1) - 1;
  }
};

class KeptLog final : public Log {
 public:
  void write(LogLevel, std::string_view event, const std::vector<LogField>& fields) override {
    std::string line{event};
    for (const auto& [key, value] : fields) line += ' ' + value;
    lines.push_back(std::move(line));
  }
  [[nodiscard]] std::ptrdiff_t count(std::string_view event) const {
    return std::ranges::count_if(lines, [event](const std::string& line) { return line.starts_with(event); });
  }
  std::vector<std::string> lines;
};

class WorkerPoolTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "holdfast-pool-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    auto opened = LocalBlobStore::open({.root = root_, .reserve_bytes = 0}, files_, entropy_);
    ASSERT_TRUE(opened);
    blobs_ = *std::move(opened);
    make_pool({});
  }
  void TearDown() override {
    run_.reset();
    pool_.reset();
    io_.restart();
    io_.run();  // ends when every child is reaped
    files_.join();
    fs::remove_all(root_);
  }

  static ResidentConfig stub(std::vector<std::string> arguments = {}) {
    std::vector<std::string> command{HF_STUB_WORKER};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return {.command = command, .program = HF_STUB_WORKER, .restart = {.base = milliseconds{1}}};
  }
  void make_pool(ResidentConfig config) {
    if (config.command.empty()) config = stub();
    ProcessPoolConfig all;
    all.residents.emplace(WorkerKind::speech, std::move(config));
    ProcessWorkerPool::Deps deps{io_.get_executor(), clock_, *entropy_of_pool_, *blobs_, files_, &log_};
    deps.free_memory = [this] { return free_memory_; };
    pool_ = std::make_unique<ProcessWorkerPool>(std::move(deps), std::move(all));
  }
  /// A worker whose pauses before its starts are as long as they can be.
  ResidentConfig stub_with_pauses_of(milliseconds base) {
    ResidentConfig config = stub();
    config.restart = {.base = base, .ceiling = base * 4};
    entropy_of_pool_ = &longest_;
    longest_.base = base;
    return config;
  }
  template <class Fn>
  milliseconds time_of(Fn act) {
    const MonoTime begin = clock_.mono_now();
    act();
    return clock_.mono_now() - begin;
  }
  template <class T>
  T wait(Task<T> task) {
    std::optional<T> result;
    asio::co_spawn(io_, std::move(task), [&](const std::exception_ptr& bug, T value) {
      if (bug) std::rethrow_exception(bug);
      result.emplace(std::move(value));
    });
    io_.restart();
    while (!result && io_.run_one() > 0) {
    }
    return *std::move(result);
  }
  static WorkRequest asked(const std::string& deed) {
    return {.worker = WorkerKind::speech, .item = ItemId{"itm_1"}, .body = R"({"do":")" + deed + R"("})"};
  }
  Result<void> begin(WorkRequest request) {
    auto started = wait(pool_->start(std::move(request)));
    if (!started) return std::unexpected{started.error()};
    run_ = *std::move(started);
    return {};
  }
  /// Asks for work while other things go on; the answer comes into what is returned.
  using Started = std::optional<Result<std::unique_ptr<WorkRun>>>;
  std::shared_ptr<Started> spawn(WorkRequest request, asio::cancellation_signal* stop = nullptr) {
    auto answer = std::make_shared<Started>();
    const auto keep = [answer](const std::exception_ptr&, Result<std::unique_ptr<WorkRun>> got) {
      answer->emplace(std::move(got));
    };
    if (stop == nullptr) asio::co_spawn(io_, pool_->start(std::move(request)), keep);
    if (stop != nullptr)
      asio::co_spawn(io_, pool_->start(std::move(request)), asio::bind_cancellation_slot(stop->slot(), keep));
    return answer;
  }
  /// Waits for such an answer and goes on with the work.
  void take(Started& started) {
    io_.restart();
    while (!started && io_.run_one_for(milliseconds{20'000}) > 0) {
    }
    ASSERT_TRUE(started && *started);
    run_ = **std::move(started);
  }
  Result<WorkEvent> next() { return wait(run_->next()); }
  /// The answer to one request, from its start to its last event.
  Result<Finished> whole(WorkRequest request) {
    HF_TRY_VOID(begin(std::move(request)));
    for (;;) {
      HF_TRY(auto event, next());
      if (auto* finished = std::get_if<Finished>(&event)) return std::move(*finished);
    }
  }
  Result<Finished> whole(const std::string& deed) { return whole(asked(deed)); }
  static bool alive(int pid) { return ::kill(pid, 0) == 0; }
  /// Runs what is pending until the process is gone.
  void until_gone(int pid) {
    const MonoTime last = clock_.mono_now() + milliseconds{10'000};
    while (alive(pid) && clock_.mono_now() < last)
      ASSERT_TRUE(wait(clock_.sleep_until(clock_.mono_now() + milliseconds{5})));
    EXPECT_FALSE(alive(pid));
  }
  WorkerStatus status() { return pool_->status().front(); }

  fs::path root_;
  KeptLog log_;
  std::optional<std::uint64_t> free_memory_;
  asio::io_context io_;
  asio::thread_pool files_{1};
  SystemClock clock_{io_.get_executor()};
  SystemEntropy entropy_;
  LongestPause longest_;
  Entropy* entropy_of_pool_ = &entropy_;
  std::unique_ptr<LocalBlobStore> blobs_;
  std::unique_ptr<ProcessWorkerPool> pool_;
  std::unique_ptr<WorkRun> run_;
};

}  // namespace holdfast::pool_kit
