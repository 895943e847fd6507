#pragma once

#include "adapters/process/child_process.hpp"

namespace holdfast::process {

/// A new child and our ends of its pipes.
struct Spawned {
  int pid = -1;
  UniqueFd pidfd;
  UniqueFd stderr_end;
  UniqueFd channel;
  UniqueFd output;
};

/// Errors: as ChildProcess::spawn.
Result<Spawned> spawn(const ChildSpec& spec);

/// Whether the child is dead and waits to be reaped.
bool has_ended(int pid);

/// Kills the process group and takes the leader's exit status, waiting for it. Call once for each child.
ChildExit kill_and_reap(int pid);

}  // namespace holdfast::process
