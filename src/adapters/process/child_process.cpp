#include "adapters/process/child_process.hpp"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>

#include "adapters/process/spawn.hpp"

namespace holdfast {
namespace {

constexpr std::size_t kWordsMax = 300;

using Descriptor = asio::posix::stream_descriptor;

}  // namespace

class ChildProcess::State : public std::enable_shared_from_this<State> {
 public:
  State(const asio::any_io_executor& executor, Clock& clock, process::Spawned spawned)
      : pid_{spawned.pid},
        pidfd_{executor, spawned.pidfd.release()},
        stderr_{executor, spawned.stderr_end.release()},
        ended_{clock.make_wakeup()} {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  /// Reached with the child alive only when the executor went first and dropped the waits.
  ~State() {
    if (!exit_) process::kill_and_reap(pid_);
  }

  void watch() {
    wait_for_end();
    wait_for_errors();
  }
  void kill() {
    by_us_ = true;
    kill_group();
  }
  [[nodiscard]] int pid() const { return pid_; }
  [[nodiscard]] const std::optional<ChildExit>& exit() const { return exit_; }
  [[nodiscard]] const std::string& tail() const { return tail_; }
  Wakeup& ended() { return *ended_; }

 private:
  void kill_group() const {
    if (!exit_) ::kill(-pid_, SIGKILL);
  }
  void wait_for_end() {
    pidfd_.async_wait(
        Descriptor::wait_read, [self = shared_from_this()](const boost::system::error_code& error) {
          if (error) return;
          if (process::has_ended(self->pid_)) return self->reap();
          self->wait_for_end();  // readiness may be announced wrongly when descriptors are reused
        });
  }
  /// What is left in the pipe is read after the group is dead: nobody can keep filling it then.
  void reap() {
    kill_group();
    while (read_errors() > 0) {
    }
    exit_ = process::kill_and_reap(pid_);
    exit_->by_us = by_us_;
    boost::system::error_code ignored;
    stderr_.close(ignored);  // ends the wait on it
    ended_->ring();
  }
  void wait_for_errors() {
    stderr_.async_wait(Descriptor::wait_read,
                       [self = shared_from_this()](const boost::system::error_code& error) {
                         if (error || self->exit_) return;
                         const ssize_t got = self->read_errors();
                         if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR)))
                           self->wait_for_errors();
                       });
  }
  /// One read. At the limit the child is killed and nothing more is kept.
  ssize_t read_errors() {
    std::array<char, 16'384> piece{};
    if (seen_ > kStderrMax) {
      kill();
      return 0;
    }
    const ssize_t got = ::read(stderr_.native_handle(), piece.data(), piece.size());
    if (got <= 0) return got;
    seen_ += static_cast<std::uint64_t>(got);
    tail_.append(piece.data(), static_cast<std::size_t>(got));
    if (tail_.size() > kStderrKept) tail_.erase(0, tail_.size() - kStderrKept);
    return got;
  }

  int pid_;
  Descriptor pidfd_;
  Descriptor stderr_;
  std::unique_ptr<Wakeup> ended_;
  std::optional<ChildExit> exit_;
  std::string tail_;
  std::uint64_t seen_ = 0;
  bool by_us_ = false;
};

std::string describe(const ChildExit& exit) {
  if (exit.signal == 0) return "ended with code " + std::to_string(exit.code);
  return "killed by signal " + std::to_string(exit.signal) + " (" + ::strsignal(exit.signal) + ")";
}

Result<std::unique_ptr<ChildProcess>> ChildProcess::spawn(const asio::any_io_executor& executor, Clock& clock,
                                                          const ChildSpec& spec) {
  HF_TRY(auto spawned, process::spawn(spec));
  UniqueFd channel = std::move(spawned.channel);
  UniqueFd output = std::move(spawned.output);
  const auto state = std::make_shared<State>(executor, clock, std::move(spawned));
  state->watch();
  std::unique_ptr<ChildProcess> child{new ChildProcess{state}};
  child->channel_ = std::move(channel);
  child->output_ = std::move(output);
  return child;
}

ChildProcess::ChildProcess(std::shared_ptr<State> state) : state_{std::move(state)} {}
ChildProcess::~ChildProcess() { kill(); }

int ChildProcess::pid() const noexcept { return state_->pid(); }
bool ChildProcess::running() const noexcept { return !state_->exit(); }
void ChildProcess::kill() { state_->kill(); }
const std::string& ChildProcess::stderr_tail() const noexcept { return state_->tail(); }
UniqueFd ChildProcess::take_channel() { return std::move(channel_); }
UniqueFd ChildProcess::take_output() { return std::move(output_); }

Task<Result<ChildExit>> ChildProcess::wait(MonoTime deadline) {
  const auto state = state_;
  while (!state->exit()) {
    auto ended = state->ended().wait_until(deadline);
    HF_CO_TRY(const bool rung, co_await std::move(ended));
    if (!rung) co_return fail(ErrorClass::transient, "HF-ENG-03", "the program did not end in time");
  }
  co_return *state->exit();
}

std::string ChildProcess::last_words() const {
  std::string_view text = state_->tail();
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  if (const auto line = text.find_last_of('\n'); line != std::string_view::npos) text.remove_prefix(line + 1);
  std::string words{text.substr(0, kWordsMax)};
  for (char& letter : words) {
    if (letter < ' ' || letter > '~') letter = '?';
  }
  return words;
}

}  // namespace holdfast
