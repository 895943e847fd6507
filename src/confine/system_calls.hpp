#pragma once

#include <string>

namespace holdfast::confine {

/// From here on this process cannot start processes, trace or signal others, or use the kernel's rarely
/// needed doors; with `no_network` it cannot make sockets. Threads and one more execve stay possible. Empty:
/// done; else what went wrong. Source: seccomp(2), libseccomp.
std::string restrict_system_calls(bool no_network);

}  // namespace holdfast::confine
