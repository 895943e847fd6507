#include "app/cli/subprocess.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "adapters/process/launch.hpp"
#include "app/cli/interrupt.hpp"
#include "app/cli/progress.hpp"
#include "worker/unique_fd.hpp"

namespace holdfast::cli {

namespace {

/// A visible child has the pipe as well, above what it writes to: only to show when it and all it started have ended.
int start(const Child& child, int pipe, pid_t* pid) {
  process::Launch launching{.words = child.words, .variables = {}, .look_in_path = true};
  for (const auto& [name, value] : child.environment) launching.variables.push_back(name + "=" + value);
  if (child.visible) {
    launching.descriptors = {{STDERR_FILENO, STDOUT_FILENO}, {STDERR_FILENO, STDERR_FILENO}, {pipe, STDERR_FILENO + 1}};
  } else {
    launching.descriptors = {{pipe, STDOUT_FILENO}, {pipe, STDERR_FILENO}};
  }
  return process::launch(std::move(launching), pid);
}

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
  const UniqueFd reading{pipe[0]};
  UniqueFd writing{pipe[1]};
  pid_t pid = 0;
  if (const int problem = start(child, writing.get(), &pid); problem != 0) {
    return fail(ErrorClass::not_found, "HF-CLI-03", child.words[0] + " cannot be started: " + std::strerror(problem));
  }
  writing.reset();
  ChildEnd end;
  const auto ended = read_until_end(reading.get(), steady_now() + child.time_max, end.output);
  end.timed_out = ended && !*ended;
  if (!ended || end.timed_out) kill(-pid, SIGKILL);
  end.code = reap(pid);
  if (!ended) return std::unexpected{ended.error()};
  return end;
}

}  // namespace holdfast::cli
