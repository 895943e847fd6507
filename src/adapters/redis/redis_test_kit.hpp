#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "adapters/asio/clock.hpp"
#include "adapters/redis/redis_cache.hpp"

namespace holdfast::redis {

/// A port of the loopback that nobody had a moment ago.
inline std::string free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof(address);
  const bool bound = ::bind(probe, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(probe);
  return bound ? std::to_string(ntohs(address.sin_port)) : "";
}

/// A scratch folder, removed at the end.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "holdfast-redis-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::terminate();
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream{path_ / name} << text;
    return file(name);
  }
  [[nodiscard]] std::string text() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

/// Where a program of PATH is; empty: it is not there.
inline std::string find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders{path != nullptr ? path : "/usr/bin"};
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::string program = folder + '/' + name;
    if (::access(program.c_str(), X_OK) == 0) return program;
  }
  return {};
}

/// A real redis-server on a free port of the loopback, without anything on a disk. Ended by its process id.
class RedisServer {
 public:
  /// `more`: further words of its command line.
  explicit RedisServer(std::vector<std::string> more = {}, bool plain = true) : more_{std::move(more)}, plain_{plain} {
    if (missing().empty()) start();
  }
  ~RedisServer() { kill(); }
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  /// Why there is none; empty: there is.
  static std::string missing() {
    return find_program("redis-server").empty() ? "redis-server is not installed (scripts/setup/packages.sh test)" : "";
  }
  [[nodiscard]] const std::string& port() const { return port_; }

  void start() {
    std::vector<std::string> words{find_program("redis-server"), "--bind", "127.0.0.1", "--save", "",
                                   "--appendonly", "no", "--dir", folder_.text(), "--logfile", folder_.file("log")};
    words.insert(words.end(), {plain_ ? "--port" : "--tls-port", port_});
    if (!plain_) words.insert(words.end(), {"--port", "0"});
    words.insert(words.end(), more_.begin(), more_.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    if (!takes_connections()) ADD_FAILURE() << "redis-server did not start; its log is " << log();
  }
  /// As the out-of-memory killer does it.
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  /// It takes connections and says nothing.
  void freeze() const { ::kill(pid_, SIGSTOP); }
  void thaw() const { ::kill(pid_, SIGCONT); }

 private:
  [[nodiscard]] bool takes_connections() const {
    for (int tries = 0; tries < 2'000; ++tries) {
      const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
      sockaddr_in address{.sin_family = AF_INET,
                          .sin_port = htons(static_cast<std::uint16_t>(std::stoi(port_))),
                          .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
      const bool open = ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
      ::close(socket);
      if (open) return true;
      std::this_thread::sleep_for(milliseconds{10});
    }
    return false;
  }
  [[nodiscard]] std::string log() const {
    std::ifstream in{folder_.file("log")};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  Folder folder_;
  std::vector<std::string> more_;
  bool plain_;
  std::string port_ = free_port();
  pid_t pid_ = 0;
};

/// Runs a coroutine on an io_context of its own to its end.
class Runner {
 public:
  template <class T>
  T run(Task<T> task) {
    std::optional<T> out;
    auto keeping = [](Task<T> what, std::optional<T>* where) -> Task<void> {
      where->emplace(co_await std::move(what));
    };
    asio::co_spawn(io_, keeping(std::move(task), &out), [](const std::exception_ptr& bug) {
      if (bug) std::rethrow_exception(bug);
    });
    io_.restart();
    io_.run();
    return std::move(out).value();
  }
  SystemClock& clock() { return clock_; }

 private:
  asio::io_context io_{1};
  SystemClock clock_{io_.get_executor()};
};

/// A wait that only a hang exceeds.
inline constexpr milliseconds kPatience{30'000};

inline RedisConfig config_of(const RedisServer& server) {
  return {.address = {.host = "127.0.0.1", .port = server.port()}, .time_max = kPatience};
}

}  // namespace holdfast::redis
