#include "adapters/process/spawn.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

#include "adapters/process/launch.hpp"

namespace holdfast::process {
namespace {

constexpr int kChannelAt = 3;

std::unexpected<Error> no_child(int error, const std::string& what) {
  const std::string sentence = what + ": " + std::generic_category().message(error);
  const bool missing = error == ENOENT || error == EACCES || error == ENOTDIR || error == ENOEXEC;
  if (missing) return fail(ErrorClass::dependency, "HF-ENG-02", sentence);
  return fail(ErrorClass::transient, "HF-ENG-07", sentence);
}

/// `ours` and the child's end.
struct Ends {
  UniqueFd ours;
  UniqueFd theirs;
};
Result<Ends> as_ends(int ours, int theirs) {
  UniqueFd first{ours};
  UniqueFd second{theirs};
  if (::fcntl(first.get(), F_SETFL, O_NONBLOCK) != 0) return no_child(errno, "descriptor");
  return Ends{std::move(first), std::move(second)};
}
Result<Ends> make_pipe() {
  std::array<int, 2> fds{-1, -1};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0) return no_child(errno, "pipe");
  return as_ends(fds[0], fds[1]);
}
Result<Ends> make_socket_pair() {
  std::array<int, 2> fds{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) != 0)
    return no_child(errno, "socket pair");
  return as_ends(fds[0], fds[1]);
}
}  // namespace

Result<Spawned> spawn(const ChildSpec& spec) {
  if (spec.command.empty()) return no_child(ENOENT, "no program is configured");
  HF_TRY(Ends errors, make_pipe());
  Ends output;
  Ends channel;
  if (spec.output) {
    HF_TRY(output, make_pipe());
  }
  if (spec.channel) {
    HF_TRY(channel, make_socket_pair());
  }

  Launch launching{.words = spec.command,
                   .variables = {"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"},
                   .folder = spec.folder.empty() ? "/" : spec.folder.string(),
                   .descriptors = {{errors.theirs.get(), STDERR_FILENO}}};
  launching.variables.insert(launching.variables.end(), spec.environment.begin(), spec.environment.end());
  if (spec.output) launching.descriptors.push_back({output.theirs.get(), STDOUT_FILENO});
  if (spec.channel) launching.descriptors.push_back({channel.theirs.get(), kChannelAt});
  int pid = -1;
  if (const int error = launch(std::move(launching), &pid); error != 0) return no_child(error, spec.command.front());
  UniqueFd pidfd{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
  if (!pidfd) {
    const int error = errno;
    kill_and_reap(pid);
    return no_child(error, "pidfd");
  }
  return Spawned{.pid = pid,
                 .pidfd = std::move(pidfd),
                 .stderr_end = std::move(errors.ours),
                 .channel = std::move(channel.ours),
                 .output = std::move(output.ours)};
}

bool has_ended(int pid) {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == pid;
}

/// The group is killed before the leader is reaped: until then its number cannot belong to anybody else.
ChildExit kill_and_reap(int pid) {
  ::kill(-pid, SIGKILL);
  siginfo_t info{};
  rusage used{};  // the call of the C library leaves it out
  while (::syscall(SYS_waitid, P_PID, pid, &info, WEXITED, &used) != 0 && errno == EINTR) {
  }
  const auto peak_bytes = static_cast<std::uint64_t>(used.ru_maxrss) * 1024;
  if (info.si_code == CLD_EXITED) return {.code = info.si_status, .peak_bytes = peak_bytes};
  return {.signal = info.si_status, .peak_bytes = peak_bytes};
}

}  // namespace holdfast::process
