#include "guard/watchdog.hpp"

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

class Jobs final : public web::testing::FakeStore {
 public:
  Task<Result<std::vector<QueueCount>>> counts() override {
    if (away) co_return fail(ErrorClass::transient, "HF-STO-01", "no room on the disk");
    co_return std::vector<QueueCount>{{"media", JobStatus::pending, 5},
                                      {"engine", JobStatus::pending, 7},
                                      {"engine", JobStatus::processing, 3},
                                      {"", JobStatus::completed, 99}};
  }
  bool away = false;
};

class Manager final : public ServiceManager {
 public:
  void ready() override {}
  void alive() override { signs += 1; }
  void stopping() override {}
  void status(std::string_view sentence) override { said.emplace_back(sentence); }
  [[nodiscard]] std::optional<milliseconds> watchdog_time() const override { return time; }

  std::optional<milliseconds> time{30'000};
  int signs = 0;
  std::vector<std::string> said;
};

/// Time that passes when somebody waits for it; the watchdog is stopped after so many waits.
class World {
 public:
  class Bell final : public Wakeup {
   public:
    explicit Bell(World& world) : world_{world} {}
    void ring() override {}
    Task<Result<bool>> wait_until(MonoTime deadline) override {
      world_.waits.push_back(deadline - world_.clock.now);
      world_.clock.now = deadline;
      if (world_.waits.size() == 3) co_return fail(ErrorClass::canceled, "HF-SRV-02", "over");
      co_return false;
    }

   private:
    World& world_;
  };
  class HandClock final : public Clock {
   public:
    explicit HandClock(World& world) : world_{world} {}
    WallTime wall_now() override { return {}; }
    MonoTime mono_now() override { return now; }
    Task<Result<void>> sleep_until(MonoTime) override { co_return Result<void>{}; }
    std::unique_ptr<Wakeup> make_wakeup() override { return std::make_unique<Bell>(world_); }
    MonoTime now{milliseconds{1'000'000}};

   private:
    World& world_;
  };

  void run() {
    Watchdog watchdog{{.jobs = jobs, .clock = clock, .manager = manager, .last_look = [this] { return last_look; }}};
    asio::io_context io;
    asio::co_spawn(io, watchdog.run(), [](std::exception_ptr) {});
    io.run();
  }

  std::vector<milliseconds> waits;
  HandClock clock{*this};
  Jobs jobs;
  Manager manager;
  MonoTime last_look = clock.now;
};

TEST(Watchdog, VS_4_GivesThreeSignsInEachWatchdogTime) {
  World world;

  world.run();

  EXPECT_THAT(world.waits, ElementsAre(milliseconds{10'000}, milliseconds{10'000}, milliseconds{10'000}));
  EXPECT_EQ(world.manager.signs, 3);
  EXPECT_THAT(world.manager.said, Contains("Ready. 3 working, 12 waiting."));
}

TEST(Watchdog, VS_4_AnEngineThatNoLongerLooksForWorkGetsNoSign) {
  World world;
  world.last_look = world.clock.now - Watchdog::kLookAgeMax - milliseconds{1};

  world.run();

  EXPECT_EQ(world.manager.signs, 0);
  EXPECT_THAT(world.manager.said, IsEmpty());
}

TEST(Watchdog, AStoreThatAnswersWithTroubleIsNoReasonToStartAnew) {
  World world;
  world.jobs.away = true;

  world.run();

  EXPECT_EQ(world.manager.signs, 3);
  EXPECT_THAT(world.manager.said, Contains("The store has trouble: no room on the disk"));
}

TEST(Watchdog, NothingIsDoneWhereNobodyWaitsForSigns) {
  World world;
  world.manager.time.reset();

  world.run();

  EXPECT_EQ(world.manager.signs, 0);
  EXPECT_THAT(world.waits, IsEmpty());
}

}  // namespace
}  // namespace holdfast::guard
