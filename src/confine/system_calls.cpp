#include "confine/system_calls.hpp"

#include <sched.h>
#include <seccomp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <initializer_list>
#include <memory>

namespace holdfast::confine {
namespace {

/// A name that this system's libseccomp or machine does not know is no way out on it either.
using Names = std::initializer_list<const char*>;

constexpr Names kRefused{
    // other processes
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease", "kcmp",
    "pidfd_open", "pidfd_getfd", "pidfd_send_signal", "kill", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo",
    "fork", "vfork", "setsid", "setpgid",
    // namespaces, mounts and the file system as a whole
    "unshare", "setns", "umount", "umount2", "chroot", "move_mount", "open_tree", "fsopen", "fsconfig",
    "fsmount", "fspick", "mount_setattr", "quotactl", "quotactl_fd", "name_to_handle_at", "fanotify_init",
    "acct", "mknod", "mknodat",
    // doors with a long record of holes
    "io_uring_setup", "io_uring_enter", "io_uring_register", "userfaultfd", "keyctl", "add_key",
    "request_key", "perf_event_open", "lookup_dcookie", "vmsplice", "remap_file_pages", "modify_ldt",
    "nfsservctl", "uselib",
    // the machine's own affairs
    "syslog", "swapon", "swapoff", "sethostname", "setdomainname", "settimeofday", "stime", "clock_settime",
    "clock_adjtime", "adjtimex", "iopl", "ioperm", "vhangup", "personality", "sched_setscheduler",
    "sched_setattr",
    // who we are
    "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setfsuid", "setfsgid", "setgroups",
    "capset"};

constexpr Names kNetwork{"socket", "connect", "bind", "listen", "accept", "accept4"};

/// Nothing that decodes or computes asks for these by accident.
constexpr Names kDeadly{"mount",       "pivot_root",   "bpf",           "kexec_load", "kexec_file_load",
                        "init_module", "finit_module", "delete_module", "reboot",     "open_by_handle_at"};

class Filter {
 public:
  Filter() : context_{seccomp_init(SCMP_ACT_ALLOW), seccomp_release} {
    if (!context_) note(-ENOMEM);
  }
  void add(Names names, std::uint32_t action) {
    for (const char* name : names) add(name, action);
  }
  void add(const char* name, std::uint32_t action) {
    const int call = seccomp_syscall_resolve_name(name);
    if (call >= 0) note(seccomp_rule_add_array(context_.get(), action, call, 0, nullptr));
  }
  void add_when(const char* name, std::uint32_t action, scmp_arg_cmp condition) {
    const int call = seccomp_syscall_resolve_name(name);
    if (call >= 0) note(seccomp_rule_add_array(context_.get(), action, call, 1, &condition));
  }
  std::string load() {
    if (error_ == 0) note(seccomp_load(context_.get()));
    return error_ == 0 ? std::string{} : std::string{"seccomp: "} + std::strerror(-error_);
  }

 private:
  void note(int result) {
    if (error_ == 0 && result < 0) error_ = result;
  }
  std::unique_ptr<void, void (*)(scmp_filter_ctx)> context_;
  int error_ = 0;
};

scmp_arg_cmp other_than(unsigned argument, std::uint64_t value) {
  return {.arg = argument, .op = SCMP_CMP_NE, .datum_a = value, .datum_b = 0};
}

/// A thread is allowed, a process is not. clone3 hides its flags from the filter; without it the C library
/// uses clone.
void refuse_processes(Filter& filter) {
  filter.add("clone3", SCMP_ACT_ERRNO(ENOSYS));
  filter.add_when("clone", SCMP_ACT_ERRNO(EPERM),
                  {.arg = 0, .op = SCMP_CMP_MASKED_EQ, .datum_a = CLONE_THREAD, .datum_b = 0});
  for (const int flag :
       {CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS}) {
    const auto space = static_cast<std::uint64_t>(flag);
    filter.add_when("clone", SCMP_ACT_ERRNO(EPERM),
                    {.arg = 0, .op = SCMP_CMP_MASKED_EQ, .datum_a = space, .datum_b = space});
  }
}

}  // namespace

std::string restrict_system_calls(bool no_network) {
  Filter filter;
  filter.add(kRefused, SCMP_ACT_ERRNO(EPERM));
  filter.add(kDeadly, SCMP_ACT_KILL_PROCESS);
  if (no_network) filter.add(kNetwork, SCMP_ACT_ERRNO(EPERM));
  refuse_processes(filter);
  // abort() signals its own process; nobody else's.
  filter.add_when("tgkill", SCMP_ACT_ERRNO(EPERM), other_than(0, static_cast<std::uint64_t>(::getpid())));
  return filter.load();
}

}  // namespace holdfast::confine
