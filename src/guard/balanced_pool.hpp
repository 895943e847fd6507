#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/balance/balance.hpp"
#include "guard/services.hpp"
#include "ports/worker_pool.hpp"

namespace holdfast::guard {

/// One that answers language work for some roles. Its service is "endpoint/NAME".
struct Endpoint {
  std::string name;
  WorkerPool* pool = nullptr;  ///< outlives the BalancedPool
  std::set<std::string> roles{};  ///< empty: every role
  unsigned weight = 1;            ///< see core/balance
};

[[nodiscard]] std::string service_of(const Endpoint& endpoint);

/// Shares the language work of a role out among its endpoints, each behind a circuit breaker of its own. Where one
/// fails the next is asked within the same piece of work and its time: an answer comes whole or not at all, so nothing
/// is said twice. Work of roles without an endpoint, and all other work, goes to `own`.
class BalancedPool final : public WorkerPool {
 public:
  struct Deps {
    WorkerPool& own;
    Services& services;  ///< knows the service of each endpoint
    Clock& clock;
    std::vector<Endpoint> endpoints{};
    bool own_is_needed = true;  ///< some role has no endpoint: only then the own language workers are probed
  };
  explicit BalancedPool(Deps deps);

  /// Errors: dependency HF-SVC-01 (no endpoint of the role may be asked, or none can be reached); else what the last
  /// one that was asked failed with. So are those of the run.
  Task<Result<std::unique_ptr<WorkRun>>> start(WorkRequest request) override;
  /// Of the own workers. Each endpoint is probed by itself: `standing_of` sums that up.
  Task<Result<void>> probe(WorkerKind kind) override;
  unsigned room(WorkerKind kind, const std::string& role, bool repeats) override;
  bool is_away(WorkerKind kind, const std::string& role) override;
  bool has_less(WorkerKind kind, const std::string& role) override;
  /// The own workers, then every endpoint.
  std::vector<WorkerStatus> status() override;

  /// Is there an endpoint for that role?
  [[nodiscard]] bool serves(const std::string& role) const;
  /// Of a role that is served: does one of its endpoints answer, as far as is known? Errors: dependency HF-SVC-01, with
  /// what each of them failed with.
  [[nodiscard]] Result<void> standing_of(const std::string& role) const;
  [[nodiscard]] const std::vector<Endpoint>& endpoints() const { return deps_.endpoints; }

 private:
  friend class BalancedRun;
  [[nodiscard]] bool serves(const Endpoint& endpoint, const std::string& role) const;
  /// How many calls it would take now.
  [[nodiscard]] unsigned room_at(const Service& service, bool repeats) const;
  /// The endpoint that is asked next, none of `tried`; nullptr: none may be.
  const Endpoint* next(const WorkRequest& request, const std::set<std::string>& tried);

  Deps deps_;
  std::vector<balance::Place> places_;  ///< as deps_.endpoints
};

}  // namespace holdfast::guard
