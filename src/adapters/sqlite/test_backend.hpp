#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "adapters/sqlite/stores.hpp"

namespace holdfast::sqlite {

/// A folder of its own for a test, removed at its end.
class TestFolder {
 public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "holdfast-sqlite-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::terminate();
    path_ = name;
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  [[nodiscard]] std::string store() const { return (path_ / "holdfast.db").string(); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// The backend of the contract suites (tests/contract).
class TestBackend {
 public:
  explicit TestBackend(SqliteOptions options = {}) : options_{std::move(options)} {
    options_.now = [this] { return now_.load(); };
    open();
  }

  /// On what is in `folder`, copied: the platform's file system, whatever the one before was.
  explicit TestBackend(const std::filesystem::path& folder) {
    std::filesystem::copy(folder, folder_.path());
    options_.now = [this] { return now_.load(); };
    open();
  }

  JobStore& store() { return *stores_.jobs; }
  AccountStore& accounts() { return *stores_.accounts; }
  StateStore& states() { return *stores_.states; }
  RetentionStore& retention() { return *stores_.retention; }
  SessionStore& sessions() { return *stores_.sessions; }
  VectorStore& vectors() { return *stores_.vectors; }
  void set_now(WallTime now) { now_ = now; }
  void close() { stores_ = {}; }
  void reopen() {
    close();
    open();
  }
  template <class T>
  T run(Task<T> task) {
    std::optional<T> result;
    asio::co_spawn(io_, std::move(task), [&](std::exception_ptr bug, T value) {
      if (bug) std::terminate();
      result = std::move(value);
    });
    io_.restart();
    io_.run();
    return *std::move(result);
  }
  [[nodiscard]] const TestFolder& folder() const { return folder_; }
  asio::io_context& io() { return io_; }

 private:
  void open() {
    auto opened = open_sqlite_stores(folder_.store(), options_);
    if (!opened) {
      ADD_FAILURE() << opened.error().what();
      std::terminate();
    }
    stores_ = *std::move(opened);
  }

  TestFolder folder_;
  std::atomic<WallTime> now_{};
  SqliteOptions options_;
  asio::io_context io_;
  SqliteStores stores_;
};

}  // namespace holdfast::sqlite
