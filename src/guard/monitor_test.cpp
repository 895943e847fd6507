#include "guard/monitor.hpp"

#include "guard/guard_test_kit.hpp"
#include "web/fake_store.hpp"

namespace holdfast::guard {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class NoBlobs final : public BlobStore {
 public:
  Task<Result<std::unique_ptr<Staging>>> open_staging(std::uint64_t) override {
    co_return fail(ErrorClass::permanent, "HF-SRV-01", "not asked for");
  }
  Task<Result<void>> remove(BlobId) override { co_return Result<void>{}; }
  Task<Result<BlobInfo>> measure(BlobId) override { co_return BlobInfo{}; }
  Task<Result<std::vector<StoredBlob>>> list() override { co_return std::vector<StoredBlob>{}; }
  Task<Result<std::size_t>> sweep_staging(WallTime, bool) override { co_return std::size_t{0}; }
  Task<Result<std::uint64_t>> free_bytes() override { co_return std::uint64_t{1'000}; }
};

class StandingWorkers final : public WorkerPool {
 public:
  Task<Result<std::unique_ptr<WorkRun>>> start(WorkRequest) override {
    co_return fail(ErrorClass::permanent, "HF-SRV-01", "not asked for");
  }
  Task<Result<void>> probe(WorkerKind kind) override {
    ++probes;
    if (kind == WorkerKind::media && !trouble.empty()) co_return fail(trouble_class, "HF-FFM-01", trouble);
    co_return Result<void>{};
  }
  std::vector<WorkerStatus> status() override { return {}; }
  std::string trouble;
  ErrorClass trouble_class = ErrorClass::dependency;
  int probes = 0;
};

class MonitorTest : public testing::GuardTest {
 protected:
  MonitorTest() {
    for (const char* name : {"storage", "ffmpeg", "speech"}) services_->add({.name = name});
  }
  /// What is written while everything is looked at once.
  std::vector<std::string> look() {
    log_.lines.clear();
    run(monitor_.look());
    return log_.lines;
  }
  Health health(const std::string& name) const { return services_->find(name)->health; }

  web::testing::FakeStore store_;
  NoBlobs blobs_;
  StandingWorkers workers_;
  Monitor monitor_{Monitor::Deps{store_, blobs_, workers_, *services_, clock_, entropy_, 0}};
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
  EXPECT_EQ(health("ffmpeg"), Health::up);
}

TEST_F(MonitorTest, IsReadyWhenStoreAndStorageAre) {
  EXPECT_FALSE(monitor_.ready()) << "nobody has looked";
  workers_.trouble = "ffprobe is missing";
  look();
  EXPECT_TRUE(monitor_.ready()) << "jobs wait for FFmpeg; uploads do not";
  EXPECT_EQ(monitor_.free_bytes(), 1'000U);
}

TEST_F(MonitorTest, FR_4_LooksAgainAndAgainAndSoonAfterAMiss) {
  TaskGroup group{io_.get_executor(), clock_};
  monitor_.begin(group);
  pass(milliseconds{0});
  EXPECT_EQ(workers_.probes, 3) << "once each at the start";
  pass(milliseconds{60'000});
  EXPECT_EQ(workers_.probes, 3 * 7) << "every 10 s at the soonest";

  workers_.trouble = "gone";
  pass(milliseconds{12'000});

  EXPECT_EQ(health("ffmpeg"), Health::down) << "a miss and a second look soon after";
  workers_.trouble = "";
  pass(milliseconds{10'000});
  EXPECT_EQ(health("ffmpeg"), Health::up);
  monitor_.stop();
  settle();
  EXPECT_EQ(group.size(), 0U);
}

TEST_F(MonitorTest, FR_4_LooksAtAnyOtherServiceByItsName) {
  int asked = 0;
  services_->add({.name = "qdrant"});
  monitor_.watch("qdrant", milliseconds{1'000}, [&asked]() -> Task<Result<void>> {
    ++asked;
    co_return fail(ErrorClass::dependency, "HF-SVC-04", "refused");
  });
  const auto look_at = [](Monitor* monitor, std::string name, bool known) -> Task<void> {
    EXPECT_EQ((co_await monitor->look_at(std::move(name))).has_value(), known);
  };
  run(look_at(&monitor_, "qdrant", true));
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(health("qdrant"), Health::down);
  run(look_at(&monitor_, "language/llama", true));
  EXPECT_EQ(health("language/llama"), Health::up) << "by the probe of its endpoint";
  run(look_at(&monitor_, "nobody", false));
}

}  // namespace
}  // namespace holdfast::guard
