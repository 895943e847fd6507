#include "app/drill/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "adapters/process/launch.hpp"
#include "app/cli/progress.hpp"
#include "app/drill/drill.hpp"

namespace holdfast::drill {
namespace {

constexpr std::size_t kLineMax = 64U << 10U;
constexpr milliseconds kPoll{20};

std::unexpected<Error> no_child(const std::string& what) { return fail(ErrorClass::transient, kBroken, what); }

/// It stays in our process group: who ends the drill ends this as well.
int spawn(const Child::Order& order, int output, pid_t* pid) {
  const UniqueFd log{::open(order.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
  if (!log) return errno;
  process::Launch launching{.words = order.words,
                            .variables = {},
                            .folder = order.folder.string(),
                            .descriptors = {{output, STDOUT_FILENO}, {log.get(), STDERR_FILENO}},
                            .own_group = false};
  for (const auto& [name, value] : order.variables) launching.variables.push_back(name + "=" + value);
  return process::launch(std::move(launching), pid);
}

int code_of(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

}  // namespace

Result<Child> Child::start(const Order& order) {
  std::array<int, 2> pipe{-1, -1};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return no_child(std::string{"no pipe: "} + std::strerror(errno));
  Child child;
  child.output_.reset(pipe[0]);
  const UniqueFd writing{pipe[1]};
  if (const int problem = spawn(order, writing.get(), &child.pid_); problem != 0) {
    child.pid_ = 0;
    return no_child(order.words[0] + " cannot be started: " + std::strerror(problem));
  }
  return child;
}

Child& Child::operator=(Child&& other) noexcept {
  if (this == &other) return *this;
  kill();
  pid_ = std::exchange(other.pid_, 0);
  output_ = std::move(other.output_);
  unread_ = std::move(other.unread_);
  return *this;
}

Result<std::string> Child::line(milliseconds time) {
  const milliseconds deadline = cli::steady_now() + time;
  for (;;) {
    if (const auto end = unread_.find('\n'); end != std::string::npos) {
      std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return line;
    }
    if (unread_.size() > kLineMax) return no_child("it printed a line without an end");
    pollfd entry{.fd = output_.get(), .events = POLLIN, .revents = 0};
    const auto rest = std::max<milliseconds::rep>((deadline - cli::steady_now()).count(), 0);
    const bool ready = ::poll(&entry, 1, static_cast<int>(rest)) > 0;
    if (!ready && cli::steady_now() >= deadline) return no_child("it said nothing");
    if (entry.revents == 0) continue;
    std::array<char, 4096> chunk{};
    const ssize_t count = ::read(output_.get(), chunk.data(), chunk.size());
    if (count <= 0 && errno != EINTR) return no_child("it ended");
    if (count > 0) unread_.append(chunk.data(), static_cast<std::size_t>(count));
  }
}

void Child::kill() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
  unread_.clear();
}

Result<int> Child::end(milliseconds time) {
  if (pid_ == 0) return no_child("it is not running");
  ::kill(pid_, SIGTERM);
  const milliseconds deadline = cli::steady_now() + time;
  int status = 0;
  while (::waitpid(pid_, &status, WNOHANG) != pid_) {
    if (cli::steady_now() >= deadline) return no_child("it did not end");
    std::ignore = ::poll(nullptr, 0, static_cast<int>(kPoll.count()));
  }
  pid_ = 0;
  unread_.clear();
  return code_of(status);
}

}  // namespace holdfast::drill
