#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Processes of this machine as /proc tells of them.
namespace holdfast::drill {

struct Process {
  pid_t pid = 0;
  pid_t parent = 0;
  char state = '?';  ///< as in proc_pid_stat(5): Z is a zombie, T is stopped
  std::string name;  ///< at most 15 characters
};

/// Everything below `root`, children of children as well, without zombies.
[[nodiscard]] std::vector<Process> descendants(pid_t root);
/// The first of them whose program's name begins so; 0: there is none.
[[nodiscard]] pid_t find_descendant(pid_t root, std::string_view name);

/// Bytes of a kind of its memory as in proc_pid_status(5): VmRSS is resident, VmData private; 0: it is gone.
[[nodiscard]] std::uint64_t memory_of(pid_t pid, std::string_view kind);

/// Ends everything below this process and waits for it: what a drill left when it was ended from outside. Needs
/// adopt_orphans() before.
void end_descendants();
/// From now on a process whose parent ended becomes a child of this one.
void adopt_orphans();

}  // namespace holdfast::drill
