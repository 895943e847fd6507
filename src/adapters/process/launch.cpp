#include "adapters/process/launch.hpp"

#include <fcntl.h>
#include <spawn.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "worker/unique_fd.hpp"

namespace holdfast::process {
namespace {

/// Our descriptors stay above those that the child's own are put at, so that none is overwritten on the way.
constexpr int kAboveChildFds = 10;

/// The child's descriptors; everything above the last of them is closed in it.
class Files {
 public:
  Files() { ::posix_spawn_file_actions_init(&actions_); }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;
  ~Files() { ::posix_spawn_file_actions_destroy(&actions_); }

  void put(int ours, int theirs) {
    UniqueFd up{::fcntl(ours, F_DUPFD_CLOEXEC, kAboveChildFds)};
    note(up ? ::posix_spawn_file_actions_adddup2(&actions_, up.get(), theirs) : errno);
    raised_.push_back(std::move(up));
    last_ = std::max(last_, theirs);
  }
  void put_null(int theirs) { note(::posix_spawn_file_actions_addopen(&actions_, theirs, "/dev/null", O_RDWR, 0)); }
  void close_the_rest() { note(::posix_spawn_file_actions_addclosefrom_np(&actions_, last_ + 1)); }
  void enter(const std::string& folder) {
    if (!folder.empty()) note(::posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str()));
  }
  [[nodiscard]] int error() const { return error_; }
  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  void note(int error) {
    if (error_ == 0) error_ = error;
  }
  posix_spawn_file_actions_t actions_{};
  std::vector<UniqueFd> raised_;
  int last_ = STDERR_FILENO;
  int error_ = 0;
};

/// No blocked signals, default reactions.
class Attributes {
 public:
  explicit Attributes(bool own_group) {
    ::posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    const int group = own_group ? POSIX_SPAWN_SETPGROUP : 0;
    ::posix_spawnattr_setflags(&attributes_,
                               static_cast<short>(group | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
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

}  // namespace

int launch(Launch what, pid_t* pid) {
  if (what.words.empty()) return ENOENT;
  Files files;
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (std::ranges::find(what.descriptors, standard, &Launch::At::theirs) == what.descriptors.end())
      files.put_null(standard);
  }
  for (const auto& [ours, theirs] : what.descriptors) files.put(ours, theirs);
  files.close_the_rest();
  files.enter(what.folder);
  if (files.error() != 0) return files.error();
  const Attributes attributes{what.own_group};
  const auto arguments = pointers(what.words);
  const auto variables = pointers(what.variables);
  const auto start = what.look_in_path ? &::posix_spawnp : &::posix_spawn;
  return start(pid, arguments[0], files.get(), attributes.get(), arguments.data(), variables.data());
}

}  // namespace holdfast::process
