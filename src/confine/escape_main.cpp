// Plays a decoder that was taken over: `hf-escape ATTEMPT [ARGUMENT]` tries one way out.
// Ends with 0 when it worked, 3 when it was refused.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using Argument = const char*;
using Attempt = bool (*)(Argument);

bool can_read(Argument file) {
  const int fd = ::open(file, O_RDONLY);
  char byte = 0;
  return fd >= 0 && ::read(fd, &byte, 1) >= 0;
}
bool can_write(Argument file) {
  const int fd = ::open(file, O_WRONLY | O_CREAT, 0600);
  return fd >= 0 && ::write(fd, "x", 1) == 1;
}
bool can_fill(Argument file) {
  const int fd = ::open(file, O_WRONLY | O_CREAT, 0600);
  const std::vector<char> block(1U << 20U);
  ::signal(SIGXFSZ, SIG_IGN);
  for (int i = 0; i < 64; ++i) {
    if (::write(fd, block.data(), block.size()) != static_cast<ssize_t>(block.size())) return false;
  }
  return fd >= 0;
}
bool can_connect(Argument port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{.sin_family = AF_INET, .sin_port = htons(static_cast<std::uint16_t>(std::atoi(port)))};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return fd >= 0 && ::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
}
bool can_datagram(Argument) { return ::socket(AF_INET6, SOCK_DGRAM, 0) >= 0; }
bool can_raw_socket(Argument) {
  return ::socket(AF_PACKET, SOCK_RAW, 0) >= 0 || ::socket(AF_NETLINK, SOCK_RAW, 0) >= 0;
}
bool can_unix_socket(Argument) { return ::socket(AF_UNIX, SOCK_STREAM, 0) >= 0; }
bool can_fork(Argument) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  return child > 0;
}
bool can_clone3(Argument) {
  struct {
    std::uint64_t words[11];
  } arguments{};
  const long child = ::syscall(SYS_clone3, &arguments, sizeof arguments);
  if (child == 0) ::_exit(0);
  return child > 0;
}
bool can_signal(Argument pid) { return ::kill(std::atoi(pid), 0) == 0; }
bool can_signal_all(Argument) { return ::kill(-1, 0) == 0; }
bool can_tgkill(Argument pid) { return ::syscall(SYS_tgkill, std::atoi(pid), std::atoi(pid), 0) == 0; }
bool can_trace(Argument pid) { return ::ptrace(PTRACE_SEIZE, std::atoi(pid), nullptr, nullptr) == 0; }
bool can_read_memory(Argument pid) {
  char byte = 0;
  iovec here{&byte, 1};
  iovec there{reinterpret_cast<void*>(&can_read_memory), 1};
  return ::process_vm_readv(std::atoi(pid), &here, 1, &there, 1, 0) == 1 || errno == EFAULT;
}
bool can_pidfd(Argument pid) { return ::syscall(SYS_pidfd_open, std::atoi(pid), 0) >= 0; }
bool can_mount(Argument) { return ::mount("none", "/mnt", "tmpfs", 0, nullptr) == 0; }
bool can_unshare(Argument) { return ::unshare(CLONE_NEWUSER) == 0 || ::unshare(CLONE_NEWNET) == 0; }
bool can_chroot(Argument) { return ::chroot("/") == 0; }
bool can_uring(Argument) {
  io_uring_params params{};
  return ::syscall(SYS_io_uring_setup, 4, &params) >= 0;
}
bool can_userfault(Argument) {
  return ::syscall(SYS_userfaultfd, 0) >= 0 || ::syscall(SYS_userfaultfd, 1) >= 0;
}
bool can_keys(Argument) { return ::syscall(SYS_keyctl, 0, -3, 1) >= 0; }
bool can_bpf(Argument) {
  return ::syscall(SYS_bpf, 0, nullptr, 0) >= 0 || errno == EFAULT || errno == EINVAL;
}
bool can_leave_session(Argument) { return ::setsid() >= 0; }
bool can_become(Argument) { return ::setuid(1) == 0; }
bool can_raise_limit(Argument) {
  const rlimit more{.rlim_cur = 1U << 20U, .rlim_max = 1U << 20U};
  return ::setrlimit(RLIMIT_NOFILE, &more) == 0;
}
bool can_symlink(Argument place) { return ::symlink("/etc/passwd", place) == 0; }
bool can_hard_link(Argument place) { return ::link("/etc/passwd", place) == 0; }
bool can_fifo(Argument place) { return ::mkfifo(place, 0600) == 0; }
bool can_take_memory(Argument) {
  for (int i = 0; i < 4096; ++i) {
    void* piece = ::mmap(nullptr, 1U << 20U, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (piece == MAP_FAILED) return false;
    std::memset(piece, 1, 1U << 20U);
  }
  return true;
}
bool can_open_many(Argument) {
  for (int i = 0; i < 4096; ++i) {
    if (::dup(1) < 0) return false;
  }
  return true;
}
bool can_spin(Argument) {
  volatile bool stop = false;
  std::thread spinning{[&stop] {
    while (!stop) {
    }
  }};
  ::sleep(20);
  stop = true;
  spinning.join();
  return true;
}
bool can_run(Argument program) {
  const char* const none[] = {nullptr};
  ::execve(program, const_cast<char* const*>(none), const_cast<char* const*>(none));
  return false;  // reached only when it was refused
}
bool has_variable(Argument name) { return ::getenv(name) != nullptr; }
bool has_descriptor(Argument number) { return ::fcntl(std::atoi(number), F_GETFD) >= 0; }

// What must go on working.
bool does_thread(Argument) {
  int value = 0;
  std::thread{[&value] { value = 1; }}.join();
  return value == 1;
}
bool does_abort_itself(Argument) { std::abort(); }
bool does_sleep(Argument) {
  ::sleep(600);
  return true;
}

const std::map<std::string_view, Attempt> kAttempts{{"read", can_read},
                                                    {"write", can_write},
                                                    {"fill", can_fill},
                                                    {"connect", can_connect},
                                                    {"datagram", can_datagram},
                                                    {"raw_socket", can_raw_socket},
                                                    {"unix_socket", can_unix_socket},
                                                    {"fork", can_fork},
                                                    {"clone3", can_clone3},
                                                    {"signal", can_signal},
                                                    {"signal_all", can_signal_all},
                                                    {"tgkill", can_tgkill},
                                                    {"trace", can_trace},
                                                    {"read_memory", can_read_memory},
                                                    {"pidfd", can_pidfd},
                                                    {"mount", can_mount},
                                                    {"unshare", can_unshare},
                                                    {"chroot", can_chroot},
                                                    {"uring", can_uring},
                                                    {"userfault", can_userfault},
                                                    {"keys", can_keys},
                                                    {"bpf", can_bpf},
                                                    {"leave_session", can_leave_session},
                                                    {"become", can_become},
                                                    {"raise_limit", can_raise_limit},
                                                    {"symlink", can_symlink},
                                                    {"hard_link", can_hard_link},
                                                    {"fifo", can_fifo},
                                                    {"take_memory", can_take_memory},
                                                    {"open_many", can_open_many},
                                                    {"spin", can_spin},
                                                    {"run", can_run},
                                                    {"has_variable", has_variable},
                                                    {"has_descriptor", has_descriptor},
                                                    {"thread", does_thread},
                                                    {"abort", does_abort_itself},
                                                    {"sleep", does_sleep}};

}  // namespace

int main(int count, char** words) {
  const auto found = count > 1 ? kAttempts.find(words[1]) : kAttempts.end();
  if (found == kAttempts.end()) return 9;
  return found->second(count > 2 ? words[2] : "") ? 0 : 3;
}
