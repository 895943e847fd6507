#include "app/drill/unshared.hpp"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "app/drill/scene.hpp"
#include "worker/unique_fd.hpp"

namespace holdfast::drill {
namespace {

std::unexpected<Error> refused(const std::string& what) { return not_here(what + ": " + std::strerror(errno)); }

/// In a new user namespace we are who we were, with all rights over what was made in it.
void keep_our_ids(uid_t user, gid_t group) {
  std::ofstream{"/proc/self/setgroups"} << "deny";
  std::ofstream{"/proc/self/uid_map"} << user << ' ' << user << " 1\n";
  std::ofstream{"/proc/self/gid_map"} << group << ' ' << group << " 1\n";
}

Result<void> take_apart(int what, const std::string& name) {
  if (::unshare(what) == 0) return {};
  const uid_t user = ::geteuid();
  const gid_t group = ::getegid();
  if (::unshare(what | CLONE_NEWUSER) != 0) return refused("no " + name + " of our own is allowed here");
  keep_our_ids(user, group);
  return {};
}

}  // namespace

Result<void> leave_the_network() {
  HF_TRY_VOID(take_apart(CLONE_NEWNET, "network namespace"));
  const UniqueFd socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  ifreq device{};
  std::strncpy(device.ifr_name, "lo", IFNAMSIZ - 1);
  device.ifr_flags = IFF_UP | IFF_RUNNING;
  if (::ioctl(socket.get(), SIOCSIFFLAGS, &device) != 0) return refused("the loopback device cannot be switched on");
  return {};
}

Result<void> mount_small(const std::filesystem::path& folder, std::uint64_t bytes) {
  HF_TRY_VOID(take_apart(CLONE_NEWNS, "mount namespace"));
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return refused("mounts cannot be made private");
  std::filesystem::create_directories(folder);
  const std::string size = "mode=0700,size=" + std::to_string(bytes);
  if (::mount("tmpfs", folder.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, size.c_str()) != 0)
    return refused("no small file system can be mounted");
  return {};
}

Result<std::filesystem::path> find_faketime() {
  for (const char* folder : {"/usr/lib/x86_64-linux-gnu/faketime", "/usr/lib/aarch64-linux-gnu/faketime"}) {
    std::filesystem::path library = std::filesystem::path{folder} / "libfaketimeMT.so.1";
    if (::access(library.c_str(), R_OK) == 0) return library;
  }
  return not_here("libfaketime (Debian package faketime) is not installed");
}

Result<std::filesystem::path> find_program(const Environment& environment, std::string_view name) {
  std::istringstream folders{lookup(environment, "PATH")};
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::filesystem::path file = std::filesystem::path{folder} / name;
    if (::access(file.c_str(), X_OK) == 0) return file;
  }
  return not_here(std::string{name} + " is not installed");
}

}  // namespace holdfast::drill
