#include "app/worker_restart.hpp"

#include <signal.h>

namespace holdfast {

Result<unsigned> end_workers(const std::vector<WorkerStatus>& workers, const std::string& which) {
  unsigned ended = 0;
  for (const WorkerStatus& worker : workers) {
    const bool meant = to_word(worker.kind) == which || std::to_string(worker.pid) == which;
    if (worker.pid > 1 && meant && ::kill(worker.pid, SIGKILL) == 0) ended += 1;
  }
  if (ended == 0) return fail(ErrorClass::not_found, "HF-WRK-01", "there is no worker process " + which);
  return ended;
}

}  // namespace holdfast
