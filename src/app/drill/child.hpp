#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "worker/unique_fd.hpp"

namespace holdfast::drill {

/// A program that runs beside a drill: its standard output is read by lines, its standard error goes to a file.
/// Killed when it goes out of scope.
class Child {
 public:
  struct Order {
    std::vector<std::string> words;                ///< program (a path) and arguments
    std::map<std::string, std::string> variables;  ///< its whole environment
    std::filesystem::path folder;                  ///< where it runs
    std::filesystem::path log;                     ///< appended to
  };
  /// Errors: transient HF-DRL-01 (cannot be started).
  static Result<Child> start(const Order& order);

  Child() = default;
  Child(Child&& other) noexcept { *this = std::move(other); }
  Child& operator=(Child&& other) noexcept;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { kill(); }

  [[nodiscard]] pid_t pid() const { return pid_; }
  /// The next line of its standard output without its end. Errors: transient HF-DRL-01 (it ended, or was silent).
  Result<std::string> line(milliseconds time);
  /// SIGKILL, and waits.
  void kill();
  /// SIGTERM, and waits; its exit code, 128 + signal where one ended it. Errors: transient HF-DRL-01 (still there).
  Result<int> end(milliseconds time);

 private:
  pid_t pid_ = 0;
  UniqueFd output_;
  std::string unread_;
};

}  // namespace holdfast::drill
