#include "adapters/system/memory_gauge.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <fstream>

#include "adapters/system/meminfo.hpp"

namespace holdfast::memory {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMeminfo = "MemTotal:        1000 kB\nMemFree: 1 kB\nMemAvailable:    400 kB\nBuffers: 7 kB\n";

TEST(Meminfo, LAB_7_TotalAndAvailableAreRead) {
  const auto reading = parse_meminfo(kMeminfo);

  ASSERT_TRUE(reading.has_value());
  EXPECT_EQ(reading->total_bytes, 1000U * 1024);
  EXPECT_DOUBLE_EQ(reading->available(), 0.4);
}

TEST(Meminfo, WhatDoesNotSayBothIsNoReading) {
  for (const char* text : {"", "MemTotal: 5 kB\n", "MemAvailable: 5 kB\n", "MemTotal: 0 kB\nMemAvailable: 0 kB\n",
                           "MemTotal: many kB\nMemAvailable: 1 kB\n"})
    EXPECT_FALSE(parse_meminfo(text).has_value()) << text;
}

TEST(Meminfo, MoreThanThereIsCannotBeAvailable) {
  EXPECT_DOUBLE_EQ(parse_meminfo("MemTotal: 5 kB\nMemAvailable: 9 kB\n")->available(), 1.0);
}

TEST(Group, LAB_7_WhatCanBeReclaimedIsAvailable) {
  const GroupFiles files{.limit = "1000\n",
                         .usage = "900\n",
                         .stat = "anon 500\ninactive_file 200\nactive_file 100\nslab_reclaimable 50\n"};

  const auto reading = parse_group(files, 10'000);

  ASSERT_TRUE(reading.has_value());
  EXPECT_EQ(reading->available_bytes, 450U);
  EXPECT_EQ(reading->source, "cgroup");
}

TEST(Group, TheOldVersionCountsItsChildrenToo) {
  const GroupFiles files{.limit = "1000\n",
                         .usage = "900\n",
                         .stat = "inactive_file 1\nactive_file 1\ntotal_inactive_file 300\ntotal_active_file 100\n"};

  EXPECT_EQ(parse_group(files, 10'000)->available_bytes, 500U);
}

TEST(Group, WithoutALimitOfItsOwnItIsNoReading) {
  for (const char* limit : {"max\n", "", "9223372036854771712\n", "0\n"})
    EXPECT_FALSE(parse_group({.limit = limit, .usage = "5\n", .stat = ""}, 10'000).has_value()) << limit;
}

TEST(Group, MoreUsedThanAllowedLeavesNothing) {
  EXPECT_EQ(parse_group({.limit = "100\n", .usage = "150\n", .stat = ""}, 10'000)->available_bytes, 0U);
}

TEST(GroupPath, TheMemoryControllerOfTheOldVersionIsStronger) {
  const auto v2 = parse_group_path("0::/system.slice/holdfast.service\n");
  const auto v1 = parse_group_path("4:cpu,memory:/a\n1:name=systemd:/b\n0::/c\n");

  EXPECT_EQ(v2->path, "/system.slice/holdfast.service");
  EXPECT_FALSE(v2->v1);
  EXPECT_EQ(v1->path, "/a");
  EXPECT_TRUE(v1->v1);
  EXPECT_FALSE(parse_group_path("nonsense").has_value());
}

/// A machine made of files.
class Gauge : public testing::Test {
 protected:
  Gauge() {
    std::string name = (fs::temp_directory_path() / "holdfast-gauge-XXXXXX").string();
    if (mkdtemp(name.data()) != nullptr) root_ = name;
    write("meminfo", kMeminfo);
    write("own", "0::/a/b\n");
  }
  ~Gauge() override { fs::remove_all(root_); }

  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream{root_ / name} << text;
  }
  void write_group(const std::string& group, const std::string& limit, const std::string& usage) const {
    write(group + "/memory.max", limit);
    write(group + "/memory.current", usage);
  }
  Result<MemoryReading> read() {
    SystemMemoryGauge gauge{{.gpu = false, .meminfo = root_ / "meminfo", .own_groups = root_ / "own", .groups = root_},
                            threads_};
    std::optional<Result<MemoryReading>> answer;
    asio::co_spawn(io_, gauge.read(), [&](std::exception_ptr, Result<MemoryReading> got) { answer = std::move(got); });
    io_.run();
    return *answer;
  }

 private:
  fs::path root_;
  asio::io_context io_;
  asio::thread_pool threads_{1};
};

TEST_F(Gauge, TheMachineCountsWhereNoGroupHasALimit) {
  EXPECT_EQ(read()->source, "system");
}

TEST_F(Gauge, LAB_7_TheShortestGroupAroundUsCounts) {
  write_group("a", "100000\n", "95000\n");
  write_group("a/b", "100000\n", "10000\n");

  const auto reading = read();

  EXPECT_EQ(reading->source, "cgroup");
  EXPECT_DOUBLE_EQ(reading->available(), 0.05);
}

TEST_F(Gauge, AGroupWithMoreRoomThanTheMachineDoesNotCount) {
  write_group("a/b", "100000\n", "1\n");

  EXPECT_EQ(read()->source, "system");
}

TEST_F(Gauge, AMachineThatDoesNotTellIsAnError) {
  write("meminfo", "nothing");

  EXPECT_EQ(read().error().code(), "HF-SRV-06");
}

TEST(Gpu, AMachineWithoutTheLibraryHasNone) { EXPECT_EQ(GpuMemory::open("libholdfast-no-such-library.so"), nullptr); }

TEST(SystemMemory, LAB_7_ThisMachineTells) {
  asio::io_context io;
  asio::thread_pool threads{1};
  SystemMemoryGauge gauge{{}, threads};
  std::optional<Result<MemoryReading>> answer;
  asio::co_spawn(io, gauge.read(), [&](std::exception_ptr, Result<MemoryReading> got) { answer = std::move(got); });
  io.run();

  ASSERT_TRUE(answer->has_value());
  EXPECT_GT((*answer)->total_bytes, 0U);
  EXPECT_LE((*answer)->available_bytes, (*answer)->total_bytes);
}

}  // namespace
}  // namespace holdfast::memory
