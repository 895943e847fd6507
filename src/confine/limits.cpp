#include "confine/limits.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>

namespace holdfast::confine {
namespace {

/// Address space beyond private memory: libraries and models that are mapped from files cost no memory of
/// their own.
constexpr std::uint64_t kMappedSlack = 8ULL << 30U;
/// After SIGXCPU, which says why, so many seconds until SIGKILL.
constexpr std::uint64_t kCpuGrace = 5;
/// Added to our badness when the kernel looks for somebody to kill.
constexpr std::string_view kKillMeFirst = "500";

std::string problem(std::string_view what) { return std::string{what} + ": " + std::strerror(errno); }

bool limit(decltype(RLIMIT_CORE) what, std::uint64_t value, std::uint64_t grace = 0) {
  const rlimit both{.rlim_cur = value, .rlim_max = value + grace};
  return ::setrlimit(what, &both) == 0;
}

/// A hint to the kernel: where it is not taken, nothing is lost but the order of dying.
void be_killed_first() {
  const int fd = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  (void)!::write(fd, kKillMeFirst.data(), kKillMeFirst.size());
  ::close(fd);
}

/// At least that nice: to be less nice than we are needs a right that we may not have.
bool be_nice(int wanted) {
  errno = 0;
  const int now = ::getpriority(PRIO_PROCESS, 0);
  return (now == -1 && errno != 0 ? false : now >= wanted) || ::setpriority(PRIO_PROCESS, 0, wanted) == 0;
}

}  // namespace

std::string set_limits(const Arguments& arguments) {
  be_killed_first();
  if (!be_nice(static_cast<int>(arguments.nice))) return problem("nice");
  if (!limit(RLIMIT_CORE, 0)) return problem("core limit");
  if (arguments.memory > 0 && !limit(RLIMIT_DATA, arguments.memory)) return problem("memory limit");
  if (arguments.memory > 0 && !limit(RLIMIT_AS, arguments.memory + kMappedSlack))
    return problem("address limit");
  if (arguments.cpu > 0 && !limit(RLIMIT_CPU, arguments.cpu, kCpuGrace)) return problem("CPU limit");
  if (arguments.file > 0 && !limit(RLIMIT_FSIZE, arguments.file)) return problem("file size limit");
  if (!limit(RLIMIT_NOFILE, arguments.files)) return problem("descriptor limit");
  return {};
}

std::string drop_privileges() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return problem("no new privileges");
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
  for (unsigned long capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
    (void)::prctl(PR_CAPBSET_DROP, capability, 0, 0,
                  0);  // fails without CAP_SETPCAP: then there is nothing to drop
  }
  (void)::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  if (::syscall(SYS_capset, &header, none.data()) != 0) return problem("capabilities");
  return {};
}

std::string tie_to_parent(std::uint64_t parent) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return problem("parent death signal");
  if (parent == 0 || static_cast<std::uint64_t>(::getppid()) == parent) return {};
  return "the parent is gone";
}

}  // namespace holdfast::confine
