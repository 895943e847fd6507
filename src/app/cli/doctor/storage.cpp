#include <fcntl.h>
#include <linux/magic.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <memory>

#include "app/cli/client.hpp"
#include "app/cli/doctor/check.hpp"
#include "app/cli/render.hpp"

namespace holdfast::cli::doctor {

namespace {

namespace fs = std::filesystem;
using std::chrono::system_clock;

/// Before this moment no build of this program existed: a clock that shows less is wrong.
constexpr auto kEarliest = std::chrono::sys_days{std::chrono::year{2025} / 1 / 1};
constexpr std::chrono::minutes kAheadMax{5};

struct FileSystem {
  long magic;
  const char* name;
  const char* trouble;  ///< nullptr: none
};
constexpr std::array<FileSystem, 9> kFileSystems = {{
    {0xEF53, "ext4", nullptr},
    {0x58465342, "xfs", nullptr},
    {0x9123683E, "btrfs", nullptr},
    {0x2FC12FC1, "zfs", nullptr},
    {0x794C7630, "overlayfs", "what a container writes is gone with it"},
    {0x01021994, "tmpfs", "it is gone after a restart of the machine"},
    {0x6969, "nfs", "locks and durable writes are not certain there"},
    {0xFF534D42, "cifs", "locks and durable writes are not certain there"},
    {0x65735546, "fuse", "locks and durable writes are not certain there"},
}};

/// The folder itself, or the nearest one above that is there: the data folder is made at the first start.
fs::path nearest_existing(fs::path path) {
  std::error_code problem;
  while (!fs::exists(path, problem) && path.has_relative_path()) path = path.parent_path();
  return path.empty() ? "." : path;
}

/// Makes, syncs and removes a nameless file. Returns 0 or the error number.
int try_writing(const fs::path& folder) {
  const int file = open(folder.c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
  if (file < 0) return errno;
  const bool well = write(file, "holdfast", 8) == 8 && fsync(file) == 0;
  const int problem = well ? 0 : errno;
  close(file);
  return problem;
}

const FileSystem* file_system_of(const fs::path& folder) {
  struct statfs info{};
  if (statfs(folder.c_str(), &info) != 0) return nullptr;
  for (const auto& known : kFileSystems) {
    if (known.magic == static_cast<long>(info.f_type)) return &known;
  }
  return nullptr;
}

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

/// Binds and listens for a moment. Returns 0 or the error number; -1: the host is not known.
int try_listening(const Address& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found) != 0) return -1;
  const AddressList list{found, &freeaddrinfo};
  const int listener = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const bool well = bind(listener, found->ai_addr, found->ai_addrlen) == 0 && listen(listener, 1) == 0;
  const int problem = well ? 0 : errno;
  close(listener);
  return problem;
}

bool is_holdfast(const Address& address) {
  const Timeouts brief{.connect = milliseconds{2'000},
                       .send = milliseconds{2'000},
                       .answer = milliseconds{5'000},
                       .receive = milliseconds{2'000}};
  const auto answer = exchange(address, {.method = "GET", .target = "/livez"}, brief);
  return answer && answer->status == 200;
}

}  // namespace

Check check_data_folder(const Settings& settings) {
  const std::string& data = settings.storage.data;
  const fs::path folder = nearest_existing(data);
  const bool made = folder == fs::path{data};
  if (const int problem = try_writing(folder); problem != 0) {
    return bad(
        "data folder", folder.string() + " cannot be written: " + std::strerror(problem),
        "Make " + data + " writable for this user, or name another folder with --data or storage.data.");
  }
  const FileSystem* const kind = file_system_of(folder);
  Check check{.name = "data folder",
              .text = data + (made ? "" : " (made at the first start)") + ", writable and durable"};
  check.text += kind == nullptr ? ", a file system that is not known here" : std::string{", "} + kind->name;
  if (kind != nullptr && kind->trouble != nullptr) {
    check.state = State::warn;
    check.text += std::string{": "} + kind->trouble;
    check.what_to_do = "Put the data folder on a local disk (ext4, xfs, btrfs, zfs).";
  }
  return check;
}

Check check_space(const Settings& settings) {
  const fs::path folder = nearest_existing(settings.storage.data);
  struct statvfs info{};
  if (statvfs(folder.c_str(), &info) != 0)
    return bad("space", "cannot be found out: " + std::string{std::strerror(errno)}, "");
  const std::uint64_t free = static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
  const std::uint64_t reserve = settings.storage.reserve;
  const std::string text = human_size(free) + " free, " + human_size(reserve) + " of it kept in reserve";
  if (free <= reserve)
    return bad("space", text, "Make room: uploads are refused below the reserve (storage.reserve).");
  Check check{.name = "space", .text = text};
  if (free - reserve < settings.uploads.max_size) {
    check.state = State::warn;
    check.what_to_do = "A file of the largest size that is allowed (uploads.max_size) does not fit any more.";
  }
  return check;
}

Check check_clock(const Settings& settings) {
  const auto now = system_clock::now();
  if (now < kEarliest)
    return bad("clock", "the system's time is before 2025", "Set the clock (timedatectl, chrony).");
  struct stat info{};
  const fs::path folder = nearest_existing(settings.storage.data);
  const bool known = stat(folder.c_str(), &info) == 0;
  const auto changed = system_clock::from_time_t(known ? info.st_mtime : 0);
  if (changed > now + kAheadMax) {
    return {.name = "clock",
            .state = State::warn,
            .text = "the data folder was changed later than now: the clock went back",
            .what_to_do = "Check the clock (timedatectl, chrony); waiting times depend on it."};
  }
  return {.name = "clock", .text = "plausible"};
}

Check check_port(const Settings& settings) {
  const std::string& listen = settings.server.listen;
  const auto address = parse_address("http://" + listen);
  if (!address) return bad("port", listen + " is not an address", "Correct server.listen.");
  const int problem = try_listening(*address);
  if (problem == 0) return {.name = "port", .text = listen + " is free"};
  if (problem == EADDRINUSE && is_holdfast(*address))
    return {.name = "port", .text = "a Holdfast is running at " + listen};
  const std::string why = problem == -1 ? "the host is not known" : std::strerror(problem);
  return bad("port", listen + " cannot be used: " + why,
             "Stop what uses it, or choose another with --listen or server.listen.");
}

}  // namespace holdfast::cli::doctor
