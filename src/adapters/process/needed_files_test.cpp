#include "adapters/process/needed_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace holdfast {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

// SHA-256 of "hello\n". Source: sha256sum.
constexpr const char* kHello = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";

class NeededFilesTest : public testing::Test {
 protected:
  NeededFilesTest() {
    std::string pattern = (fs::temp_directory_path() / "hf-needed-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    model_ = folder_ / "model.bin";
  }
  ~NeededFilesTest() override { fs::remove_all(folder_); }

  void write(const std::string& text) const { std::ofstream{model_} << text; }
  [[nodiscard]] NeededFile needed() const {
    return {.file = model_, .bytes = 6, .sha256 = kHello, .mend = "run `holdfast models pull m`"};
  }
  /// What a check says, with the file's last change `age` ago.
  std::string said(NeededFiles& files, milliseconds age = milliseconds{60'000}) const {
    const FileStamp stamp = stamp_of(model_);
    const auto checked = files.check(WallTime{milliseconds{stamp.changed_ns / 1'000'000} + age});
    if (checked) return "right";
    EXPECT_EQ(checked.error().error_class(), ErrorClass::dependency);
    EXPECT_EQ(checked.error().code(), "HF-ENG-02");
    return checked.error().what();
  }

  fs::path folder_;
  fs::path model_;
};

TEST_F(NeededFilesTest, VS_7_ADamagedFileOfTheRightSizeIsFoundAndSetAside) {
  write("hellO\n");
  NeededFiles files{{}, {needed()}, "HF-ENG-02"};

  const std::string first = said(files);
  const std::string later = said(files);

  EXPECT_THAT(first, HasSubstr("model.bin is damaged (its SHA-256 is wrong) and was set aside as model.bin.damaged"));
  EXPECT_THAT(later, HasSubstr("model.bin is missing; a damaged one was set aside as model.bin.damaged"));
  EXPECT_THAT(later, HasSubstr("run `holdfast models pull m`"));
  EXPECT_TRUE(fs::exists(folder_ / "model.bin.damaged"));
  write("hello\n");
  EXPECT_EQ(said(files), "right");
}

TEST_F(NeededFilesTest, VS_7_ATruncatedFileIsSetAsideToo) {
  write("hell");
  NeededFiles files{{}, {needed()}, "HF-ENG-02"};

  EXPECT_THAT(said(files), HasSubstr("(4 bytes instead of 6) and was set aside"));
}

TEST_F(NeededFilesTest, AFileThatMayStillBeBeingCopiedIsLeftWhereItIs) {
  write("hellO\n");
  NeededFiles files{{}, {needed()}, "HF-ENG-02"};

  EXPECT_THAT(said(files, milliseconds{1'000}), HasSubstr("perhaps not whole yet"));

  EXPECT_TRUE(fs::exists(model_));
  EXPECT_THAT(said(files), HasSubstr("was set aside"));
}

TEST_F(NeededFilesTest, SaysWhenADamagedFileCannotBeSetAside) {
  write("hellO\n");
  fs::create_directories(folder_ / "model.bin.damaged" / "in the way");
  NeededFiles files{{}, {needed()}, "HF-ENG-02"};

  EXPECT_THAT(said(files), HasSubstr("cannot be set aside"));
  EXPECT_THAT(said(files), HasSubstr("cannot be set aside")) << "and goes on saying so";
}

TEST_F(NeededFilesTest, ReadsAFileOnceUntilItChanges) {
  write("hello\n");
  NeededFiles files{{}, {needed()}, "HF-ENG-02"};
  ASSERT_EQ(said(files), "right");

  files.forsake();  // from now on nothing can be read

  EXPECT_TRUE(files.check(WallTime{})) << "it was not read again";
  write("hellO\n");
  EXPECT_EQ(files.check(WallTime{}).error().error_class(), ErrorClass::canceled) << "it was to be read again";
}

TEST_F(NeededFilesTest, BelievesAWorkerThatLoadedAndAWorkerThatRefused) {
  write("hellO\n");
  NeededFiles files{{}, {needed()}, "HF-ENG-02"};
  files.trust(files.stamps());
  ASSERT_EQ(said(files), "right");

  files.doubt();

  EXPECT_THAT(said(files), HasSubstr("is damaged"));
}

TEST_F(NeededFilesTest, LooksForThePrograms) {
  write("hello\n");
  NeededFiles files{{"/bin/true", folder_ / "holdfast-confine"}, {needed()}, "HF-ENG-02"};

  EXPECT_EQ(said(files), "the program holdfast-confine is missing");
}

TEST_F(NeededFilesTest, SaysWhatIsMissing) {
  NeededFiles files{{}, {needed()}, "HF-ENG-02"};

  EXPECT_EQ(said(files), "the model file model.bin is missing; run `holdfast models pull m`");
}

}  // namespace
}  // namespace holdfast
