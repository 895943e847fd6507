#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <fstream>
#include <optional>

#include "adapters/asio/clock.hpp"
#include "adapters/asio/entropy.hpp"
#include "adapters/ffmpeg/media_pool.hpp"

namespace holdfast {

/// A scratch DATA folder with a store and the media worker on it, and FFmpeg of this machine to make inputs
/// with.
class MediaWorld : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "holdfast-media-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    std::filesystem::create_directory(root_ / "made");
    auto opened = LocalBlobStore::open({.root = root_ / "data", .reserve_bytes = 0}, files_, entropy_);
    ASSERT_TRUE(opened);
    blobs_ = *std::move(opened);
    config_.confine = HF_CONFINE;
    config_.root = root_ / "data";
    open_pool();
  }
  void TearDown() override {
    run_.reset();
    pool_.reset();
    io_.restart();
    io_.run();
    files_.join();
    EXPECT_TRUE(std::filesystem::is_empty(root_ / "data" / "work")) << "work folders are always removed";
    std::filesystem::remove_all(root_);
  }
  void open_pool() {
    auto pool = FfmpegPool::open(config_, {io_.get_executor(), clock_, entropy_, *blobs_, files_});
    ASSERT_TRUE(pool) << pool.error().what();
    pool_ = *std::move(pool);
  }

  template <class T>
  T wait(Task<T> task) {
    std::optional<T> result;
    asio::co_spawn(io_, std::move(task), [&](const std::exception_ptr& bug, T value) {
      if (bug) std::rethrow_exception(bug);
      result.emplace(std::move(value));
    });
    io_.restart();
    while (!result && io_.run_one() > 0) {
    }
    return *std::move(result);
  }
  /// Puts a file's bytes where a blob lies. Its name is the token and says nothing.
  BlobId stored(const std::filesystem::path& file) {
    const std::string token = make_token(entropy_.roll());
    std::filesystem::copy_file(file, *blobs_->path_of(BlobId{token}));
    return BlobId{token};
  }
  BlobId stored_text(const std::string& text) {
    const std::filesystem::path file = root_ / "made" / "text";
    std::ofstream{file, std::ios::binary} << text;
    return stored(file);
  }
  Result<void> begin(WorkRequest request) {
    auto started = wait(pool_->start(std::move(request)));
    if (!started) return std::unexpected{started.error()};
    run_ = *std::move(started);
    return {};
  }
  Result<Finished> convert(const BlobId& input) {
    HF_TRY_VOID(begin({.worker = WorkerKind::media, .item = ItemId{"itm_1"}, .body = "{}", .input = input}));
    for (;;) {
      HF_TRY(auto event, wait(run_->next()));
      if (auto* finished = std::get_if<Finished>(&event)) return std::move(*finished);
    }
  }
  Result<Finished> convert_file(const std::filesystem::path& file) { return convert(stored(file)); }
  static std::string code_of(const Result<Finished>& result) { return result ? "" : result.error().code(); }
  static boost::json::object body_of(const Finished& finished) {
    return boost::json::parse(finished.body).as_object();
  }

  /// Runs FFmpeg unconfined to make an input. Arguments are ours, never data.
  std::filesystem::path made(const std::string& name, const std::string& arguments) {
    const std::filesystem::path file = root_ / "made" / name;
    ChildSpec spec{
        .command = {"/bin/sh", "-c", "exec ffmpeg -nostdin -v error -y " + arguments + " file:" + name},
        .folder = root_ / "made"};
    auto child = ChildProcess::spawn(io_.get_executor(), clock_, spec);
    EXPECT_TRUE(child);
    const auto exit = wait((*child)->wait(clock_.mono_now() + milliseconds{120'000}));
    EXPECT_TRUE(exit && exit->ok()) << arguments << ": " << (*child)->stderr_tail();
    return file;
  }

  std::filesystem::path root_;
  asio::io_context io_;
  asio::thread_pool files_{1};
  SystemClock clock_{io_.get_executor()};
  SystemEntropy entropy_;
  std::unique_ptr<LocalBlobStore> blobs_;
  FfmpegConfig config_;
  std::unique_ptr<FfmpegPool> pool_;
  std::unique_ptr<WorkRun> run_;
};

/// A listener on 127.0.0.1 that only remembers whether somebody came.
class Canary {
 public:
  Canary() : fd_{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)} {
    sockaddr_in here{.sin_family = AF_INET};
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&here), sizeof here), 0);
    EXPECT_EQ(::listen(fd_.get(), 8), 0);
    socklen_t size = sizeof here;
    ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&here), &size);
    port_ = ntohs(here.sin_port);
  }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] bool touched() const {
    return static_cast<bool>(UniqueFd{::accept(fd_.get(), nullptr, nullptr)});
  }

 private:
  UniqueFd fd_;
  unsigned port_ = 0;
};

}  // namespace holdfast
