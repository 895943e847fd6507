#include "guard/balanced_pool.hpp"

#include <algorithm>
#include <numeric>

#include "guard/guarded_run.hpp"

namespace holdfast::guard {
namespace {

/// Whether another endpoint may do better: what is wrong with the request itself is so everywhere.
bool may_go_elsewhere(const Error& error) {
  switch (error.error_class()) {
    case ErrorClass::transient:
    case ErrorClass::dependency:
    case ErrorClass::resource:
      return true;
    default:
      return false;
  }
}

/// Jobs that wait for a role wait for any of its endpoints, not for the one that failed last.
Error for_role(const std::string& role, const Error& error) {
  if (error.error_class() != ErrorClass::dependency || error.code() == "HF-SVC-01") return error;
  return Error{ErrorClass::dependency, "HF-SVC-01",
               "no endpoint of " + role + " answers; the last: " + error.code() + " " + error.what()};
}

}  // namespace

std::string service_of(const Endpoint& endpoint) { return "endpoint/" + endpoint.name; }

/// A piece of work that goes from endpoint to endpoint until one has answered it, or its time is over.
class BalancedRun final : public WorkRun {
 public:
  BalancedRun(BalancedPool& pool, WorkRequest request)
      : pool_{pool}, request_{std::move(request)}, until_{pool.deps_.clock.mono_now() + request_.time_max} {}

  /// Errors: as BalancedPool::start.
  Task<Result<void>> begin() {
    for (;;) {
      const Endpoint* endpoint = time_left() > milliseconds{0} ? pool_.next(request_, tried_) : nullptr;
      if (endpoint == nullptr) co_return std::unexpected{for_role(request_.role, last_)};
      tried_.insert(endpoint->name);
      WorkRequest request = request_;
      request.time_max = time_left();
      auto starting =
          start_guarded(endpoint->pool, &pool_.deps_.services, service_of(*endpoint), std::move(request));
      auto begun = co_await std::move(starting);
      if (begun) {
        run_ = *std::move(begun);
        co_return Result<void>{};
      }
      last_ = begun.error();
      if (!may_go_elsewhere(last_)) co_return std::unexpected{last_};
    }
  }

  Task<Result<WorkEvent>> next() override {
    for (;;) {
      auto waiting = run_->next();
      auto event = co_await std::move(waiting);
      if (event || !may_go_elsewhere(event.error())) co_return event;
      last_ = event.error();
      auto going_on = begin();
      HF_CO_TRY_VOID(co_await std::move(going_on));
    }
  }

  void judge(const Error* unusable) override { run_->judge(unusable); }

 private:
  [[nodiscard]] milliseconds time_left() const { return until_ - pool_.deps_.clock.mono_now(); }

  BalancedPool& pool_;
  WorkRequest request_;
  MonoTime until_;
  std::set<std::string> tried_;
  std::unique_ptr<WorkRun> run_;
  Error last_{ErrorClass::dependency, "HF-SVC-01", "no endpoint may be asked now"};
};

BalancedPool::BalancedPool(Deps deps) : deps_{std::move(deps)} {
  for (const Endpoint& endpoint : deps_.endpoints) places_.push_back({.weight = endpoint.weight});
}

bool BalancedPool::serves(const Endpoint& endpoint, const std::string& role) const {
  return endpoint.roles.empty() || endpoint.roles.contains(role);
}

bool BalancedPool::serves(const std::string& role) const {
  return std::ranges::any_of(deps_.endpoints, [&](const Endpoint& endpoint) { return serves(endpoint, role); });
}

unsigned BalancedPool::room_at(const Service& service, bool repeats) const {
  return service.health == Health::down ? 0 : deps_.services.room(service.config.name, repeats);
}

const Endpoint* BalancedPool::next(const WorkRequest& request, const std::set<std::string>& tried) {
  for (std::size_t at = 0; at < places_.size(); ++at) {
    const Endpoint& endpoint = deps_.endpoints[at];
    const Service* service = deps_.services.find(service_of(endpoint));
    places_[at].usable = serves(endpoint, request.role) && !tried.contains(endpoint.name) && service != nullptr &&
                         room_at(*service, request.repeats) > 0;
    places_[at].in_flight = service != nullptr ? service->in_flight : 0;
  }
  const auto chosen = balance::choose(places_);
  return chosen ? &deps_.endpoints[*chosen] : nullptr;
}

Task<Result<std::unique_ptr<WorkRun>>> BalancedPool::start(WorkRequest request) {
  if (request.worker != WorkerKind::language || !serves(request.role)) {
    auto starting = deps_.own.start(std::move(request));
    co_return co_await std::move(starting);
  }
  auto run = std::make_unique<BalancedRun>(*this, std::move(request));
  auto beginning = run->begin();
  HF_CO_TRY_VOID(co_await std::move(beginning));
  co_return std::move(run);
}

Task<Result<void>> BalancedPool::probe(WorkerKind kind) {
  if (kind == WorkerKind::language && !deps_.own_is_needed) co_return Result<void>{};
  auto probing = deps_.own.probe(kind);
  co_return co_await std::move(probing);
}

unsigned BalancedPool::room(WorkerKind kind, const std::string& role, bool repeats) {
  if (kind != WorkerKind::language || !serves(role)) return deps_.own.room(kind, role, repeats);
  unsigned room = 0;
  for (const Endpoint& endpoint : deps_.endpoints) {
    const Service* service = deps_.services.find(service_of(endpoint));
    if (!serves(endpoint, role) || service == nullptr) continue;
    const unsigned more = room_at(*service, repeats);
    room = more > kRoomForAll - room ? kRoomForAll : room + more;
  }
  return room;
}

bool BalancedPool::is_away(WorkerKind kind, const std::string& role) {
  if (kind != WorkerKind::language || !serves(role)) return deps_.own.is_away(kind, role);
  return !standing_of(role);
}

bool BalancedPool::has_less(WorkerKind kind, const std::string& role) {
  return (kind != WorkerKind::language || !serves(role)) && deps_.own.has_less(kind, role);
}

Result<void> BalancedPool::standing_of(const std::string& role) const {
  std::string why;
  for (const Endpoint& endpoint : deps_.endpoints) {
    const Service* service = deps_.services.find(service_of(endpoint));
    if (!serves(endpoint, role) || service == nullptr) continue;
    if (!guard::is_away(*service)) return {};
    why += (why.empty() ? "" : "; ") + endpoint.name + ": " +
           (service->health == Health::down ? service->code + " " + service->message : "it rests");
  }
  return fail(ErrorClass::dependency, "HF-SVC-01", "no endpoint of " + role + " answers: " + why);
}

std::vector<WorkerStatus> BalancedPool::status() {
  std::vector<WorkerStatus> all = deps_.own.status();
  for (const Endpoint& endpoint : deps_.endpoints) {
    auto theirs = endpoint.pool->status();
    for (WorkerStatus& status : theirs) status.runs = endpoint.name;
    all.insert(all.end(), std::make_move_iterator(theirs.begin()), std::make_move_iterator(theirs.end()));
  }
  return all;
}

}  // namespace holdfast::guard
