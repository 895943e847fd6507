#include "guard/guarded_pool.hpp"

#include "guard/guarded_run.hpp"

namespace holdfast::guard {

std::string service_of(WorkerKind kind, const std::string& role) {
  switch (kind) {
    case WorkerKind::media:
      return "ffmpeg";
    case WorkerKind::speech:
      return "speech";
    case WorkerKind::language:
      return role.empty() ? "language" : "language/" + role;
    case WorkerKind::embedding:
      return "embedding";
  }
  return {};
}

/// A role that no recipe named has the breaker of all others.
std::string GuardedPool::known_service(WorkerKind kind, const std::string& role) const {
  std::string name = service_of(kind, role);
  return services_.find(name) != nullptr ? name : service_of(kind, {});
}

unsigned GuardedPool::room(WorkerKind kind, const std::string& role, bool repeats) {
  return std::min(services_.room(known_service(kind, role), repeats), inner_.room(kind, role, repeats));
}

bool GuardedPool::is_away(WorkerKind kind, const std::string& role) {
  const Service* const service = services_.find(known_service(kind, role));
  return (service != nullptr && guard::is_away(*service)) || inner_.is_away(kind, role);
}

Task<Result<std::unique_ptr<WorkRun>>> GuardedPool::start(WorkRequest request) {
  std::string name = known_service(request.worker, request.role);
  auto starting = start_guarded(&inner_, &services_, std::move(name), std::move(request));
  co_return co_await std::move(starting);
}

}  // namespace holdfast::guard
