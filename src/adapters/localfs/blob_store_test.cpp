#include "adapters/localfs/blob_store.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fstream>
#include <functional>
#include <optional>

#include "adapters/asio/entropy.hpp"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

// printf 'hello world' | sha256sum
constexpr std::string_view kHelloWorldSha256 =
    "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9";

class LocalBlobStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "holdfast-blobs-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    reopen(0);
  }
  void TearDown() override {
    store_.reset();
    pool_.join();
    fs::remove_all(root_);
  }

  void reopen(std::uint64_t reserve) {
    auto opened = LocalBlobStore::open({.root = root_, .reserve_bytes = reserve}, pool_, entropy_);
    ASSERT_TRUE(opened) << opened.error().what();
    store_ = *std::move(opened);
  }
  template <class T>
  T wait(Task<T> task) {
    std::optional<T> result;
    asio::co_spawn(io_, std::move(task),
                   [&](const std::exception_ptr&, T value) { result.emplace(std::move(value)); });
    io_.restart();
    io_.run();
    return *std::move(result);
  }
  std::unique_ptr<Staging> staging(std::uint64_t expected = 0) {
    auto opened = wait(store_->open_staging(expected));
    EXPECT_TRUE(opened) << opened.error().what();
    return *std::move(opened);
  }
  BlobInfo stored(const std::string& body) {
    const auto part = staging();
    EXPECT_TRUE(wait(part->append(body)));
    auto info = wait(part->seal());
    EXPECT_TRUE(info) << info.error().what();
    return *std::move(info);
  }
  fs::path written(const std::string& name, const std::string& body) {
    std::ofstream{root_ / name} << body;
    return root_ / name;
  }
  std::size_t files_below(const fs::path& folder) {
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator{folder})
      count += entry.is_regular_file() ? 1U : 0U;
    return count;
  }

  fs::path root_;
  asio::io_context io_;
  asio::thread_pool pool_{2};
  SystemEntropy entropy_;
  std::unique_ptr<LocalBlobStore> store_;
};

TEST_F(LocalBlobStoreTest, LAB_1_SealsBytesUnderAnUnguessableNameWithTheirHash) {
  const auto part = staging();

  ASSERT_TRUE(wait(part->append("hello ")));
  ASSERT_TRUE(wait(part->append("world")));
  const auto info = wait(part->seal());

  ASSERT_TRUE(info);
  EXPECT_EQ(info->bytes, 11U);
  EXPECT_EQ(info->sha256, kHelloWorldSha256);
  EXPECT_EQ(info->id.text().size(), 32U);
  const fs::path file = root_ / "files" / info->id.text().substr(0, 2) / info->id.text();
  EXPECT_EQ(fs::file_size(file), 11U);
  EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(files_below(root_ / "staging"), 0U);
}

TEST_F(LocalBlobStoreTest, LeavesNothingOfABodyThatWasNotSealed) {
  auto part = staging(10U << 20U);
  ASSERT_TRUE(wait(part->append(std::string(100'000, 'x'))));
  ASSERT_EQ(files_below(root_), 1U);

  part.reset();
  pool_.join();

  EXPECT_EQ(files_below(root_), 0U);
}

TEST_F(LocalBlobStoreTest, GivesBackTheRoomThatWasAnnouncedAndNotUsed) {
  const auto part = staging(64U << 20U);
  ASSERT_TRUE(wait(part->append("short")));

  const auto info = wait(part->seal());

  ASSERT_TRUE(info);
  struct stat stat{};
  ASSERT_EQ(::stat(store_->path_of(info->id)->c_str(), &stat), 0);
  EXPECT_EQ(stat.st_size, 5);
  EXPECT_LE(stat.st_blocks * 512, 1 << 20);
}

TEST_F(LocalBlobStoreTest, RefusesABodyThatWouldGoBelowTheReserve) {
  const auto free = wait(store_->free_bytes());
  ASSERT_TRUE(free);
  reopen(*free / 2);

  const auto fits = wait(store_->open_staging(0));
  const auto too_large = wait(store_->open_staging(*free / 2 + (1U << 30U)));

  EXPECT_TRUE(fits);
  ASSERT_FALSE(too_large);
  EXPECT_EQ(too_large.error().error_class(), ErrorClass::resource);
  EXPECT_EQ(too_large.error().code(), "HF-STO-02");
}

TEST_F(LocalBlobStoreTest, StopsABodyOfUnknownLengthAtTheReserve) {
  const auto part = staging();
  store_.reset();
  reopen(std::uint64_t{1} << 60U);  // more than any disk here has

  const auto refused = wait(store_->open_staging(0));

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), "HF-STO-02");
}

TEST_F(LocalBlobStoreTest, CallsAFullDiskALackOfRoom) {
  const auto full = localfs::open_file("/dev/full", O_WRONLY);
  ASSERT_TRUE(full);

  const auto wrote = localfs::write_all(full->get(), "bytes");

  ASSERT_FALSE(wrote);
  EXPECT_EQ(wrote.error().error_class(), ErrorClass::resource);
  EXPECT_EQ(wrote.error().code(), "HF-STO-02");
}

TEST_F(LocalBlobStoreTest, MeasuresWhatReallyLiesThere) {
  const BlobInfo info = stored("hello world");
  std::ofstream{*store_->path_of(info.id), std::ios::app} << "!";

  const auto measured = wait(store_->measure(info.id));

  ASSERT_TRUE(measured);
  EXPECT_EQ(measured->bytes, 12U);
  EXPECT_NE(measured->sha256, info.sha256);
}

TEST_F(LocalBlobStoreTest, SaysNotFoundForAMissingBlobAndForANameThatIsNone) {
  for (const std::string id : {"0123456789abcdef0123456789abcdef", "../../etc/passwd", "", "..", "0123"}) {
    const auto measured = wait(store_->measure(BlobId{id}));
    const auto opened = store_->open_read(BlobId{id});
    ASSERT_FALSE(measured) << id;
    ASSERT_FALSE(opened) << id;
    EXPECT_EQ(measured.error().error_class(), ErrorClass::not_found) << id;
    EXPECT_EQ(opened.error().code(), "HF-STO-03") << id;
  }
}

TEST_F(LocalBlobStoreTest, RemovesABlobOnceAndSaysYesTheSecondTime) {
  const BlobInfo info = stored("hello world");

  EXPECT_TRUE(wait(store_->remove(info.id)));
  EXPECT_TRUE(wait(store_->remove(info.id)));

  EXPECT_EQ(files_below(root_), 0U);
}

TEST_F(LocalBlobStoreTest, ListsSealedBlobsOnly) {
  const BlobInfo info = stored("hello world");
  const auto open_body = staging();
  ASSERT_TRUE(wait(open_body->append("half")));
  written("files/ab/not-a-token", "x");

  const auto listed = wait(store_->list());

  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_EQ(listed->front().id, info.id);
  EXPECT_EQ(listed->front().bytes, 11U);
}

TEST_F(LocalBlobStoreTest, SweepsAbandonedBodiesAndSparesThoseBeingWritten) {
  const auto open_body = staging();
  ASSERT_TRUE(wait(open_body->append("still coming")));
  written("staging/0123456789abcdef0123456789abcdef.part", "left by a crash");
  const WallTime tomorrow =
      std::chrono::floor<milliseconds>(std::chrono::system_clock::now()) + std::chrono::hours{24};

  const auto spared_by_age = wait(store_->sweep_staging(WallTime{}, false));
  const auto counted = wait(store_->sweep_staging(tomorrow, true));
  const auto swept = wait(store_->sweep_staging(tomorrow, false));

  EXPECT_EQ(spared_by_age.value_or(99), 0U);
  EXPECT_EQ(counted.value_or(99), 1U) << "a dry run counts, and removes nothing";
  EXPECT_EQ(swept.value_or(99), 1U);
  EXPECT_TRUE(wait(open_body->seal())) << "the body being written was not touched";
}

TEST_F(LocalBlobStoreTest, NeverReplacesABlobThatHasTheName) {
  const auto part = staging();
  ASSERT_TRUE(wait(part->append("new")));
  const fs::path part_file = fs::directory_iterator{root_ / "staging"} -> path();
  const std::string token = part_file.stem();
  written("files/" + token.substr(0, 2) + "/" + token, "old");

  const auto sealed = wait(part->seal());

  ASSERT_FALSE(sealed);
  EXPECT_EQ(sealed.error().error_class(), ErrorClass::transient);
  EXPECT_EQ(wait(store_->measure(BlobId{token}))->bytes, 3U);
  EXPECT_FALSE(fs::exists(part_file)) << "dropped after the error";
}

TEST_F(LocalBlobStoreTest, DropsTheBodyAfterAnErrorAndDoesNotTryAgain) {
  const auto part = staging();
  ASSERT_TRUE(wait(part->append("bytes")));
  fs::rename(root_ / "files", root_ / "away");

  const auto first = wait(part->seal());
  fs::rename(root_ / "away", root_ / "files");
  const auto second = wait(part->seal());

  EXPECT_FALSE(first);
  EXPECT_FALSE(second) << "a body that failed once stays failed";
  EXPECT_EQ(files_below(root_), 0U);
}

TEST_F(LocalBlobStoreTest, AdoptsAFinishedFile) {
  const fs::path file = written("result", "hello world");

  const auto info = wait(store_->adopt(file));

  ASSERT_TRUE(info) << info.error().what();
  EXPECT_EQ(info->sha256, kHelloWorldSha256);
  EXPECT_FALSE(fs::exists(file));
  EXPECT_EQ(wait(store_->measure(info->id))->sha256, kHelloWorldSha256);
}

TEST_F(LocalBlobStoreTest, AdoptsNeitherALinkNorAFifoNorAFileWithASecondName) {
  const fs::path secret = written("secret", "of somebody else");
  fs::create_symlink(secret, root_ / "symlink");
  fs::create_hard_link(secret, root_ / "hardlink");
  ASSERT_EQ(::mkfifo((root_ / "fifo").c_str(), 0600), 0);

  for (const char* name : {"symlink", "hardlink", "fifo"})
    EXPECT_FALSE(wait(store_->adopt(root_ / name))) << name;

  EXPECT_EQ(files_below(root_ / "files"), 0U);
  EXPECT_TRUE(fs::exists(secret));
}

}  // namespace
}  // namespace holdfast
