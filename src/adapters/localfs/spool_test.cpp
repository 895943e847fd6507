#include "adapters/localfs/spool.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>
#include <optional>

namespace holdfast {
namespace {

namespace fs = std::filesystem;

class LocalSpoolTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "holdfast-spool-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = fs::path{pattern} / "spool";
    restart();
  }
  void TearDown() override {
    spool_.reset();
    pool_.join();
    fs::remove_all(folder_.parent_path());
  }

  template <class T>
  T wait(Task<T> task) {
    std::optional<T> result;
    asio::co_spawn(io_, std::move(task), [&](const std::exception_ptr&, T value) { result.emplace(std::move(value)); });
    io_.restart();
    io_.run();
    return *std::move(result);
  }
  /// As after kill -9. What was there is read.
  std::vector<std::string> restart() {
    const auto read = try_restart();
    EXPECT_TRUE(read) << read.error().what();
    std::vector<std::string> texts;
    if (read) {
      for (const SpoolRecord& record : *read) texts.push_back(record.bytes);
    }
    return texts;
  }
  Result<std::vector<SpoolRecord>> try_restart() {
    spool_.reset();
    auto opened = LocalSpool::open(folder_, pool_);
    EXPECT_TRUE(opened) << opened.error().what();
    spool_ = *std::move(opened);
    return wait(spool_->load());
  }
  std::uint64_t append(const std::string& text) {
    const auto done = wait(spool_->append(text));
    EXPECT_TRUE(done) << done.error().what();
    return done.value_or(0);
  }
  [[nodiscard]] std::vector<fs::path> files() const {
    std::vector<fs::path> all;
    for (const auto& entry : fs::directory_iterator{folder_}) all.push_back(entry.path());
    std::ranges::sort(all);
    return all;
  }
  static std::string text_of(const fs::path& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
  static void put(const fs::path& file, const std::string& text) { std::ofstream{file, std::ios::binary} << text; }

  fs::path folder_;
  asio::io_context io_{1};
  asio::thread_pool pool_{1};
  std::unique_ptr<LocalSpool> spool_;
};

using Texts = std::vector<std::string>;

TEST_F(LocalSpoolTest, WhatWasAppendedIsThereAfterARestartInItsOrderAndTakesMore) {
  append("one");
  append(std::string("two\0\xff\n", 6));
  EXPECT_EQ(restart(), (Texts{"one", std::string("two\0\xff\n", 6)}));
  append("");
  EXPECT_EQ(restart(), (Texts{"one", std::string("two\0\xff\n", 6), ""}));
  EXPECT_EQ(append("four"), 4U);
}

TEST_F(LocalSpoolTest, ASecondOneInTheSameFolderIsRefused) {
  const auto second = LocalSpool::open(folder_, pool_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), "HF-SRV-05");
}

TEST_F(LocalSpoolTest, NumbersGrowOverRestarts) {
  EXPECT_EQ(append("one"), 1U);
  restart();
  EXPECT_EQ(append("two"), 2U);
  EXPECT_EQ(append("three"), 3U);
}

TEST_F(LocalSpoolTest, WhatWasTakenOutIsGoneOnceNoLaterRecordIsInItsFile) {
  append("one");
  const auto two = append("two");
  EXPECT_TRUE(wait(spool_->drop_through(1)));
  EXPECT_EQ(restart().back(), "two");
  append("three");
  EXPECT_TRUE(wait(spool_->drop_through(two)));
  EXPECT_EQ(restart(), Texts{"three"});
  EXPECT_TRUE(wait(spool_->drop_through(3)));
  EXPECT_TRUE(files().empty());
  EXPECT_EQ(restart(), Texts{});
}

TEST_F(LocalSpoolTest, AnAppendThatWasCutShortAnywhereIsCutOffAndNothingBeforeItIsLost) {
  append("one");
  const std::string one = text_of(files().at(0));
  append("two, which is longer");
  const std::string both = text_of(files().at(0));

  for (std::size_t size = one.size(); size < both.size(); ++size) {
    put(files().at(0), both.substr(0, size));
    EXPECT_EQ(restart(), Texts{"one"}) << size;
    EXPECT_EQ(text_of(files().at(0)), one) << size;
  }
  append("three");
  EXPECT_EQ(restart(), (Texts{"one", "three"}));
}

TEST_F(LocalSpoolTest, AFileThatWasOnlyBegunIsRemoved) {
  append("one");
  for (const std::string& begun : {std::string{}, std::string{"holdfast-sp"}}) {
    put(folder_ / "0000000000000002.spool", begun);
    EXPECT_EQ(restart(), Texts{"one"});
    EXPECT_EQ(files().size(), 1U);
  }
}

TEST_F(LocalSpoolTest, ADamagedRecordBeforeAnotherOneIsNoCutButDamage) {
  append("one");
  append("two");
  const std::string whole = text_of(files().at(0));
  for (const std::size_t at : {whole.find("one"), whole.find("one") - 40, std::size_t{20}}) {
    std::string damaged = whole;
    damaged[at] = damaged[at] == 'x' ? 'y' : 'x';
    put(files().at(0), damaged);
    const auto read = try_restart();
    ASSERT_FALSE(read) << at;
    EXPECT_EQ(read.error().code(), "HF-SPL-02");
    EXPECT_EQ(text_of(files().at(0)), damaged) << "left as it is for a person";
  }
}

TEST_F(LocalSpoolTest, FilesOfAnotherKindAreNotTouched) {
  put(folder_ / "notes.txt", "mine");
  append("one");
  EXPECT_EQ(restart(), Texts{"one"});
  EXPECT_EQ(text_of(folder_ / "notes.txt"), "mine");
}

TEST_F(LocalSpoolTest, ARecordThatDoesNotFitIsRefusedAndLeavesNothing) {
  append("one");
  const auto refused = wait(spool_->append(std::string(Spool::kRecordMax + 1, 'x')));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error_class(), ErrorClass::resource);
  append("two");
  EXPECT_EQ(restart(), (Texts{"one", "two"}));
}

TEST_F(LocalSpoolTest, ALongSpoolIsManyFilesAndThoseThatAreDoneGo) {
  const std::string big(LocalSpool::kFileMax / 2 + 1, 'x');
  for (int i = 0; i < 4; ++i) append(big);
  EXPECT_EQ(files().size(), 2U);
  EXPECT_TRUE(wait(spool_->drop_through(2)));
  EXPECT_EQ(files().size(), 1U);
  EXPECT_EQ(restart().size(), 2U);
}

}  // namespace
}  // namespace holdfast
