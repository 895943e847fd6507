#include "confine/landlock.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace holdfast::confine {
namespace {

// The kernel's interface, written down here because the system's header may be older than the kernel.
struct RulesetAttributes {
  std::uint64_t handled_files = 0;
  std::uint64_t handled_network = 0;  // from ABI 4
  std::uint64_t scoped = 0;           // from ABI 6
};
struct [[gnu::packed]] PathBeneath {
  std::uint64_t allowed = 0;
  std::int32_t parent = -1;
};
constexpr unsigned kVersionFlag = 1;
constexpr int kPathBeneath = 1;

constexpr std::uint64_t kExecute = 1U << 0U;
constexpr std::uint64_t kWriteFile = 1U << 1U;
constexpr std::uint64_t kReadFile = 1U << 2U;
constexpr std::uint64_t kReadFolder = 1U << 3U;
constexpr std::uint64_t kRemoveFile = 1U << 5U;
constexpr std::uint64_t kMakeFile = 1U << 8U;
constexpr std::uint64_t kTruncate = 1U << 14U;
constexpr std::uint64_t kControlDevice = 1U << 15U;
/// What may be asked of something that is not a folder.
constexpr std::uint64_t kOfFiles = kExecute | kWriteFile | kReadFile | kTruncate | kControlDevice;

constexpr std::uint64_t kReading = kReadFile | kReadFolder;
constexpr std::uint64_t kRunning = kReading | kExecute;
constexpr std::uint64_t kWriting = kReading | kWriteFile | kRemoveFile | kMakeFile | kTruncate;
constexpr std::uint64_t kDriving = kReading | kWriteFile | kControlDevice;

constexpr std::uint64_t kAllConnections = 3;  // bind and connect, TCP
constexpr std::uint64_t kAllScopes = 3;       // abstract Unix sockets, signals

std::uint64_t known_file_rights(int abi) {
  if (abi >= 5) return (1U << 16U) - 1;
  if (abi >= 3) return (1U << 15U) - 1;
  if (abi == 2) return (1U << 14U) - 1;
  return (1U << 13U) - 1;
}
std::size_t attributes_size(int abi) {
  if (abi >= 6) return sizeof(RulesetAttributes);
  if (abi >= 4) return offsetof(RulesetAttributes, scoped);
  return offsetof(RulesetAttributes, handled_network);
}

class Ruleset {
 public:
  Ruleset(int abi, bool no_network) : rights_{known_file_rights(abi)} {
    const RulesetAttributes attributes{.handled_files = rights_,
                                       .handled_network = no_network ? kAllConnections : 0,
                                       .scoped = no_network ? kAllScopes : 0};
    fd_ = static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, attributes_size(abi), 0));
    if (fd_ < 0) note("Landlock rules");
  }
  Ruleset(const Ruleset&) = delete;
  Ruleset& operator=(const Ruleset&) = delete;
  ~Ruleset() {
    if (fd_ >= 0) ::close(fd_);
  }

  /// What the caller asked for must be there.
  void allow(const std::string& place, std::uint64_t rights) {
    if (!add(place, rights)) note(place);
  }
  /// What only some systems have.
  void allow_if_there(const std::string& place, std::uint64_t rights) {
    if (!add(place, rights) && errno != ENOENT) note(place);
  }
  void enforce() {
    if (problem_.empty() && ::syscall(SYS_landlock_restrict_self, fd_, 0) != 0) note("Landlock");
  }
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  bool add(const std::string& place, std::uint64_t rights) {
    const int fd = ::open(place.c_str(), O_PATH | O_CLOEXEC);
    if (fd < 0) return false;
    struct stat info{};
    if (::fstat(fd, &info) == 0 && !S_ISDIR(info.st_mode)) rights &= kOfFiles;
    const PathBeneath rule{.allowed = rights & rights_, .parent = fd};
    const bool added = ::syscall(SYS_landlock_add_rule, fd_, kPathBeneath, &rule, 0) == 0;
    const int error = errno;
    ::close(fd);
    errno = error;
    return added;
  }
  void note(const std::string& what) {
    if (problem_.empty()) problem_ = what + ": " + std::strerror(errno);
  }

  std::uint64_t rights_;
  int fd_ = -1;
  std::string problem_;
};

void allow_system(Ruleset& rules) {
  for (const char* folder : {"/usr", "/lib", "/lib32", "/lib64", "/bin"})
    rules.allow_if_there(folder, kRunning);
  for (const char* file :
       {"/etc/ld.so.cache", "/etc/ld.so.preload", "/dev/urandom", "/dev/zero", "/proc/cpuinfo",
        "/proc/meminfo", "/sys/devices/system/cpu", "/etc/alternatives"}) {
    rules.allow_if_there(file, kReading);
  }
  rules.allow_if_there("/dev/null", kReading | kWriteFile);
}

}  // namespace

int landlock_abi() {
  const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kVersionFlag);
  return abi > 0 ? static_cast<int>(abi) : 0;
}

std::string restrict_files(const Arguments& arguments, int abi) {
  Ruleset rules{abi, arguments.no_network};
  allow_system(rules);
  const std::string program = arguments.command.front();
  if (program.find('/') != std::string::npos) rules.allow_if_there(program, kRunning);
  for (const auto& place : arguments.read) rules.allow(place, kReading);
  for (const auto& place : arguments.write) rules.allow(place, kWriting);
  for (const auto& place : arguments.devices) rules.allow(place, kDriving);
  rules.enforce();
  return rules.problem();
}

}  // namespace holdfast::confine
