#include "sim/disk_layer.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "adapters/sqlite/stores.hpp"
#include "tests/contract/job_store_samples.hpp"

namespace holdfast::sim {
namespace {

/// The real store on a simulated disk, opened and killed at will.
class Machine {
 public:
  explicit Machine(std::uint64_t seed) : disk{seed} {}

  void start() {
    auto opened = open_sqlite_job_store(
        "holdfast.db", {.vfs = layer_.name(), .own_threads = false, .on_damage = [](int, auto) {}});
    ASSERT_TRUE(opened.has_value()) << opened.error().what();
    store_ = *std::move(opened);
  }
  void die(Death how) {
    disk.die(how);
    store_.reset();
  }
  /// Whether it was answered that job number `n` is kept.
  bool enqueue(unsigned n) {
    bool kept = false;
    auto call = store_->enqueue(contract::created(n));
    asio::co_spawn(io_, std::move(call),
                   [&kept](std::exception_ptr, Result<Enqueued> answer) { kept = answer.has_value(); });
    poll();
    return kept;
  }
  bool has(unsigned n) {
    bool found = false;
    auto call = store_->find(contract::item_id(n));
    asio::co_spawn(io_, std::move(call), [&found](std::exception_ptr, Result<std::optional<Job>> answer) {
      found = answer && answer->has_value();
    });
    poll();
    return found;
  }

  SimDisk disk;

 private:
  void poll() {
    io_.restart();
    io_.poll();
  }

  DiskLayer layer_{disk};
  asio::io_context io_{1};
  std::unique_ptr<JobStore> store_;
};

TEST(DiskLayer, LAB_1_APowerCutTakesNothingBackThatTheStoreAnswered) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Machine machine{seed};
    for (unsigned n = 1; n <= 10; ++n) {
      machine.start();
      ASSERT_TRUE(machine.enqueue(n));
      machine.die(Death::machine);
    }
    machine.start();
    for (unsigned n = 1; n <= 10; ++n) EXPECT_TRUE(machine.has(n)) << "seed " << seed << " job " << n;
  }
}

TEST(DiskLayer, AStoreWhoseProcessIsDeadNoLongerReachesTheDisk) {
  Machine machine{1};
  machine.start();
  ASSERT_TRUE(machine.enqueue(1));
  machine.disk.die(Death::process);

  EXPECT_FALSE(machine.enqueue(2));

  machine.die(Death::process);
  machine.start();
  EXPECT_TRUE(machine.has(1));
  EXPECT_FALSE(machine.has(2));
}

/// After a failed sync the next process sees the commit in the system's cache, and it may be on no disk: what
/// is answered from then on must not stand or fall with it.
TEST(DiskLayer, LAB_1_WhatIsCommittedAfterAFailedSyncSurvivesAPowerCut) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Machine machine{seed};
    machine.start();
    ASSERT_TRUE(machine.enqueue(1));
    machine.disk.faults.sync_fails = true;
    ASSERT_FALSE(machine.enqueue(2));
    machine.die(Death::process);

    machine.start();
    ASSERT_TRUE(machine.enqueue(3));
    machine.die(Death::machine);

    machine.start();
    EXPECT_TRUE(machine.has(1));
    EXPECT_TRUE(machine.has(3)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace holdfast::sim
