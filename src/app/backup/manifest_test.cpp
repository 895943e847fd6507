#include "app/backup/manifest.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

#include "app/backup/restore.hpp"
#include "app/backup/verify.hpp"

namespace holdfast::backup {
namespace {

namespace fs = std::filesystem;

class ManifestTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "holdfast-backup-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    fs::create_directories(folder_ / "one" / "spool");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void put(const std::string& name, const std::string& text) {
    std::ofstream{folder_ / "one" / name, std::ios::binary} << text;
  }
  static Manifest of(std::vector<FileEntry> files) {
    return {.made_by = "1.0", .point = {"2026-01-01T00:00:00.000Z", 7, 2, 5}, .files = std::move(files), .unsound = {}};
  }

  path folder_;
};

// printf x | sha256sum
const std::string kX = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";

TEST_F(ManifestTest, FG_15_IsReadAsItWasWritten) {
  Manifest written = of({{"holdfast.db", 1, kX}, {"spool/0000000000000001.spool", 2, kX}});
  written.unsound = {{"files/ab/x", "is not in the data folder"}};
  ASSERT_TRUE(write_manifest(folder_ / "one", written));
  const auto read = read_manifest(folder_ / "one");
  ASSERT_TRUE(read) << read.error().what();
  EXPECT_EQ(read->point.last_event, 7U);
  EXPECT_EQ(read->point.at, "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(read->files.at(1).name, "spool/0000000000000001.spool");
  EXPECT_EQ(read->unsound.at(0).what, "is not in the data folder");
  EXPECT_EQ(find_backups(folder_)->at(0), folder_ / "one");
}

TEST_F(ManifestTest, FG_15_AFileOutsideOfTheBackupIsNeverNamedWhoeverWroteTheManifest) {
  for (const char* name : {"../holdfast.db", "/etc/passwd", "lock", "files/ab/../../x", "files/ab", "spool/../x.spool",
                           "spool/x.spool", "spool/.spool/1.spool", "files/00/ab012345678901234567890123456789", ""}) {
    ASSERT_TRUE(write_manifest(folder_ / "one", of({{name, 1, kX}})));
    const auto read = read_manifest(folder_ / "one");
    ASSERT_FALSE(read) << name;
    EXPECT_EQ(read.error().code(), "HF-BAK-02");
    EXPECT_FALSE(restore(folder_ / "one", folder_ / "new"));
    EXPECT_FALSE(fs::exists(folder_ / "new"));
    fs::remove(folder_ / "one" / kManifest);
    fs::remove(folder_ / "one" / kManifestSum);
  }
}

TEST_F(ManifestTest, FG_15_EachDifferenceIsNamed) {
  put("holdfast.db", "x");
  ASSERT_TRUE(write_manifest(folder_ / "one", of({{"holdfast.db", 1, kX}})));
  EXPECT_TRUE(verify(folder_ / "one")->empty());
  EXPECT_TRUE(restore(folder_ / "one", folder_ / "new"));
  put("holdfast.db", "y");
  EXPECT_EQ(verify(folder_ / "one")->at(0).name, "holdfast.db");
  EXPECT_EQ(restore(folder_ / "one", folder_ / "newer").error().code(), "HF-BAK-02");
  EXPECT_FALSE(fs::exists(folder_ / "newer"));
  EXPECT_EQ(restore(folder_ / "one", folder_ / "new").error().code(), "HF-BAK-03");
}

TEST_F(ManifestTest, FG_15_WhereThereIsNoBackupThereIsNone) {
  EXPECT_EQ(find_backups(folder_).error().code(), "HF-BAK-01");
  EXPECT_EQ(read_manifest(folder_ / "none").error().code(), "HF-BAK-01");
}

}  // namespace
}  // namespace holdfast::backup
