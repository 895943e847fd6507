#pragma once

#include "guard/services.hpp"
#include "ports/worker_pool.hpp"

namespace holdfast::guard {

/// Which service does such work: ffmpeg, speech, language, language/ROLE, embedding.
[[nodiscard]] std::string service_of(WorkerKind kind, const std::string& role);

/// A pool behind circuit breakers: work for a service that rests is refused as a dependency, so that its job is
/// held and not charged; how work ends is told to the breaker.
class GuardedPool final : public WorkerPool {
 public:
  GuardedPool(WorkerPool& inner, Services& services) : inner_{inner}, services_{services} {}

  /// Errors: dependency HF-SVC-01 (the service rests); those of the pool inside.
  Task<Result<std::unique_ptr<WorkRun>>> start(WorkRequest request) override;
  Task<Result<void>> probe(WorkerKind kind) override { return inner_.probe(kind); }
  std::vector<WorkerStatus> status() override { return inner_.status(); }
  unsigned room(WorkerKind kind, const std::string& role, bool repeats) override;
  /// Its last probe failed, its breaker is open, or the pool inside knows that it is away.
  bool is_away(WorkerKind kind, const std::string& role) override;
  bool has_less(WorkerKind kind, const std::string& role) override { return inner_.has_less(kind, role); }

 private:
  [[nodiscard]] std::string known_service(WorkerKind kind, const std::string& role) const;

  WorkerPool& inner_;
  Services& services_;
};

}  // namespace holdfast::guard
