#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "ports/clock.hpp"
#include "worker/unique_fd.hpp"

namespace holdfast {

/// What to run and which pipes it gets. Standard input is always /dev/null; no other descriptor of ours is
/// inherited.
struct ChildSpec {
  std::vector<std::string> command;  ///< absolute path of the program, then its arguments
  std::vector<std::string>
      environment;               ///< NAME=VALUE, in addition to PATH and LANG; nothing of ours is inherited
  std::filesystem::path folder;  ///< working folder; empty: /
  bool channel = false;          ///< a socket pair, its end at descriptor 3
  bool output = false;           ///< standard output comes to us; otherwise it goes nowhere
};

struct ChildExit {
  int code = 0;    ///< meaningful when `signal` is 0
  int signal = 0;  ///< that killed it; 0: it ended by itself
  bool by_us = false;            ///< it was killed by its owner, or for what it wrote
  std::uint64_t peak_bytes = 0;  ///< the most memory that it held at once
  [[nodiscard]] bool ok() const noexcept { return code == 0 && signal == 0; }
};
/// "killed by signal 11 (Segmentation fault)", "ended with code 3".
[[nodiscard]] std::string describe(const ChildExit& exit);

/// A child in its own process group. Destroying it kills the whole group; it is reaped in any case.
/// Single-threaded: used from its executor only.
class ChildProcess {
 public:
  /// Errors: dependency HF-ENG-02 (no such program, or not executable), transient HF-ENG-07 (no process,
  /// memory, descriptor).
  static Result<std::unique_ptr<ChildProcess>> spawn(const asio::any_io_executor& executor, Clock& clock,
                                                     const ChildSpec& spec);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  [[nodiscard]] int pid() const noexcept;
  /// False as soon as its end was seen.
  [[nodiscard]] bool running() const noexcept;
  /// Kills the group. It is gone when wait() says so.
  void kill();
  /// How it ended. Errors: transient HF-ENG-03 (it still runs at the deadline), canceled.
  Task<Result<ChildExit>> wait(MonoTime deadline);
  /// The end of what it wrote to standard error, at most kStderrKept bytes.
  [[nodiscard]] const std::string& stderr_tail() const noexcept;
  /// The last line of that, made safe to show: printable ASCII, at most 300 characters.
  [[nodiscard]] std::string last_words() const;

  /// Our ends of the pipes that were asked for; each can be taken once.
  UniqueFd take_channel();
  UniqueFd take_output();

  static constexpr std::size_t kStderrKept = 4096;
  /// A child that writes more than this to standard error is killed.
  static constexpr std::uint64_t kStderrMax = 64U << 20U;

 private:
  class State;
  explicit ChildProcess(std::shared_ptr<State> state);
  // Shared with the pending waits on its pidfd and its standard error, which see its end after this object is
  // gone.
  std::shared_ptr<State> state_;
  UniqueFd channel_;
  UniqueFd output_;
};

}  // namespace holdfast
