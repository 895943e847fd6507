#include "sim/sim_disk.hpp"

#include <gtest/gtest.h>

#include <set>

namespace holdfast::sim {
namespace {

constexpr std::size_t kSector = 512;

std::string after_power_cut(std::uint64_t seed, auto&& use) {
  SimDisk disk{seed};
  const auto file = disk.create("file");
  disk.sync_folder();
  use(disk, *file);
  disk.die(Death::machine);
  return disk.find("file")->content();
}

TEST(SimDisk, WhatWasSyncedSurvivesEveryPowerCut) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const std::string left = after_power_cut(seed, [](SimDisk& disk, DiskFile& file) {
      disk.write(file, std::string(5000, 'a'), 0);
      disk.sync(file);
      disk.write(file, std::string(5000, 'b'), 5000);
    });
    EXPECT_EQ(left.substr(0, 5000), std::string(5000, 'a'));
  }
}

/// Every part may be lost and every part may be kept, but a sector is written whole or not at all.
TEST(SimDisk, AWriteThatWasNotSyncedIsTornAtSectors) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const std::string left = after_power_cut(seed, [](SimDisk& disk, DiskFile& file) {
      disk.write(file, std::string(4 * kSector, 'a'), 0);
      disk.sync(file);
      disk.write(file, std::string(2 * kSector, 'b'), kSector / 2);
    });
    seen.insert(left.substr(kSector / 2, 1) + left.substr(kSector, 1) + left.substr(2 * kSector, 1));
    EXPECT_EQ(left.substr(kSector, kSector), std::string(kSector, left[kSector]));
  }
  EXPECT_EQ(seen.size(), 8U);
}

TEST(SimDisk, AProcessThatDiesTakesNothingAlong) {
  SimDisk disk{1};
  disk.write(*disk.create("file"), "not synced", 0);

  disk.die(Death::process);

  EXPECT_EQ(disk.find("file")->content(), "not synced");
}

TEST(SimDisk, AFileOfAFolderThatWasNotSyncedMayBeGone) {
  std::set<bool> found;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SimDisk disk{seed};
    disk.sync(*disk.create("file"));
    disk.die(Death::machine);
    found.insert(disk.find("file") != nullptr);
  }
  EXPECT_EQ(found.size(), 2U);
}

/// As Linux does: what a failed sync did not write is marked as written, so the next one says yes.
TEST(SimDisk, AFailedSyncIsNotMadeGoodByTheNextOne) {
  unsigned lost = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const std::string left = after_power_cut(seed, [](SimDisk& disk, DiskFile& file) {
      disk.write(file, "a", 0);
      disk.faults.sync_fails = true;
      EXPECT_EQ(disk.sync(file), SimDisk::Outcome::failed);
      EXPECT_EQ(file.content(), "a");
      EXPECT_EQ(disk.sync(file), SimDisk::Outcome::done);
    });
    lost += left == "a" ? 0 : 1;
  }
  EXPECT_GT(lost, 0U);
  EXPECT_LT(lost, 20U);
}

TEST(SimDisk, AFullDiskTakesWhatDoesNotGrow) {
  SimDisk disk{1};
  const auto file = disk.create("file");
  disk.write(*file, "12345", 0);
  disk.faults.full = true;

  EXPECT_EQ(disk.write(*file, "67", 0), SimDisk::Outcome::done);
  EXPECT_EQ(disk.write(*file, "89", 4), SimDisk::Outcome::full);
  EXPECT_LT(file->content().size(), 6U);
}

}  // namespace
}  // namespace holdfast::sim
