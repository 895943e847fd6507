#include "guard/monitor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "web/fake_store.hpp"

namespace holdfast::guard {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

class NoBlobs final : public BlobStore {
 public:
  Task<Result<std::unique_ptr<Staging>>> open_staging(std::uint64_t) override {
    co_return fail(ErrorClass::permanent, "HF-SRV-01", "not asked for");
  }
  Task<Result<void>> remove(BlobId) override { co_return Result<void>{}; }
  Task<Result<BlobInfo>> measure(BlobId) override { co_return BlobInfo{}; }
  Task<Result<std::vector<StoredBlob>>> list() override { co_return std::vector<StoredBlob>{}; }
  Task<Result<std::size_t>> sweep_staging(WallTime) override { co_return std::size_t{0}; }
  Task<Result<std::uint64_t>> free_bytes() override { co_return std::uint64_t{1'000}; }
};

class StandingWorkers final : public WorkerPool {
 public:
  Task<Result<std::unique_ptr<WorkRun>>> start(WorkRequest) override {
    co_return fail(ErrorClass::permanent, "HF-SRV-01", "not asked for");
  }
  Task<Result<void>> probe(WorkerKind kind) override {
    if (kind == WorkerKind::media && !trouble.empty())
      co_return fail(trouble_class, "HF-FFM-01", trouble);
    co_return Result<void>{};
  }
  std::vector<WorkerStatus> status() override { return {}; }
  std::string trouble;
  ErrorClass trouble_class = ErrorClass::dependency;
};

class StillClock final : public Clock {
 public:
  WallTime wall_now() override { return {}; }
  MonoTime mono_now() override { return {}; }
  Task<Result<void>> sleep_until(MonoTime) override { co_return Result<void>{}; }
  std::unique_ptr<Wakeup> make_wakeup() override { return nullptr; }
};

class FixedEntropy final : public Entropy {
 public:
  std::uint64_t next() override { return 0; }
};

class KeptLog final : public Log {
 public:
  void write(LogLevel level, std::string_view event, const std::vector<LogField>& fields) override {
    std::string line = level == LogLevel::warn ? "! " : "";
    line += event;
    for (const auto& [key, value] : fields) line += ' ' + value;
    lines.push_back(std::move(line));
  }
  std::vector<std::string> lines;
};

class MonitorTest : public testing::Test {
 protected:
  /// What is written while everything is looked at once.
  std::vector<std::string> look() {
    log_.lines.clear();
    asio::io_context io;
    asio::co_spawn(io, monitor_.look(), [](const std::exception_ptr& bug) { EXPECT_FALSE(bug); });
    io.run();
    return log_.lines;
  }

  web::testing::FakeStore store_;
  NoBlobs blobs_;
  StandingWorkers workers_;
  StillClock clock_;
  FixedEntropy entropy_;
  KeptLog log_;
  Monitor monitor_{Monitor::Deps{store_, blobs_, workers_, clock_, entropy_, 0, &log_}};
};

TEST_F(MonitorTest, VS_6_SaysInTheLogWhatIsMissingAndWhenItIsBack) {
  workers_.trouble = "ffprobe is missing";
  EXPECT_THAT(look(), Contains("! service_down ffmpeg HF-FFM-01 ffprobe is missing"));

  workers_.trouble = "";
  EXPECT_THAT(look(), ElementsAre("service_up ffmpeg"));
}

TEST_F(MonitorTest, SaysNothingTwiceAndEverythingThatIsNew) {
  workers_.trouble = "ffprobe is missing";
  look();
  EXPECT_THAT(look(), IsEmpty());

  workers_.trouble = "ffmpeg is missing";
  EXPECT_THAT(look(), ElementsAre("! service_down ffmpeg HF-FFM-01 ffmpeg is missing"));
}

TEST_F(MonitorTest, DoesNotTakeAStoppedProbeForABadOne) {
  look();
  workers_.trouble = "stopped";
  workers_.trouble_class = ErrorClass::canceled;

  EXPECT_THAT(look(), IsEmpty());
  EXPECT_EQ(monitor_.services().at("ffmpeg").health, ServiceState::Health::up);
}

}  // namespace
}  // namespace holdfast::guard
