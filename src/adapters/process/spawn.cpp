#include "adapters/process/spawn.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

namespace holdfast::process {
namespace {

/// Our descriptors stay above those that the child's own are put at, so that none is overwritten on the way.
constexpr int kAboveChildFds = 10;
constexpr int kChannelAt = 3;

std::unexpected<Error> no_child(int error, const std::string& what) {
  const std::string sentence = what + ": " + std::generic_category().message(error);
  const bool missing = error == ENOENT || error == EACCES || error == ENOTDIR || error == ENOEXEC;
  if (missing) return fail(ErrorClass::dependency, "HF-ENG-02", sentence);
  return fail(ErrorClass::transient, "HF-ENG-07", sentence);
}

Result<UniqueFd> moved_up(UniqueFd fd) {
  const int moved = ::fcntl(fd.get(), F_DUPFD_CLOEXEC, kAboveChildFds);
  if (moved < 0) return no_child(errno, "descriptor");
  return UniqueFd{moved};
}

/// `ours` and the child's end.
struct Ends {
  UniqueFd ours;
  UniqueFd theirs;
};
Result<Ends> as_ends(int ours, int theirs) {
  UniqueFd first{ours};
  UniqueFd second{theirs};
  HF_TRY(UniqueFd up, moved_up(std::move(second)));
  if (::fcntl(first.get(), F_SETFL, O_NONBLOCK) != 0) return no_child(errno, "descriptor");
  return Ends{std::move(first), std::move(up)};
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
Result<UniqueFd> open_null() {
  UniqueFd null{::open("/dev/null", O_RDWR | O_CLOEXEC)};
  if (!null) return no_child(errno, "/dev/null");
  return moved_up(std::move(null));
}

/// The child's descriptors 0 to 3; everything above is closed in it.
class Actions {
 public:
  Actions() { ::posix_spawn_file_actions_init(&actions_); }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;
  ~Actions() { ::posix_spawn_file_actions_destroy(&actions_); }
  void put(const UniqueFd& fd, int at) { note(::posix_spawn_file_actions_adddup2(&actions_, fd.get(), at)); }
  void close_from(int first) { note(::posix_spawn_file_actions_addclosefrom_np(&actions_, first)); }
  void enter(const char* folder) { note(::posix_spawn_file_actions_addchdir_np(&actions_, folder)); }
  [[nodiscard]] int error() const { return error_; }
  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  void note(int error) {
    if (error_ == 0) error_ = error;
  }
  posix_spawn_file_actions_t actions_{};
  int error_ = 0;
};

/// Own process group, no blocked signals, default reactions.
class Attributes {
 public:
  Attributes() {
    ::posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(&attributes_,
                               POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() { ::posix_spawnattr_destroy(&attributes_); }
  [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

Result<int> run(const ChildSpec& spec, const Actions& actions) {
  if (spec.command.empty()) return no_child(ENOENT, "no program is configured");
  std::vector<std::string> command = spec.command;
  std::vector<std::string> environment{"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"};
  environment.insert(environment.end(), spec.environment.begin(), spec.environment.end());
  const auto arguments = pointers(command);
  const auto variables = pointers(environment);
  const Attributes attributes;
  int pid = -1;
  const int error = ::posix_spawn(&pid, command.front().c_str(), actions.get(), attributes.get(),
                                  arguments.data(), variables.data());
  if (error != 0) return no_child(error, command.front());
  return pid;
}

}  // namespace

Result<Spawned> spawn(const ChildSpec& spec) {
  HF_TRY(const UniqueFd null, open_null());
  HF_TRY(Ends errors, make_pipe());
  Ends output;
  Ends channel;
  if (spec.output) {
    HF_TRY(output, make_pipe());
  }
  if (spec.channel) {
    HF_TRY(channel, make_socket_pair());
  }

  Actions actions;
  actions.put(null, 0);
  actions.put(spec.output ? output.theirs : null, 1);
  actions.put(errors.theirs, 2);
  if (spec.channel) actions.put(channel.theirs, kChannelAt);
  actions.close_from(spec.channel ? kChannelAt + 1 : kChannelAt);
  actions.enter(spec.folder.empty() ? "/" : spec.folder.c_str());
  if (actions.error() != 0) return no_child(actions.error(), "spawn");

  HF_TRY(const int pid, run(spec, actions));
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
