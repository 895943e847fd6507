#include "app/cli/subprocess.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "app/cli/interrupt.hpp"
#include "app/cli/progress.hpp"

namespace holdfast::cli {

namespace {

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> variables_of(const Child& child) {
  std::vector<std::string> variables;
  for (const auto& [name, value] : child.environment) variables.push_back(name + "=" + value);
  return variables;
}

/// The child's end of the world: its own process group, default signals, no standard input, output to the
/// pipe or to standard error.
class Preparation {
 public:
  Preparation(const Child& child, int output) {
    posix_spawn_file_actions_init(&files_);
    posix_spawnattr_init(&attributes_);
    posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files_, child.visible ? STDERR_FILENO : output, STDOUT_FILENO);
    if (!child.visible) posix_spawn_file_actions_adddup2(&files_, output, STDERR_FILENO);
    sigset_t none;
    sigset_t restored;
    sigemptyset(&none);
    sigemptyset(&restored);
    for (const int number : {SIGINT, SIGTERM, SIGPIPE}) sigaddset(&restored, number);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &restored);
    posix_spawnattr_setflags(&attributes_,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~Preparation() {
    posix_spawn_file_actions_destroy(&files_);
    posix_spawnattr_destroy(&attributes_);
  }
  Preparation(const Preparation&) = delete;
  Preparation& operator=(const Preparation&) = delete;

  int start(const Child& child, pid_t& pid) const {
    std::vector<std::string> words = child.words;
    std::vector<std::string> variables = variables_of(child);
    return posix_spawnp(&pid, words[0].c_str(), &files_, &attributes_, pointers_to(words).data(),
                        pointers_to(variables).data());
  }

 private:
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t attributes_{};
};

/// The reading end sees the end of the stream when the child and all it started are gone.
Result<bool> read_until_end(int pipe, milliseconds deadline, std::string& output) {
  std::array<char, 4096> chunk{};
  for (;;) {
    pollfd entry{.fd = pipe, .events = POLLIN, .revents = 0};
    HF_TRY(const bool ready, interrupt::wait_for({&entry, 1}, deadline - steady_now()));
    if (!ready && steady_now() >= deadline) return false;
    if (entry.revents == 0) continue;
    const ssize_t count = read(pipe, chunk.data(), chunk.size());
    if (count == 0 || (count < 0 && errno != EINTR)) return true;
    const std::size_t room = kChildOutputMax - output.size();
    if (count > 0) output.append(chunk.data(), std::min(room, static_cast<std::size_t>(count)));
  }
}

int reap(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Result<ChildEnd> run_child(const Child& child) {
  std::array<int, 2> pipe{-1, -1};
  if (pipe2(pipe.data(), O_CLOEXEC) != 0) {
    return fail(ErrorClass::transient, "HF-CLI-03", std::string{"no pipe: "} + std::strerror(errno));
  }
  // A visible child keeps the writing end only to show when it has ended; nothing is written to it.
  const int kept = child.visible ? fcntl(pipe[1], F_DUPFD, 10) : -1;
  pid_t pid = 0;
  const int problem = Preparation{child, pipe[1]}.start(child, pid);
  close(pipe[1]);
  if (kept >= 0) close(kept);
  ChildEnd end;
  const auto ended =
      problem == 0 ? read_until_end(pipe[0], steady_now() + child.time_max, end.output) : Result<bool>{true};
  close(pipe[0]);
  if (problem != 0) {
    return fail(ErrorClass::not_found, "HF-CLI-03",
                child.words[0] + " cannot be started: " + std::strerror(problem));
  }
  end.timed_out = ended && !*ended;
  if (!ended || end.timed_out) kill(-pid, SIGKILL);
  end.code = reap(pid);
  if (!ended) return std::unexpected{ended.error()};
  return end;
}

}  // namespace holdfast::cli
